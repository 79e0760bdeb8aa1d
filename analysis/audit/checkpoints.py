"""Whether a saved model is one of the runs that were reported."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

import numpy as np
from scipy import special

from analysis.audit.finding import Finding, Outcome, finding
from analysis.audit.printed_numbers import Printed, exact
from analysis.errors import AnalysisError

_CHECK = "checkpoint"

_SINGLE_PRECISION = Fraction(1, 2**22)
"""How far, relative to its size, a share may lie from the exact one after two roundings."""

_HARDLY = 0.05
"""Below this chance of catching another model, a match says nothing."""


@dataclass(frozen=True, slots=True)
class _Window:
    """The numbers of correct images that a reported value allows."""

    printed: Printed
    low: Fraction
    high: Fraction

    def distance(self, low: Fraction, high: Fraction) -> Fraction:
        """By how many images an interval misses the window, 0 where they touch."""
        return max(self.low - high, low - self.high, Fraction(0))


def checkpoint(
    measured: Printed | str | float,
    reported: Sequence[Printed | str],
    test_size: int,
    *,
    percent: bool = False,
    slack_images: int = 3,
) -> Finding:
    """Say whether a saved model's measured accuracy is one of the reported ones.

    It must equal a reported value, whose rounding interval is widened by a few images: another
    library version or device flips predictions that lie on the boundary (the allowance is the
    house rule of three images). A model that matches none is not among the runs.

    False alarms: a model evaluated with other pre-processing, another split of the test set, or in
    half precision can differ by more than the slack. Misses: a model of another run of the same
    method matches by chance; `chance_of_detection` is the chance that it would not have, if runs
    are normal with the reported values' mean and spread. Below 5 % a match is `not_testable`.

    Args:
        measured: the model's accuracy, as a number of full precision (single or double), or as
            text if it was rounded; in percent if `percent`.
        reported: the runs' accuracies as printed, one or more.
        test_size: images in the test set, 1 or more.
        percent: whether all accuracies are percentages and not shares.
        slack_images: how many images either way are forgiven, 0 or more.

    Raises:
        AnalysisError: no value was reported, a value is no accuracy, or a number is out of range.
    """
    _require(reported, test_size, slack_images)
    unit = Fraction(100 if percent else 1)
    low, high = _measured_images(measured, test_size, unit)
    windows = [_window(exact(each), test_size, unit, slack_images) for each in reported]
    nearest = min(windows, key=lambda each: each.distance(low, high))
    distance = nearest.distance(low, high)
    chance = _chance_of_detection(windows)
    values: dict[str, object] = {
        "measured": measured,
        "nearest_reported": nearest.printed,
        "images_beyond_slack": float(distance),
        "matches": [each.printed for each in windows if each.distance(low, high) == 0],
        "test_size": test_size,
        "slack_images": slack_images,
        "chance_of_detection": chance,
    }
    outcome = _outcome(distance, chance)
    return finding(_CHECK, outcome, _sentence(outcome, values, len(windows)), **values)


def _outcome(distance: Fraction, chance: float | None) -> Outcome:
    if distance > 0:
        return Outcome.FAIL
    return Outcome.NOT_TESTABLE if chance is not None and chance < _HARDLY else Outcome.PASS


def _sentence(outcome: Outcome, values: dict[str, object], runs: int) -> str:
    start = f"The saved model scores {values['measured']} on {values['test_size']} images"
    slack, chance = values["slack_images"], values["chance_of_detection"]
    caught = "" if chance is None else f" (chance of detecting another run's model {chance:.2g})"
    match outcome:
        case Outcome.FAIL:
            return (
                f"{start}, which is none of the {runs} reported value(s): the nearest, "
                f"{values['nearest_reported']}, is missed by {values['images_beyond_slack']:.3g} "
                f"images beyond rounding and {slack} images of slack."
            )
        case Outcome.PASS:
            return (
                f"{start}, which is the reported {values['nearest_reported']} up to rounding and "
                f"{slack} images{caught}."
            )
        case _:
            return (
                f"{start}, which matches a reported value, but nearly any model of this method "
                f"would have (chance of detection {values['chance_of_detection']:.2g})."
            )


def _measured_images(
    measured: Printed | str | float, test_size: int, unit: Fraction
) -> tuple[Fraction, Fraction]:
    """Return the fewest and the most images that the measured accuracy stands for."""
    if isinstance(measured, Printed | str):
        number = exact(measured)
        ends = Fraction(number.low), Fraction(number.high)
        _require_accuracy(number.text, Fraction(number.value), unit)
        return ends[0] / unit * test_size, ends[1] / unit * test_size
    if isinstance(measured, bool) or not math.isfinite(measured):
        raise AnalysisError(f"the measured accuracy is {measured!r}; allowed: a finite number")
    value = Fraction(Decimal(repr(float(measured))))
    _require_accuracy(str(measured), value, unit)
    images = value / unit * test_size
    rounding = images * _SINGLE_PRECISION
    return images - rounding, images + rounding


def _window(printed: Printed, test_size: int, unit: Fraction, slack: int) -> _Window:
    _require_accuracy(printed.text, Fraction(printed.value), unit)
    low, high = (Fraction(end) / unit * test_size for end in (printed.low, printed.high))
    return _Window(printed, low - slack, high + slack)


def _chance_of_detection(windows: Sequence[_Window]) -> float | None:
    """Return the chance that another run's model matches none; None where spread is unknown."""
    middles = np.array([float(each.low + each.high) / 2 for each in windows])
    if len(middles) < 2 or middles.min() == middles.max():
        return None
    scale = float(middles.std(ddof=1)) * math.sqrt(1 + 1 / len(middles))
    centre = float(middles.mean())
    covered = 0.0
    for low, high in _merged(windows):
        # Counts are whole: the window holds those from its low to its high end.
        ends = (math.ceil(low) - 0.5 - centre, math.floor(high) + 0.5 - centre)
        covered += float(special.ndtr(ends[1] / scale) - special.ndtr(ends[0] / scale))
    return max(0.0, 1 - covered)


def _merged(windows: Sequence[_Window]) -> list[tuple[Fraction, Fraction]]:
    """Return the union of windows as intervals that share no whole number."""
    merged: list[tuple[Fraction, Fraction]] = []
    for low, high in sorted((each.low, each.high) for each in windows):
        if merged and low <= math.floor(merged[-1][1]) + 1:
            merged[-1] = (merged[-1][0], max(merged[-1][1], high))
        else:
            merged.append((low, high))
    return merged


def _require(reported: Sequence[Printed | str], test_size: object, slack: object) -> None:
    if isinstance(reported, str) or len(reported) == 0:
        raise AnalysisError(f"reported is {reported!r}; allowed: a list of one or more accuracies")
    if isinstance(test_size, bool) or not isinstance(test_size, int) or test_size < 1:
        raise AnalysisError(f"the test size is {test_size!r}; allowed: a whole number from 1 on")
    if isinstance(slack, bool) or not isinstance(slack, int) or slack < 0:
        raise AnalysisError(f"slack_images is {slack!r}; allowed: a whole number from 0 on")


def _require_accuracy(text: str, value: Fraction, unit: Fraction) -> None:
    if not 0 <= value <= unit:
        hint = "; is it a percentage (percent=True)?" if 1 < value <= 100 else ""
        raise AnalysisError(f"{text} is no accuracy; allowed: 0 to {unit}{hint}")
