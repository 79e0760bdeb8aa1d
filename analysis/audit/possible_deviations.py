"""GRIMMER: whether a printed deviation is one that whole numbers with that mean can have."""

from dataclasses import dataclass
from fractions import Fraction

from analysis.audit.finding import Finding, Outcome, finding
from analysis.audit.floating_point import mean_slack, variance_slack
from analysis.audit.granules import (
    Granule,
    Interval,
    WholeNumbers,
    as_float,
    delta_degrees,
    granules_between,
    missing_input,
    read_granule,
    rounding_interval,
    whole_number,
    whole_numbers,
)
from analysis.audit.printed_numbers import Printed, exact
from analysis.audit.sums_of_squares import (
    Sample,
    chance_of_detection,
    distinct_sums,
    possible_sample,
)

_MOST_SUMS = 300_000
"""Sums gone through: a quarter of a second. Beyond it hardly any deviation is impossible."""


@dataclass(frozen=True, slots=True)
class _Print:
    """What was printed, counted in granules.

    Attributes:
        mean: the mean's text.
        sd: the deviation's text.
        n: how many values there are.
        sums: the sums that round to the mean.
        scatters: where n times the sum of squares less the squared sum lies.
        bounds: the values allowed, when they are bounded.
    """

    mean: str
    sd: str
    n: int
    sums: WholeNumbers
    scatters: Interval
    bounds: WholeNumbers | None

    @property
    def distinct(self) -> range:
        """The sums to go through: with bounds all of them, else n of them at most."""
        if self.bounds is None:
            return distinct_sums(self.n, self.sums)
        return range(self.sums.first, self.sums.last + 1)


def grimmer(
    mean: Printed | str | int | None,
    sd: Printed | str | int | None,
    n: int | None,
    *,
    granule: Granule = "1",
    ddof: int = 1,
    low: Printed | str | int | None = None,
    high: Printed | str | int | None = None,
) -> Finding:
    """Whether n values that come in steps of a granule can have a printed mean and deviation.

    Rule: counted in granules, some whole sum S rounds to the mean, and some whole sum of squares Q,
    even if S is even and odd if S is odd and not below what S demands, gives a deviation that
    rounds to the printed one. All S are tried and all Q are covered, in exact arithmetic with room
    for what floating point did; both ways of rounding halves are allowed. When every deviation near
    the printed one is possible, the outcome is `not_testable`.

    Source: Anaya 2016, PeerJ Preprints 4:e2400v1; Allard 2018, "Analytic-GRIMMER"; with every S in
    place of the single one, which gives false alarms.

    False alarms: those of GRIM (`grim`), and: another denominator than `ddof` says; weighted data;
    a ± that is no standard deviation (`sd_label` tells); values that were rounded
    to something finer than the granule.

    What it does not catch: for n = 2, 3 and 4, sums of squares that no sample has although they
    are even or odd as they must be; with bounds, gaps between what the bounds allow at least and
    at most.

    Args:
        mean: the mean as printed.
        sd: the standard deviation as printed, in the same unit.
        n: how many values there are, at least 2.
        granule: the step in which the values come, above 0: "1", "0.01", "1/3".
        ddof: 1 when the squares were divided by n - 1, 0 when by n.
        low: the smallest value that there can be, exact; give both bounds or none.
        high: the largest value that there can be.

    Raises:
        PrintedError: a number is no printed number, or has a relation before it.
        AnalysisError: n, ddof or the granule is not allowed, or one bound came without the other.
    """
    if mean is None or sd is None or n is None:
        return missing_input("grimmer", mean=mean, sd=sd, n=n)
    ddof = delta_degrees(ddof)
    n = whole_number("n", n, least=2)
    unit = read_granule(granule)
    bounds = granules_between(low, high, unit)
    number, spread = exact(mean), exact(sd)
    size = abs(Fraction(number.value))
    means = rounding_interval(number).widened(mean_slack(n, size))
    sums = whole_numbers(means.scaled(n / unit))
    if bounds is not None:
        sums = sums.between(n * bounds.first, n * bounds.last)
    # The mean square of the values is mean² + sd², and that is what the errors go with.
    slack = variance_slack(n, size + abs(Fraction(spread.value)))
    variances = _variances(rounding_interval(spread), slack)
    scatters = variances.scaled(Fraction(n * (n - ddof)) / unit**2)
    return _find(_Print(str(number), str(spread), n, sums, scatters, bounds))


def _variances(deviations: Interval, slack: Fraction) -> Interval:
    """The squares of the deviations, with room for floating point; none of negative ones."""
    squares = deviations.squared()
    return squares if deviations.high < 0 else squares.widened(slack)


def _find(case: _Print) -> Finding:
    """Go through the sums, the mean first."""
    if not case.sums.count:
        detail = (
            f"The mean {case.mean} is impossible already: no sum of {case.n:,} such values gives it"
            " (GRIM)."
        )
        return finding("grimmer", Outcome.FAIL, detail, **_values(case, None, None))
    if case.sums.count > _MOST_SUMS and (case.bounds is not None or case.n > _MOST_SUMS):
        detail = (
            f"Very many sums round to the mean {case.mean}: with so many, hardly any "
            "deviation could be found impossible."
        )
        return finding("grimmer", Outcome.NOT_TESTABLE, detail, **_values(case, None, 0.0))
    sample = possible_sample(case.n, case.distinct, case.scatters, case.bounds)
    chance = chance_of_detection(case.n, case.distinct, as_float(case.scatters.width))
    return _judge(case, sample, chance)


def _judge(case: _Print, sample: Sample | None, chance: float) -> Finding:
    """Say what going through the sums gave."""
    pair = f"{case.n:,} values can have the mean {case.mean} and the deviation {case.sd}"
    values = _values(case, sample, chance)
    if sample is None:
        detail = (
            f"No {pair}: no sum that rounds to this mean has a sum of squares that gives "
            f"this deviation ({as_float(Fraction(case.sums.count)):,.6g} sum(s) tried)."
        )
        return finding("grimmer", Outcome.FAIL, detail, **values)
    if chance == 0:
        detail = f"{pair}, but at this precision every deviation near it is possible."
        return finding("grimmer", Outcome.NOT_TESTABLE, detail, **values)
    detail = (
        f"{pair}, for instance with the sum {sample.sum:,} and the sum of squares "
        f"{sample.sum_of_squares:,} (in granules); a wrong deviation would have been found "
        f"impossible with the chance {chance:.2g}."
    )
    return finding("grimmer", Outcome.PASS, detail, **values)


def _values(case: _Print, sample: Sample | None, chance: float | None) -> dict[str, object]:
    return {
        "mean": case.mean,
        "sd": case.sd,
        "n": case.n,
        "sums_that_round_to_the_mean": case.sums.count,
        "sum_in_granules": None if sample is None else sample.sum,
        "sum_of_squares_in_granules": None if sample is None else sample.sum_of_squares,
        "chance_of_detection": chance,
    }
