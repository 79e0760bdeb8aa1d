"""Whether a confidence interval, its estimate and its p belong together."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from decimal import Decimal

from scipy import special

from analysis.audit.finding import Finding, Outcome, finding
from analysis.audit.printed_numbers import Printed
from analysis.audit.recomputed import PInterval, Sides, p_agrees
from analysis.audit.reported_interval import (
    Range,
    ReportedInterval,
    Text,
    in_size,
    printed_range,
    read_interval,
)
from analysis.audit.tail_probabilities import tail_p

_SLACK = Decimal("1e-9")
"""What floating-point arithmetic may have done to a quantile, relative to it."""

_FEWEST_DF = Decimal(1)

_GRAVITY = (
    Outcome.FAIL,
    Outcome.FLAG,
    Outcome.PASS,
    Outcome.NOT_TESTABLE,
    Outcome.NOT_APPLICABLE,
)


def ci_vs_p(
    low: Text,
    high: Text,
    *,
    estimate: Text = None,
    p: Text = None,
    statistic: Text = None,
    df: Text = None,
    null: str = "0",
    level: str = "0.95",
    alpha: str = "0.05",
    sides: Sides = 2,
    symmetric: bool = True,
) -> Finding:
    """Check that a confidence interval agrees with its estimate, its statistic and its p.

    Rule: (1) the estimate is the interval's midpoint; (2) p < alpha exactly when the null lies
    outside the 1 - alpha interval, where rounding lets that be decided; (3) the half-width divided
    by its quantile is the standard error, (estimate - null) / standard error is the statistic, and
    p follows from that. All of it within the rounding of everything printed.

    Source: the duality of test and interval (Neyman 1937, Philosophical Transactions A 236,
    333-380); Altman & Bland 2011, BMJ 343, d2090 and d2304, for p from an interval and back.

    False alarms: intervals that are no estimate ± quantile · standard error (bootstrap, Wilson,
    odds ratios), and p-values of another test than the interval's (rank, permutation, corrected
    for a family). Declare those with `symmetric=False`: then (1) and (3) are left out, and a
    contradiction in (2) is flagged and not failed. Without `df`, what fits some t distribution but
    not the normal one is flagged.

    Args:
        low: lower end, as printed.
        high: upper end, as printed.
        estimate: the estimate, as printed.
        p: as printed, "<" or ">" before it included.
        statistic: t or z, as printed.
        df: degrees of freedom of the interval's t distribution, as printed; None when unknown.
        null: the value that p tests against.
        level: of the interval, between 0 and 1: "0.95", not "95".
        alpha: the significance level.
        sides: 1 when p is one-sided; the interval is taken to be two-sided.
        symmetric: whether the interval is the estimate ± quantile · standard error, and p and the
            statistic come from the same standard error.

    Raises:
        AnalysisError: an argument is no printed number, or out of its range.
    """
    names = [name for name, value in (("low", low), ("high", high)) if value is None]
    if estimate is None and p is None and statistic is None:
        names.append("p, estimate or statistic")
    if low is None or high is None or names:
        detail = f"The interval cannot be checked without {' and '.join(names)}."
        return finding("ci_vs_p", Outcome.MISSING_INPUT, detail, missing=names)
    claim = read_interval(
        low, high, estimate, p, statistic, df, null, level, alpha, sides, symmetric
    )
    return _joined(claim, list(_parts(claim)))


@dataclass(frozen=True, slots=True)
class _Part:
    outcome: Outcome
    detail: str
    values: dict[str, object]


def _parts(claim: ReportedInterval) -> Iterator[_Part]:
    if claim.low.low >= claim.high.high:
        detail = f"The lower end, {claim.low}, is above the upper end, {claim.high}."
        yield _Part(Outcome.FAIL, detail, {})
        return
    if claim.estimate is not None:
        yield _centred(claim.estimate, claim)
    if claim.p is not None:
        yield _decided(claim.p, claim)
    if claim.symmetric and claim.statistic is not None:
        yield _statistic_follows(claim.statistic, claim)
    if claim.symmetric and claim.p is not None:
        yield _p_follows(claim.p, claim)


def _centred(estimate: Printed, claim: ReportedInterval) -> _Part:
    middle, around = claim.midpoint, Range(estimate.low, estimate.high)
    values: dict[str, object] = {"midpoint_low": middle.low, "midpoint_high": middle.high}
    if not claim.symmetric:
        if around.meets(Range(claim.low.low, claim.high.high)):
            return _Part(Outcome.PASS, f"The estimate, {estimate}, lies in the interval.", values)
        detail = f"The estimate, {estimate}, lies outside the interval."
        return _Part(Outcome.FLAG, detail, values)
    where = f"the midpoint, {_between(middle)}"
    if around.meets(middle):
        return _Part(Outcome.PASS, f"The estimate, {estimate}, is {where}.", values)
    return _Part(Outcome.FAIL, f"The estimate, {estimate}, is not {where}.", values)


def _decided(p: Printed, claim: ReportedInterval) -> _Part:
    outside, significant = _null_outside(claim), _is_significant(p, claim)
    values: dict[str, object] = {"null_outside": outside, "significant": significant}
    if claim.level != 1 - claim.alpha * (2 if claim.sides == 1 else 1):
        detail = f"The level, {claim.level}, does not match alpha = {claim.alpha}."
        return _Part(Outcome.NOT_APPLICABLE, detail, values)
    if outside is None or significant is None:
        detail = f"Rounding hides on which side of {claim.alpha} p lies, or of the interval's end "
        return _Part(Outcome.NOT_TESTABLE, f"{detail}the null, {claim.null}.", values)
    where = "outside" if outside else "inside"
    said = f"The null, {claim.null}, lies {where} the interval, and p {_related(p)} is "
    said += "significant." if significant else "not significant."
    if outside == significant:
        return _Part(Outcome.PASS, said, values)
    return _Part(Outcome.FAIL if claim.symmetric else Outcome.FLAG, said, values)


def _statistic_follows(statistic: Printed, claim: ReportedInterval) -> _Part:
    reported = in_size(printed_range(statistic))

    def fits(df: tuple[Decimal | None, ...]) -> bool:
        return reported.meets(_statistics(claim, df), _SLACK)

    found = _statistics(claim, _declared(claim))
    values: dict[str, object] = {"statistic_low": found.low, "statistic_high": found.high}
    said = f"the interval gives a statistic of {_between(found)} in size; printed: {statistic}"
    return _judged("statistic", said, values, claim, fits=fits)


def _p_follows(p: Printed, claim: ReportedInterval) -> _Part:
    def fits(df: tuple[Decimal | None, ...]) -> bool:
        both = _p_values(claim, df)
        if claim.sides == 2:
            return p_agrees(p, both)
        half = both.halved()
        return p_agrees(p, half) or p_agrees(p, half.other_tail())

    both = _p_values(claim, _declared(claim))
    found = both if claim.sides == 2 else both.halved()
    said = f"the interval gives p {found}; printed: {_related(p)}"
    return _judged("p", said, found.values(), claim, fits=fits)


def _judged(
    subject: str,
    said: str,
    values: dict[str, object],
    claim: ReportedInterval,
    *,
    fits: Callable[[tuple[Decimal | None, ...]], bool],
) -> _Part:
    """Judge what follows from the standard error; without df, any t distribution may explain it."""
    distribution = "normal" if claim.df is None else f"t with {claim.df} df"
    said = f"By the {distribution} distribution {said}"
    distance = claim.distance
    if distance.low == 0 and distance.high.is_infinite():
        detail = f"The interval is printed too coarsely to give any {subject}."
        return _Part(Outcome.NOT_TESTABLE, detail, values)
    if fits(_declared(claim)):
        return _Part(Outcome.PASS, f"{said}.", values)
    if claim.df is None and fits((None, _FEWEST_DF)):
        detail = f"{said}, which only a t distribution with few degrees of freedom gives."
        return _Part(Outcome.FLAG, detail, values)
    return _Part(Outcome.FAIL, f"{said}, which does not follow.", values)


def _joined(claim: ReportedInterval, parts: list[_Part]) -> Finding:
    """One finding of all parts; those that object speak alone."""
    text = f"[{claim.low}, {claim.high}]"
    if not parts:
        detail = f"{text}: of an asymmetric interval no statistic follows."
        return finding("ci_vs_p", Outcome.NOT_APPLICABLE, detail)
    outcome = min((each.outcome for each in parts), key=_GRAVITY.index)
    shown = [each for each in parts if not outcome.is_objection or each.outcome.is_objection]
    values = {name: value for each in parts for name, value in each.values.items()}
    if outcome is Outcome.NOT_TESTABLE:
        values["chance_of_detection"] = 0.0
    detail = f"{text}: {' '.join(each.detail for each in shown)}"
    return finding("ci_vs_p", outcome, detail, **values)


def _null_outside(claim: ReportedInterval) -> bool | None:
    """Whether the null is outside the interval; None where rounding hides it."""
    if claim.null < claim.low.low or claim.null > claim.high.high:
        return True
    return False if claim.low.high < claim.null < claim.high.low else None


def _is_significant(p: Printed, claim: ReportedInterval) -> bool | None:
    """Whether p lies below alpha; None where rounding, or "<" or ">", hides it.

    A one-sided p near 1 is as far from the null as one near 0.
    """
    around, strict = printed_range(p), p.relation in {"<", ">"}
    if around.high < claim.alpha or (strict and around.high == claim.alpha):
        return True
    if claim.sides == 1 and around.low > 1 - claim.alpha:
        return True
    is_above = around.low > claim.alpha or (strict and around.low == claim.alpha)
    if claim.sides == 1:
        is_above = is_above and around.high < 1 - claim.alpha
    return False if is_above else None


def _statistics(claim: ReportedInterval, df: tuple[Decimal | None, ...]) -> Range:
    """(estimate - null) / standard error, in size."""
    quantiles = [_quantile(claim.level, each) for each in df]
    distance = claim.distance
    return Range(distance.low * min(quantiles), distance.high * max(quantiles))


def _p_values(claim: ReportedInterval, df: tuple[Decimal | None, ...]) -> PInterval:
    """Two-sided p-values."""
    distance, at = claim.distance, claim.distance_as_printed

    def p_of(away: Decimal, each: Decimal | None) -> Decimal:
        return tail_p("z" if each is None else "t", away * _quantile(claim.level, each), each, None)

    ends = [p_of(away, each) for each in df for away in (distance.low, distance.high)]
    return PInterval(min(ends), max(ends), p_of(at, df[0]))


def _quantile(level: Decimal, df: Decimal | None) -> Decimal:
    """How many standard errors the half-width has."""
    tail = float((1 - level) / 2)
    reach = special.ndtri(tail) if df is None else special.stdtrit(float(df), tail)
    return Decimal(-float(reach))


def _declared(claim: ReportedInterval) -> tuple[Decimal | None, ...]:
    """The degrees of freedom at which an extreme may lie; None is the normal distribution."""
    if claim.df is None:
        return (None,)
    if claim.df.decimals <= 0:
        return (claim.df.value,)
    return (claim.df.value, claim.df.low, claim.df.high)


def _between(around: Range) -> str:
    low, high = f"{around.low:.4g}", f"{around.high:.4g}"
    return low if low == high else f"{low} to {high}"


def _related(number: Printed) -> str:
    return number.text if number.text[0] in "<>=≤≥" else f"= {number.text}"
