"""The authors' own test, made again of the runs that they print."""

from collections.abc import Iterator, Sequence

from scipy import stats

from analysis.audit.finding import Finding, Outcome, finding
from analysis.audit.printed_numbers import Printed
from analysis.presentation.numbers import format_number, p_statement

_SLACK = 0.02
"""By which share p may differ because runs are printed rounded, and for no other reason."""

_NAMES = {
    "paired_t": "The paired t-test",
    "pooled_t": "Student's t-test",
    "welch_t": "Welch's test",
}


def repeated_test(
    used: str | None,
    better: Sequence[float],
    worse: Sequence[float],
    *,
    p: Printed | None,
    statistic: Printed | None = None,
    sides: int | None = None,
) -> Iterator[Finding]:
    """Whether the printed p and t are those that the test gives of these runs.

    A flag and no failure: the authors may have tested other runs than those they print.

    Args:
        used: what they say they used; other tests than t-tests are not made again.
        better: runs of the arm said to be better, in their order.
        worse: runs of the other.
        p: as printed.
        statistic: t as printed.
        sides: 1 or 2, where it is declared; both are accepted where it is not.
    """
    found = _made(used, better, worse)
    if found is None or (p is None and statistic is None):
        return
    t, p_value = found
    fitting = (p_value, p_value / 2) if sides is None else (p_value * sides / 2,)
    p_fits = p is None or any(_agrees(p, each) for each in fitting)
    t_fits = statistic is None or _near(statistic, abs(t)) or _near(statistic, -abs(t))
    printed = ", ".join(
        f"{name} {each if each.relation != '=' else f'= {each}'}"
        for name, each in (("t", statistic), ("p", p))
        if each is not None
    )
    recomputed = f"t = {format_number(t, 3)}, {p_statement(p_value)}"
    name = _NAMES[used or ""]
    verb = "gives" if p_fits and t_fits else "does not give"
    yield finding(
        "p_recompute",
        Outcome.PASS if p_fits and t_fits else Outcome.FLAG,
        f"{name} of the printed runs {verb} the printed {printed}: it is {recomputed}.",
        test=used,
        t_of_runs=t,
        p_of_runs=p_value,
        statistic=statistic,
        p=p,
    )


def _made(
    used: str | None, better: Sequence[float], worse: Sequence[float]
) -> tuple[float, float] | None:
    """T and its two-sided p; None where the test cannot be made."""
    if min(len(better), len(worse)) < 2 or (used == "paired_t" and len(better) != len(worse)):
        return None
    if used == "paired_t":
        differences = [one - other for one, other in zip(better, worse, strict=True)]
        if len(set(differences)) == 1:
            return None
        made = stats.ttest_rel(better, worse)
    elif used in {"pooled_t", "welch_t"}:
        if len(set(better)) == 1 and len(set(worse)) == 1:
            return None
        made = stats.ttest_ind(better, worse, equal_var=used == "pooled_t")
    else:
        return None
    return float(made.statistic), float(made.pvalue)


def _agrees(printed: Printed, p_value: float) -> bool:
    low, high = p_value * (1 - _SLACK), p_value * (1 + _SLACK)
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
