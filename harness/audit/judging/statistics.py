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
from harness.audit.claims.kinds import SpreadLabel
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


def possible_value(material: Material, value: Printed, arm: str) -> Iterator[Finding]:
    """Whether a claimed value can be the mean of so many runs, each a share of the test examples.

    Where nobody says how many runs there are, a value that one run cannot have is no failure:
    it may be the mean of several.
    """
    items = granule_items(material.metric)
    if items is None:
        return
    runs = declared_runs(material, arm)
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


def statistic_of(value: Printed, arm: str, evidence: Evidence, cell: Cell) -> Iterator[Finding]:
    """Which statistic of an arm's runs a printed value is."""
    known = cell.arms[arm]
    if len(known.runs) > 1:
        runs = printed_runs(known)
        found = max_as_mean(value, runs, direction=evidence.metric.direction)
        yield labelled(of_arm(found, arm), evidence, cell)
        return
    single = _single(known)
    if single is not None:
        yield labelled(_against_single(value, arm, single, cell), evidence, cell)


def mislabelled(labels: Sequence[Finding]) -> str:
    """What the claimed values are instead of means; empty where they are means, or nothing."""
    flagged = [each for each in labels if each.outcome is Outcome.FLAG]
    other = [
        each for each in flagged
        if any(each.values.get(key) for key in ("ranks_from_best", "fits_median", "fitting"))
    ]  # fmt: skip
    return " ".join(each.detail for each in other)


def of_arm(found: Finding, arm: str) -> Finding:
    """The same finding, saying of which arm it is."""
    return Finding(
        found.check, found.outcome, f"{arm}: {found.detail}", {"arm": arm, **found.values}
    )


def _single(known: ArmEvidence) -> Printed | None:
    """The one printed number that an arm has."""
    if len(known.runs) == 1:
        return known.runs[0].printed
    return known.summary.mean if known.summary is not None else None


def _against_single(value: Printed, arm: str, single: Printed, cell: Cell) -> Finding:
    """Hold a value against the arm's one printed number; name the arm that has it instead."""
    if value.low <= single.high and single.low <= value.high:
        detail = f"{value} is what is printed of {arm} elsewhere ({single})."
        return finding("arithmetic", Outcome.PASS, detail, arm=arm, value=value, printed=single)
    twins = [
        name for name, other in cell.arms.items()
        if name != arm and (of_other := _single(other)) is not None
        and value.low <= of_other.high and of_other.low <= value.high
    ]  # fmt: skip
    detail = f"{value} is not what is printed of {arm} elsewhere ({single})."
    if twins:
        detail += f" It is what is printed of {' and '.join(twins)}: they may have been exchanged."
    return finding(
        "arithmetic", Outcome.FAIL, detail, arm=arm, value=value, printed=single, value_of=twins
    )
