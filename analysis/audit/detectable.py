"""What so few runs could have found: the minimal detectable effect, and exaggeration."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from analysis.audit.exaggeration import design_errors, smallest_significant_t
from analysis.audit.finding import Finding, Outcome, finding
from analysis.audit.printed_numbers import Printed, printed
from analysis.errors import AnalysisError
from analysis.inference.corrections import reaches
from analysis.inference.paired import pair
from analysis.inference.samples import samples
from analysis.inference.student_t import paired_interval, t_tail
from analysis.inference.t_power import (
    detectable_difference,
    require_alpha,
    require_power,
    require_sd,
)
from analysis.inference.welch import welch_interval


@dataclass(frozen=True, slots=True)
class _Estimate:
    """An effect and how exactly it is known; both numbers behind None where it is not known."""

    effect: float
    standard_error: float | None
    degrees: float | None


def mde(
    better: Sequence[float],
    worse: Sequence[float],
    *,
    p: float | Printed | str | None = None,
    alpha: float = 0.05,
    power: float = 0.8,
    paired: bool = False,
    plausible_effect: float | None = None,
) -> Finding:
    """Check whether an effect is large enough for so many runs to detect it.

    Rule: the minimal detectable effect is the true difference that a two-sided t-test (Welch's, or
    the paired one) finds with the power wanted, from the noncentral t distribution at the runs'
    own standard error (Cohen 1988, Statistical Power Analysis for the Behavioral Sciences). An
    estimate below it with p above alpha is inconclusive: neither shown nor excluded. One below
    it with p at most alpha warns of exaggeration: only estimates above the smallest significant
    one are reported, which overstates a small true effect (Gelman & Carlin 2014, Perspectives on
    Psychological Science 9, 641-651).

    This is no power of the observed effect, which is p in other words (Hoenig & Heisey 2001, The
    American Statistician 55, 19-24), and no evidence for or against the effect: it says what the
    design could have found. For a statement about exaggeration give the effect that is plausible
    from elsewhere.

    False alarms: a true effect of exactly the detectable size is estimated below it half of the
    time. The spread is estimated: with 5 runs an arm the detectable effect itself is uncertain by
    about a third. A p close below alpha always comes with a warning.

    Args:
        better: the metric of every run of one arm.
        worse: the same of the other, in the same unit; matched by position if `paired`.
        p: the claim's p, as a number or as printed; None: the t-test's own.
        alpha: error rate, above 0 and below 1; a p equal to it is significant.
        power: wanted, above alpha and below 1.
        paired: whether runs at the same position share a seed or split.
        plausible_effect: size of the true effect that is plausible without these data, above 0,
            in the metric's unit; adds power, type S error and exaggeration to the values.

    Returns:
        `flag` ("inconclusive" or "exaggeration" in `conclusion`), `pass`, or `not_applicable`
        when there is no spread to go by; `missing_input` when the printed p leaves open whether
        it reaches alpha.

    Raises:
        AnalysisError: a number is out of its range, runs are missing or not finite.
    """
    if paired:
        mean = paired_interval(pair(better, worse), 0.95)
        degrees = mean.n - 1 if mean.n > 1 else None
        estimate = _Estimate(mean.mean or 0.0, mean.standard_error, degrees)
    else:
        interval = welch_interval(samples(better, worse), 0.95)
        effect = interval.difference or 0.0
        estimate = _Estimate(effect, interval.standard_error, interval.degrees)
    return _judged(estimate, p, alpha, power, plausible_effect)


def mde_from_summaries(
    effect: float,
    *,
    sd: float,
    n: int,
    sd_worse: float | None = None,
    n_worse: int | None = None,
    p: float | Printed | str | None = None,
    alpha: float = 0.05,
    power: float = 0.8,
    paired: bool = False,
    plausible_effect: float | None = None,
) -> Finding:
    """Make the same check (`mde`) from the summaries that a paper prints.

    Args:
        effect: difference of the means, in the metric's unit.
        sd: standard deviation (n - 1 in the denominator) of the better arm's runs; if `paired`, of
            the differences within pairs.
        n: the better arm's runs, or the pairs; at least 1.
        sd_worse: of the other arm; None: the same. Not for pairs.
        n_worse: the other arm's runs; None: as many. Not for pairs.
        p: see `mde`.
        alpha: see `mde`.
        power: see `mde`.
        paired: whether `sd` is that of differences.
        plausible_effect: see `mde`.

    Raises:
        AnalysisError: a number is out of its range.
    """
    if not math.isfinite(effect):
        raise AnalysisError(f"the effect is {effect!r}; allowed: a finite number")
    sizes = (n, n if n_worse is None else n_worse)
    sds = (sd, sd if sd_worse is None else sd_worse)
    for size in sizes:
        _require_size(size)
    for each in sds:
        require_sd(each)
    if paired and (sd_worse is not None or n_worse is not None):
        raise AnalysisError("pairs have one standard deviation, that of their differences, and n")
    error, degrees = _of_pairs(sd, n) if paired else _of_arms(sds, sizes)
    return _judged(_Estimate(effect, error, degrees), p, alpha, power, plausible_effect)


def _judged(
    estimate: _Estimate,
    p: float | Printed | str | None,
    alpha: float,
    power: float,
    plausible_effect: float | None,
) -> Finding:
    require_alpha(alpha)
    require_power(power, alpha)
    error, degrees, size = estimate.standard_error, estimate.degrees, abs(estimate.effect)
    if not error or degrees is None:
        detail = "Without any spread, or with a single run, no detectable effect can be computed."
        return finding("mde", Outcome.NOT_APPLICABLE, detail, effect=estimate.effect)
    shown = t_tail(estimate.effect / error, degrees, "two-sided") if p is None else p
    significant = _is_significant(shown, alpha)
    detectable = detectable_difference(error, degrees, power=power, alpha=alpha)
    values: dict[str, object] = {
        "effect": estimate.effect,
        "detectable_effect": detectable,
        "smallest_significant_effect": smallest_significant_t(degrees, alpha) * error,
        "standard_error": error,
        "degrees_of_freedom": degrees,
        "p": shown,
        "alpha": alpha,
        "power": power,
    }
    if plausible_effect is not None:
        errors = design_errors(plausible_effect, error, degrees, alpha=alpha)
        values |= {
            "plausible_effect": plausible_effect,
            "power_at_plausible_effect": errors.power,
            "type_s_at_plausible_effect": errors.type_s,
            "exaggeration_at_plausible_effect": errors.exaggeration,
        }
    if significant is None:
        detail = f"p {shown} does not say whether it reaches alpha = {alpha:g}: give p itself."
        return finding("mde", Outcome.MISSING_INPUT, detail, **values)
    conclusion = _conclusion(size < detectable, significant)
    outcome = Outcome.PASS if conclusion == "detectable" else Outcome.FLAG
    detail = _detail(conclusion, values)
    return finding("mde", outcome, detail, conclusion=conclusion, **values)


def _conclusion(is_below: bool, significant: bool) -> str:
    if not is_below:
        return "detectable"
    return "exaggeration" if significant else "inconclusive"


def _detail(conclusion: str, values: dict[str, object]) -> str:
    side = "reaches" if conclusion == "detectable" else "is below"
    shown = values["p"]
    p = f"{shown:.3g}" if isinstance(shown, float) else str(shown)
    what = {
        "detectable": "",
        "inconclusive": ": the runs neither show such an effect nor exclude it",
        "exaggeration": f": only estimates above {values['smallest_significant_effect']:.4g} are "
        "significant here, so a smaller true effect would be overstated",
    }[conclusion]
    return (
        f"The effect of {values['effect']:.4g} {side} the {values['detectable_effect']:.4g} that "
        f"so many runs detect with a power of {values['power']:.0%} (p: {p}){what}."
    )


def _is_significant(p: float | Printed | str, alpha: float) -> bool | None:
    """Whether p is at most alpha; None when "<" or ">" leaves it open."""
    given = p if isinstance(p, int | float) else printed(p)
    value = float(given.value) if isinstance(given, Printed) else float(given)
    if not 0 <= value <= 1:
        raise AnalysisError(f"p is {p!r}; allowed: from 0 to 1")
    reached = reaches(value, alpha)
    if not isinstance(given, Printed) or given.relation == "=":
        return reached
    if given.relation in ("<", "<="):
        return True if reached else None
    surely_above = value > alpha or (value == alpha and given.relation == ">")
    return False if surely_above else None


def _require_size(size: object) -> None:
    if isinstance(size, bool) or not isinstance(size, int) or size < 1:
        raise AnalysisError(f"a number of runs is {size!r}; allowed: a whole number, at least 1")


def _of_pairs(sd: float, n: int) -> tuple[float | None, float | None]:
    return (None, None) if n < 2 else (sd / math.sqrt(n), n - 1)


def _of_arms(sds: tuple[float, float], sizes: tuple[int, int]) -> tuple[float | None, float | None]:
    """Welch's standard error and degrees of freedom."""
    if min(sizes) < 2 or max(sds) == 0:
        return None, None
    shares = [(sd / max(sds)) ** 2 / n for sd, n in zip(sds, sizes, strict=True)]
    parts = sum(share**2 / (n - 1) for share, n in zip(shares, sizes, strict=True))
    return max(sds) * math.sqrt(sum(shares)), sum(shares) ** 2 / parts
