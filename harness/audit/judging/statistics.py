"""Statistics that a claim prints: tests, degrees of freedom, and which statistic a value is."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from analysis.audit.counts import CountedTest, n_mismatch
from analysis.audit.deviations import Label
from analysis.audit.finding import Finding, Outcome, finding
from analysis.audit.maxima import max_as_mean
from analysis.audit.p_values import decision_error, one_sided, p_recompute
from analysis.audit.printed_numbers import Printed
from analysis.audit.recomputed import Sides
from analysis.audit.shares import grim
from analysis.audit.tail_probabilities import Test
from analysis.protocol import Direction
from harness.audit.claims.kinds import SpreadLabel, Statistic
from harness.audit.evidence.model import ArmEvidence, Cell, Evidence
from harness.audit.judging.material import Material, declared_runs, granule_items
from harness.audit.judging.runs import labelled

_COUNTED: dict[str, CountedTest] = {
    "paired_t": "paired",
    "pooled_t": "pooled",
    "welch_t": "welch",
    "one_sample_t": "one_sample",
}


@dataclass(frozen=True, slots=True)
class PrintedTest:
    """A test as a claim prints it.

    Attributes:
        test: the statistic's distribution.
        statistic, p, df, df2: as printed.
        sides: 1 or 2, where it is declared.
        used: what the authors say they used.
        corrected_for: of how many tests p is corrected for the family; 1 when it is not.
    """

    test: Test
    statistic: Printed
    p: Printed
    df: Printed | None
    df2: Printed | None
    sides: Sides | None
    used: str | None
    corrected_for: int


def printed_test(printed: PrintedTest, alpha: float) -> Iterator[Finding]:
    """Whether a printed p follows from its statistic, and what it means if it does not."""
    for check in (p_recompute, decision_error, one_sided):
        yield check(
            printed.test,
            printed.statistic,
            printed.p,
            df=printed.df,
            df2=printed.df2,
            sides=printed.sides,
            # Welch's are no whole numbers: printed as one, they were rounded.
            df_rounded=True if printed.used == "welch_t" else None,
            family=printed.corrected_for,
            alpha=str(alpha),
        )


def possible_p(p: Printed) -> Iterator[Finding]:
    """Whether a p that is printed without its statistic can be one: no test gives 0."""
    if p.value <= 0:
        detail = f"p {p.relation} {p.value} is printed: no test gives a p of 0 or less."
        yield finding("p_recompute", Outcome.FAIL, detail, p=p)


def possible_value(
    material: Material, value: Printed, arm: str, statistic: Statistic = "unstated"
) -> Iterator[Finding]:
    """Whether a claimed value can be what it is said to be, each run a share of the test examples.

    The best of several runs is one run; a mean of them has finer steps. Where nobody says how many
    runs there are, a value that one run cannot have is no failure: it may be the mean of several.
    """
    items = granule_items(material.metric)
    if items is None:
        return
    runs = 1 if statistic == "max" else declared_runs(material, arm)
    if statistic == "median":
        # The middle one, or halfway between two.
        runs = 1 if runs % 2 else 2
    found = grim(value, items, runs=runs or 1, percent=material.metric.is_per_cent)
    if found.outcome is Outcome.FAIL and not runs:
        detail = f"{found.detail} It may be the mean of several runs: their number is not said."
        found = Finding("grim", Outcome.FLAG, detail, found.values)
    yield found


def printed_runs(arm: ArmEvidence) -> list[Printed | str | float]:
    """An arm's runs as they were printed; our own as they are."""
    return [run.printed if run.printed is not None else run.value for run in arm.runs]


def label_of(spread_is: SpreadLabel) -> Label | None:
    """What a spread is said to be; None where nothing is said."""
    return None if spread_is == "unstated" else spread_is


def counted(
    used: str | None, df: Printed | None, sizes: tuple[int, int] | None
) -> Iterator[Finding]:
    """Whether degrees of freedom fit the number of runs."""
    if used in _COUNTED and df is not None and sizes is not None:
        yield n_mismatch(test=_COUNTED[used], df=df, n=sizes[0], n2=sizes[1])


def statistic_of(
    value: Printed,
    arm: str,
    evidence: Evidence,
    cell: Cell,
    statistic: Statistic = "unstated",
) -> Iterator[Finding]:
    """Whether a printed value is the statistic of an arm's runs that it is said to be.

    What is said to be nothing in particular is read as the mean.
    """
    known = cell.arms[arm]
    if len(known.runs) > 1:
        runs = printed_runs(known)
        found = max_as_mean(value, runs, direction=evidence.metric.direction)
        yield labelled(of_arm(_as_declared(found, statistic), arm), evidence, cell)
        return
    for found in _against_printed(value, arm, cell, evidence.metric.direction, statistic):
        yield labelled(found, evidence, cell)


