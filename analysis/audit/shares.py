"""GRIM: whether a printed mean is one that whole numbers can have."""

from fractions import Fraction

from analysis.audit.finding import Finding, Outcome, finding
from analysis.audit.floating_point import mean_slack
from analysis.audit.granules import (
    Granule,
    WholeNumbers,
    granule_of,
    granules_between,
    missing_input,
    nearest_multiples,
    read_granule,
    rounding_interval,
    whole_number,
    whole_numbers,
)
from analysis.audit.printed_numbers import Printed, exact
from analysis.presentation.numbers import count_of

_MANY = 10**15
"""Above it a count is not written out."""


def grim(
    value: Printed | str | int | None,
    items: int | None,
    *,
    runs: int = 1,
    percent: bool = False,
) -> Finding:
    """Whether so many test examples can give a printed accuracy.

    Rule: some whole number k of correct answers from 0 to items × runs, divided by items × runs,
    rounds to the value, either way of rounding halves. With d decimals of the share (two more for
    per cent) an impossible value is found with the chance max(0, 1 - items × runs / 10^d); where
    that is 0, every value is possible and the outcome is `not_testable`, except outside 0 to 1.

    Source: Brown & Heathers 2017, Social Psychological and Personality Science 8, 363-369.

    False alarms: the value was cut off, not rounded; some examples were left out, or weighted, as
    in a balanced accuracy; the mean was taken of runs that had been rounded before; the printed
    number is a median, or a share of something other than the examples.

    Args:
        value: the accuracy as printed: a share from 0 to 1, or per cent from 0 to 100.
        items: test examples that each run was tested on, at least 1.
        runs: how many runs the value is the mean of, at least 1; all on equally many examples.
        percent: whether the value is in per cent.

    Raises:
        PrintedError: the value is no printed number, or has a relation before it.
        AnalysisError: items or runs is no whole number from 1 on.
    """
    if value is None or items is None:
        return missing_input("grim", value=value, items=items)
    number, runs = exact(value), whole_number("runs", runs, least=1)
    granule = granule_of(items, percent=percent)
    what = f"{number}{' %' if percent else ''}"
    made_of = f"{count_of(runs, 'run')} × {items:,} test examples"
    of_what = f"correct answers among {items * runs:,} ({made_of})"
    return _find(number, granule / runs, runs, WholeNumbers(0, items * runs), what, of_what)


def grim_mean(
    mean: Printed | str | int | None,
    n: int | None,
    *,
    granule: Granule = "1",
    low: Printed | str | int | None = None,
    high: Printed | str | int | None = None,
) -> Finding:
    """Whether n values that come in steps of a granule can have a printed mean.

    Rule: some whole number S of granules, divided by n, rounds to the mean, either way of rounding
    halves. For a scale of several items whose answers are averaged, the granule is 1 / items.
    Chance of detection, source and false alarms are those of `grim`, with n / granule in place of
    items × runs.

    Args:
        mean: the mean as printed.
        n: how many values it is the mean of, at least 1.
        granule: the step in which the values come, above 0: "1" for counts, "0.01" for per cent
            of 10,000 examples, "1/3" for the average of three whole numbers.
        low: the smallest value that there can be, exact; give both bounds or none.
        high: the largest value that there can be.

    Raises:
        PrintedError: the mean or a bound is no printed number, or has a relation before it.
        AnalysisError: n is no whole number from 1 on, the granule is not above 0, one bound came
            without the other, or low is above high.
    """
    if mean is None or n is None:
        return missing_input("grim", mean=mean, n=n)
    number, n, step = exact(mean), whole_number("n", n, least=1), read_granule(granule) / n
    # Without bounds, sums further from the mean than that are never asked for.
    reach = whole_numbers(rounding_interval(number).scaled(1 / step))
    allowed = WholeNumbers(reach.first - 1, reach.last + 1)
    bounds = granules_between(low, high, step * n)
    if bounds is not None:
        allowed = WholeNumbers(n * bounds.first, n * bounds.last)
    return _find(number, step, n, allowed, f"A mean of {number}", f"granules in {n:,} value(s)")


def _find(
    number: Printed, step: Fraction, n: int, allowed: WholeNumbers, what: str, of_what: str
) -> Finding:
    """Look for a whole number of steps that is printed so."""
    interval = rounding_interval(number).widened(mean_slack(n, abs(Fraction(number.value))))
    sums = whole_numbers(interval.scaled(1 / step)).between(allowed.first, allowed.last)
    chance = float(max(Fraction(0), 1 - rounding_interval(number).width / step))
    nearest = nearest_multiples(Fraction(number.value), step, allowed)
    values = {
        "printed": number,
        "sum_first": sums.first if sums.count else None,
        "sum_last": sums.last if sums.count else None,
        "nearest": nearest,
        "chance_of_detection": chance,
    }
    if not sums.count:
        near = " and ".join(f"{each:.{min(max(0, number.decimals), 12) + 3}f}" for each in nearest)
        detail = f"{what} is given by no whole number of {of_what}; nearest is {near}."
        return finding("grim", Outcome.FAIL, detail, **values)
    found = _span(sums)
    if chance == 0:
        detail = f"{what} is given by {found} {of_what}, but at this precision every value is."
        return finding("grim", Outcome.NOT_TESTABLE, detail, **values)
    detail = (
        f"{what} is given by {found} {of_what}; a wrong value would have been found impossible "
        f"with the chance {chance:.2g}."
    )
    return finding("grim", Outcome.PASS, detail, **values)


def _span(sums: WholeNumbers) -> str:
    if sums.count == 1:
        return f"{sums.first:,}"
    return (
        f"{sums.first:,} to {sums.last:,}"
        if max(map(abs, (sums.first, sums.last))) < _MANY
        else "very many numbers of"
    )
