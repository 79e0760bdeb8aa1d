"""The authors' own test, made again of the runs that they print."""

import math
import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product

import numpy as np
from scipy import stats

from analysis.audit.finding import Finding, Outcome, finding
from analysis.audit.printed_numbers import Printed
from analysis.inference.mann_whitney import mann_whitney
from analysis.inference.paired import Pairs, pair
from analysis.inference.permutation import permutation_test
from analysis.inference.result import Alternative, TestResult
from analysis.inference.samples import Samples, samples
from analysis.inference.sign_flip import sign_flip_test
from analysis.inference.wilcoxon import wilcoxon_signed_rank
from analysis.presentation.numbers import format_number, p_statement

_SLACK = 0.02
"""By which share p may differ because runs are printed rounded, and for no other reason."""

_FEWEST_DRAWS = 1000
"""Arrangements that authors draw at least, where they do not count them all."""

_MOST_ERRORS = 4
"""How many standard errors a p of drawn arrangements may lie off."""

_NAMES = {
    "paired_t": "The paired t-test",
    "pooled_t": "Student's t-test",
    "welch_t": "Welch's test",
    "wilcoxon": "Wilcoxon's signed-rank test",
    "sign_flip": "The sign-flip test",
    "mann_whitney": "The Mann-Whitney test",
    "permutation": "The permutation test of two samples",
}
_OF_PAIRS = frozenset({"paired_t", "wilcoxon", "sign_flip"})
_DRAWN = frozenset({"sign_flip", "permutation"})


@dataclass(frozen=True, slots=True)
class _Made:
    """A test of the runs.

    Attributes:
        p: its two-sided p.
        t: its t; None where it has none.
        one_sided: the p of the side on which the runs lie.
        others: two-sided p of the same test by other computations in use: approximations.
        ties: the share of arrangements that come out just as the runs.
    """

    p: float
    t: float | None
    one_sided: float
    others: tuple[float, ...] = ()
    ties: float = 0.0


def repeated_test(
    used: str | None,
    better: Sequence[float],
    worse: Sequence[float],
    *,
    p: Printed | None,
    statistic: Printed | None = None,
    sides: int | None = None,
    corrected_for: int = 1,
) -> Iterator[Finding]:
    """Whether the printed p and t are those that the test gives of these runs.

    A flag and no failure: the authors may have tested other runs than those they print. Tests of
    ranks may have been exact or approximate, and those of arrangements drawn: all are accepted,
    p of drawn ones with four standard errors of 1,000 draws.

    Args:
        used: what they say they used; a test that is not known here is not made again.
        better: runs of the arm said to be better, in their order.
        worse: runs of the other.
        p: as printed.
        statistic: as printed; only that of t-tests is looked at.
        sides: 1 or 2, where it is declared; both are accepted where it is not.
        corrected_for: of how many tests p is corrected for the family: it then lies between the
            test's own p and so many times it, whichever correction was used.
    """
    made = _made(used, better, worse)
    if made is None:
        return
    statistic = statistic if made.t is not None else None
    if p is None and statistic is None:
        return
    p_fits = p is None or any(
        _agrees(p, *_window(each, used, made.ties, corrected_for)) for each in _fitting(made, sides)
    )
    t = made.t
    t_fits = statistic is None or t is None or any(_near(statistic, each) for each in (t, -t))
    printed = ", ".join(
        f"{name} {each if each.relation != '=' else f'= {each}'}"
        for name, each in (("t", statistic), ("p", p))
        if each is not None
    )
    recomputed = p_statement(made.p)
    if t is not None:
        recomputed = f"t = {format_number(t, 3)}, {recomputed}"
    if corrected_for > 1:
        recomputed += f" before any correction for {corrected_for} tests"
    verb = "gives" if p_fits and t_fits else "does not give"
    yield finding(
        "p_recompute",
        Outcome.PASS if p_fits and t_fits else Outcome.FLAG,
        f"{_NAMES[used or '']} of the printed runs {verb} the printed {printed}: "
        f"it is {recomputed}.",
        test=used,
        t_of_runs=t,
        p_of_runs=made.p,
        statistic=statistic,
        p=p,
        corrected_for=corrected_for,
    )


def _fitting(made: _Made, sides: int | None) -> tuple[float, ...]:
    """Every p that may be printed."""
    two = (made.p, *made.others)
    one = (made.one_sided, *(each / 2 for each in made.others))
    return {1: one, 2: two}.get(sides or 0, (*two, *one))


def _window(
    p_value: float, used: str | None, ties: float, corrected_for: int
) -> tuple[float, float]:
    """Between which numbers a p may be printed that is this one."""
    low, high = p_value * (1 - _SLACK), p_value * (1 + _SLACK)
    if used in _DRAWN:
        error = math.sqrt(p_value * (1 - p_value) / _FEWEST_DRAWS)
        # Floating point makes many a program miss arrangements that tie, on either side.
        low -= _MOST_ERRORS * error + 2 * ties
        # The arrangement observed is often counted with those drawn.
        high += _MOST_ERRORS * error + 1 / _FEWEST_DRAWS
    return low, min(high * corrected_for, 1.0)