def mislabelled(labels: Sequence[Finding]) -> str:
    """What the claimed values are instead of means; empty where they are means, or nothing."""
    flagged = [each for each in labels if each.outcome is Outcome.FLAG]
    return " ".join(each.detail for each in flagged if _fits_something(each))


def no_statistic(labels: Sequence[Finding]) -> str:
    """Which claimed values are no statistic of the runs at all; empty where there are none."""
    flagged = [each for each in labels if each.outcome is Outcome.FLAG]
    return " ".join(each.detail for each in flagged if not _fits_something(each))


def _fits_something(label: Finding) -> bool:
    keys = ("ranks_from_best", "fits_median", "fits_mean", "fits_best", "fitting")
    return any(label.values.get(key) for key in keys)


def _as_declared(found: Finding, statistic: Statistic) -> Finding:
    """The finding on a value, where the paper says itself which statistic it is."""
    key = {"max": "fits_best", "median": "fits_median"}.get(statistic)
    if key is None or found.outcome not in {Outcome.PASS, Outcome.FLAG}:
        return found
    if found.values.get(key):
        detail = f"{found.detail} The paper says so."
        return Finding(found.check, Outcome.PASS, detail, found.values)
    detail = f"{found.detail} The paper calls it the {statistic}."
    return Finding(found.check, Outcome.FLAG, detail, found.values)


def of_arm(found: Finding, arm: str) -> Finding:
    """The same finding, saying of which arm it is."""
    return Finding(
        found.check, found.outcome, f"{arm}: {found.detail}", {"arm": arm, **found.values}
    )


def _against_printed(
    value: Printed, arm: str, cell: Cell, direction: Direction, statistic: Statistic
) -> Iterator[Finding]:
    """Hold a value against the numbers that are printed of the arm instead of its runs."""
    known = _printed_of(cell.arms[arm], direction)
    said = "mean" if statistic == "unstated" else statistic
    expected = known.get(said)
    fitting = [name for name, number in known.items() if _meet(value, number)]
    shown = ", ".join(f"{name} {number}" for name, number in known.items())
    if said in fitting:
        detail = f"{value} is what is printed of {arm} elsewhere ({said} {known[said]})."
        yield finding("arithmetic", Outcome.PASS, detail, arm=arm, value=value, fits=fitting)
    elif fitting:
        detail = f"{arm}: {value} is the {fitting[0]}, not the {said} ({shown})."
        yield finding("max_as_mean", Outcome.FLAG, detail, arm=arm, value=value, fitting=fitting)
    elif expected is not None:
        yield _exchanged(value, arm, expected, cell, direction, said)
    elif known:
        detail = f"The {said} of {arm} is not printed, so {value} cannot be held against it."
        yield finding("max_as_mean", Outcome.NOT_TESTABLE, detail, chance_of_detection=0.0)


def _printed_of(known: ArmEvidence, direction: Direction) -> dict[str, Printed]:
    """The statistics that are printed of an arm, its only run being its mean."""
    if len(known.runs) == 1 and known.runs[0].printed is not None:
        return {"mean": known.runs[0].printed}
    summary = known.summary
    if summary is None:
        return {}
    best = summary.max if direction == "maximize" else summary.min
    numbers = {"mean": summary.mean, "max": best, "median": summary.median}
    return {name: number for name, number in numbers.items() if number is not None}


def _exchanged(
    value: Printed, arm: str, expected: Printed, cell: Cell, direction: Direction, said: str
) -> Finding:
    """The finding on a value that is none of its arm; it names the arm that has it instead."""
    twins = [
        name
        for name, other in cell.arms.items()
        if name != arm and said in (printed := _printed_of(other, direction))
        if _meet(value, printed[said])
    ]
    detail = f"{value} is not what is printed of {arm} elsewhere ({expected})."
    if twins:
        detail += f" It is what is printed of {' and '.join(twins)}: they may have been exchanged."
    return finding(
        "arithmetic", Outcome.FAIL, detail, arm=arm, value=value, printed=expected, value_of=twins
    )


def _meet(one: Printed, other: Printed) -> bool:
    return one.low <= other.high and other.low <= one.high
