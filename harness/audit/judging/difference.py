"""Claims that one arm is better than another."""

from collections.abc import Iterator

from analysis.audit.arithmetic import difference_of, order_of
from analysis.audit.attainable import attainable_p
from analysis.audit.confidence import ci_vs_p
from analysis.audit.finding import Finding, Outcome
from analysis.audit.printed_numbers import Printed, exact
from analysis.audit.sampling_noise import noise_floor
from analysis.audit.verdicts import Case
from harness.audit.claims.kinds import DifferenceClaim
from harness.audit.judging.decisions import supported
from harness.audit.judging.differences import comparison_findings
from harness.audit.judging.gathering import Gathering
from harness.audit.judging.material import Material, runs_of
from harness.audit.judging.repeating import Said, repeat_test
from harness.audit.judging.statistics import (
    PrintedTest,
    counted,
    mislabelled,
    possible_p,
    possible_value,
    printed_test,
    statistic_of,
)


def judge_difference(material: Material, claim: DifferenceClaim) -> Case:
    """Hold a claimed difference against its own numbers, and against runs of both arms."""
    better, worse = claim.better.arm, claim.worse.arm
    gathered = Gathering(material)
    gathered.printed(_values(material, claim))
    gathered.printed(_test(material, claim))
    opposed = [] if material.is_second else list(_opposed(material, claim))
    gathered.others += opposed
    labels: list[Finding] = []
    for evidence, cell in gathered.cells((better, worse)):
        theirs = not evidence.is_ours
        # Of several levels nobody says which one the claimed values are of.
        for side in (claim.better, claim.worse) if theirs and len(evidence.cells) == 1 else ():
            if side.value is not None:
                labels += statistic_of(side.value, side.arm, evidence, cell)
        found = comparison_findings(
            material,
            evidence,
            cell,
            (better, worse),
            test=claim.test if theirs else None,
            claimed=claim.difference if theirs else None,
        )
        gathered.add(evidence, cell, found)
        if theirs:
            repeat_test(gathered, (evidence, cell), (better, worse), Said.of(claim, claim.test))
        gathered.supports += supported(material, evidence, cell, better, worse)
    gathered.own += labels
    return gathered.case(
        f"the difference {better} − {worse}",
        claimed=claim.difference,
        mislabelled=mislabelled(labels),
        opposed=" ".join(each.detail for each in opposed if each.check == "arithmetic"),
    )


def _values(material: Material, claim: DifferenceClaim) -> Iterator[Finding]:
    """What the claimed values say of each other, and of their test set."""
    metric = material.metric
    better, worse = claim.better.value, claim.worse.value
    for side in (claim.better, claim.worse):
        if side.value is not None:
            yield from possible_value(material, side.value, side.arm)
    if better is None or worse is None:
        return
    order = order_of(better, worse, metric.direction)
    if order.outcome is Outcome.PASS:
        yield order
    if claim.difference is not None:
        first, second = (better, worse) if metric.direction == "maximize" else (worse, better)
        yield difference_of(first, second, claim.difference, percent=metric.is_per_cent)


def _opposed(material: Material, claim: DifferenceClaim) -> Iterator[Finding]:
    """Whether the claimed values say the opposite, or differ by less than their test set's noise.

    Numbers in the wrong order are possible; it is the claim that they speak against.
    """
    metric = material.metric
    better, worse = claim.better.value, claim.worse.value
    if better is None or worse is None:
        return
    order = order_of(better, worse, metric.direction)
    if order.outcome is not Outcome.PASS:
        yield Finding(order.check, Outcome.FLAG, order.detail, order.values)
    elif metric.is_share:
        yield noise_floor(
            better,
            worse,
            metric.test_size,
            percent=metric.is_per_cent,
            only_first_right=claim.only_first_right,
            only_second_right=claim.only_second_right,
        )


def _test(material: Material, claim: DifferenceClaim) -> Iterator[Finding]:
    """What the claimed p, statistic, degrees of freedom and interval say of each other."""
    sizes = _sizes(material, claim)
    if claim.statistic is not None and claim.p is not None:
        printed = PrintedTest(
            "t",
            claim.statistic,
            claim.p,
            claim.df,
            None,
            claim.sides,
            claim.test,
            claim.p_corrected_for,
        )
        yield from printed_test(printed, material.alpha)
    elif claim.p is not None:
        yield from possible_p(claim.p)
    yield from counted(claim.test, claim.df, sizes)
    if claim.p is not None and sizes is not None and claim.test is not None:
        yield attainable_p(
            claim.p,
            sizes[0],
            n2=sizes[1],
            test=claim.test,
            sides=claim.sides or 2,
            exact=claim.exact,
        )
    if claim.interval is not None:
        level: Printed | str = claim.interval.level or "0.95"
        low, high = _in_claimed_direction(claim.interval.low, claim.interval.high)
        yield ci_vs_p(
            low,
            high,
            estimate=claim.difference,
            # An interval is hardly ever corrected for the family; p then cannot follow from it.
            p=claim.p if claim.p_corrected_for == 1 else None,
            sides=claim.sides or 2,
            level=str(level),
            alpha=str(material.alpha),
            df=claim.df if claim.df is not None else _degrees(claim.test, sizes),
            symmetric=claim.interval.symmetric,
        )


def _in_claimed_direction(low: Printed, high: Printed) -> tuple[Printed, Printed]:
    """An interval of worse - better as one of better - worse."""
    if low.high >= 0 or high.high > 0:
        return low, high
    return exact(_negated(high)), exact(_negated(low))


def _negated(number: Printed) -> str:
    return number.text[1:] if number.text[0] in "-−" else f"-{number.text.removeprefix('+')}"


def _degrees(used: str | None, sizes: tuple[int, int] | None) -> int | None:
    """The degrees of freedom that a t-test of so many runs has, where the claim prints none."""
    if sizes is None:
        return None
    known = {"paired_t": sizes[0] - 1, "pooled_t": sum(sizes) - 2}
    return known.get(used or "")


def _sizes(material: Material, claim: DifferenceClaim) -> tuple[int, int] | None:
    """How many runs both arms have in the first data that say so."""
    arms = (claim.better.arm, claim.worse.arm)
    for evidence in material.data:
        for cell in evidence.with_arms(arms):
            first, second = (runs_of(cell.arms[arm]) for arm in arms)
            if first and second:
                return first, second
    return None