def _made(used: str | None, better: Sequence[float], worse: Sequence[float]) -> _Made | None:
    """The test of the runs; None where it cannot be made."""
    if used not in _NAMES or min(len(better), len(worse)) < 2:
        return None
    if len({*better, *worse}) == 1 or (used in _OF_PAIRS and len(better) != len(worse)):
        return None
    if used in _T_TESTS:
        return _t_test(used, better, worse)
    if used in _OF_PAIRS:
        pairs = pair(better, worse)
        if not np.any(pairs.signs):
            return None
        if used == "wilcoxon":
            approximate = _approximate_wilcoxon(better, worse)
            return _with_sides(
                lambda side: wilcoxon_signed_rank(pairs, alternative=side), approximate
            )
        return _with_sides(lambda side: _flipped(pairs, side))
    both = samples(better, worse)
    if used == "mann_whitney":
        approximate = _approximate_mann_whitney(better, worse)
        return _with_sides(lambda side: mann_whitney(both, alternative=side), approximate)
    return _with_sides(lambda side: _permuted(both, side))


def _flipped(pairs: Pairs, side: Alternative) -> TestResult:
    return sign_flip_test(pairs, alternative=side, rng=np.random.default_rng(0))


def _permuted(both: Samples, side: Alternative) -> TestResult:
    return permutation_test(both, alternative=side, rng=np.random.default_rng(0))


def _with_sides(
    test: Callable[[Alternative], TestResult], others: tuple[float, ...] = ()
) -> _Made | None:
    two, greater, less = (test(side).p_value for side in ("two-sided", "greater", "less"))
    if two is None or greater is None or less is None:
        return None
    return _Made(two, None, min(greater, less), others, max(greater + less - 1, 0.0))


def _approximate_wilcoxon(better: Sequence[float], worse: Sequence[float]) -> tuple[float, ...]:
    """P as programs have it: approximate, zeros left out, ties broken by floating point or not."""
    raw = [one - other for one, other in zip(better, worse, strict=True)]
    found: set[float] = set()
    with warnings.catch_warnings():
        # SciPy warns where it approximates because of ties, which is what is wanted.
        warnings.simplefilter("ignore")
        for differences in (raw, [round(each, 10) for each in raw]):
            found.update(
                float(
                    stats.wilcoxon(
                        differences, zero_method=zeros, correction=each, method="approx"
                    ).pvalue
                )
                for zeros, each in product(("wilcox", "pratt"), (False, True))
            )
            found.update(_exact_without_zeros(differences))
    return tuple(each for each in found if math.isfinite(each))


def _exact_without_zeros(differences: Sequence[float]) -> Iterator[float]:
    """P by counting, of the pairs that differ: by their ranks as they are, and as if none tied."""
    left = [each for each in differences if each]
    if not left or len(left) > _EXACT_UP_TO_PAIRS:
        return
    # Whole ranks keep the order that floating point gave them, ties or none.
    ranks = 2 * np.sign(left) * stats.rankdata(np.abs(left))
    counted = wilcoxon_signed_rank(pair(ranks, np.zeros(len(left)))).p_value
    if counted is not None:
        yield counted
    yield float(stats.wilcoxon(left, method="exact").pvalue)


_EXACT_UP_TO_PAIRS = 50


def _approximate_mann_whitney(better: Sequence[float], worse: Sequence[float]) -> tuple[float, ...]:
    """P by the normal approximation, with and without the correction for continuity."""
    if len({*better, *worse}) == 1:
        return ()
    return tuple(
        float(stats.mannwhitneyu(better, worse, use_continuity=each, method="asymptotic").pvalue)
        for each in (True, False)
    )


def _t_test(used: str, better: Sequence[float], worse: Sequence[float]) -> _Made | None:
    if used == "paired_t":
        if len({one - other for one, other in zip(better, worse, strict=True)}) == 1:
            return None
    elif len(set(better)) == 1 and len(set(worse)) == 1:
        return None
    t, p_value = _T_TESTS[used](better, worse)
    return _Made(p_value, t, p_value / 2)


def _paired(better: Sequence[float], worse: Sequence[float]) -> tuple[float, float]:
    made = stats.ttest_rel(better, worse)
    return float(made.statistic), float(made.pvalue)


def _pooled(better: Sequence[float], worse: Sequence[float]) -> tuple[float, float]:
    made = stats.ttest_ind(better, worse, equal_var=True)
    return float(made.statistic), float(made.pvalue)


def _welch(better: Sequence[float], worse: Sequence[float]) -> tuple[float, float]:
    made = stats.ttest_ind(better, worse, equal_var=False)
    return float(made.statistic), float(made.pvalue)


_T_TESTS: Mapping[str, Callable[[Sequence[float], Sequence[float]], tuple[float, float]]] = {
    "paired_t": _paired,
    "pooled_t": _pooled,
    "welch_t": _welch,
}


def _agrees(printed: Printed, low: float, high: float) -> bool:
    match printed.relation:
        case "=":
            return float(printed.low) <= high and low <= float(printed.high)
        case "<" | "<=":
            return low <= float(printed.value)
        case _:
            return high >= float(printed.value)


def _near(printed: Printed, t: float) -> bool:
    slack = _SLACK * abs(t)
    return float(printed.low) - slack <= t <= float(printed.high) + slack
