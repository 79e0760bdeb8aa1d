"""Claims of no difference: absence of evidence is not evidence of absence."""

from collections.abc import Sequence

from analysis.audit.finding import Finding, Outcome, finding
from analysis.audit.printed_numbers import Printed, exact
from analysis.errors import AnalysisError
from analysis.inference.corrections import reaches
from analysis.inference.equivalence import EquivalenceResult, tost_paired, tost_welch
from analysis.inference.paired import pair
from analysis.inference.samples import samples
from analysis.inference.student_t import paired_interval
from analysis.inference.welch import welch_interval


def equivalence(
    better: Sequence[float],
    worse: Sequence[float],
    margin: Printed | str | int | None,
    *,
    paired: bool = False,
    alpha: float = 0.05,
) -> Finding:
    """Check a claim that two arms do not differ, by two one-sided tests at a declared margin.

    Rule: the claim holds when "the difference is the margin or more" is rejected on either side,
    which is so exactly if the 1 - 2 alpha interval lies within the margins. A large p of an
    ordinary test says nothing of the kind. Source: Schuirmann 1987, Journal of Pharmacokinetics
    and Biopharmaceutics 15, 657-680.

    False alarms: few runs cannot show equivalence however alike the arms are; a flag means "not
    shown", not "they differ". The margin has to come from what matters, before the data were seen.

    Args:
        better: the metric of every run of one arm.
        worse: the same of the other; matched by position if `paired`.
        margin: smallest absolute difference that matters, as printed, in the metric's unit, above
            0; None when none was declared.
        paired: whether runs at the same position share a seed or split.
        alpha: error rate of each one-sided test, above 0 and below 0.5.

    Returns:
        `pass` when equivalent, `flag` when not shown to be, `missing_input` without a margin,
        `not_applicable` when the runs have no spread to test with.

    Raises:
        AnalysisError: a number is out of its range, runs are missing or not finite.
    """
    if not 0 < alpha < 0.5:
        raise AnalysisError(f"alpha is {alpha!r}; allowed: above 0 and below 0.5")
    if margin is None:
        return finding(
            "equivalence",
            Outcome.MISSING_INPUT,
            "A claim of no difference is not checkable without a margin: declare the smallest "
            "difference that matters.",
        )
    limit = exact(margin)
    if paired:
        pairs = pair(better, worse)
        tests, ends = tost_paired(pairs, float(limit.value)), paired_interval(pairs, 1 - 2 * alpha)
        return _judged(tests, ends.low, ends.high, limit, alpha)
    tests = tost_welch(better, worse, float(limit.value))
    interval = welch_interval(samples(better, worse), 1 - 2 * alpha)
    return _judged(tests, interval.low, interval.high, limit, alpha)


def _judged(
    tests: EquivalenceResult, low: float | None, high: float | None, limit: Printed, alpha: float
) -> Finding:
    if tests.p_value is None or low is None or high is None:
        return finding(
            "equivalence",
            Outcome.NOT_APPLICABLE,
            f"Equivalence cannot be tested. {tests.warning}",
            difference=tests.difference,
            margin=limit,
        )
    equivalent = reaches(tests.p_value, alpha)
    shown = "lies" if equivalent else "does not lie"
    verdict = "they are equivalent" if equivalent else "no difference is not shown"
    return finding(
        "equivalence",
        Outcome.PASS if equivalent else Outcome.FLAG,
        f"The arms differ by {tests.difference:.4g}, and the {1 - 2 * alpha:.0%} interval "
        f"[{low:.4g}, {high:.4g}] {shown} within ±{limit.text}: {verdict} "
        f"(two one-sided tests, p = {tests.p_value:.3g}).",
        difference=tests.difference,
        margin=limit,
        interval_low=low,
        interval_high=high,
        level=1 - 2 * alpha,
        p_lower=tests.p_lower,
        p_upper=tests.p_upper,
        p=tests.p_value,
    )
