"""Whether the arithmetic and the memory traffic that were saved can give a claimed speed-up."""

import math
from fractions import Fraction

from analysis.audit.finding import Finding, Outcome, finding
from analysis.audit.printed_numbers import Printed, exact
from analysis.errors import AnalysisError
from analysis.inference.intervals import Interval

_CHECK = "speedup_bound"


def speedup_interval(before: Printed | str, after: Printed | str) -> Interval:
    """Return between which speed-ups two printed times leave it open, as before / after.

    Args:
        before: time of the slower or original model as printed, in any unit, above 0.
        after: time of the faster one in the same unit, above 0.

    Returns:
        Without a unit; the upper end is infinite where `after` may have been rounded down to 0.

    Raises:
        PrintedError: a time is no printed number.
        AnalysisError: a time is not above 0.
    """
    slow, fast = exact(before), exact(after)
    for time in (slow, fast):
        if time.value <= 0:
            raise AnalysisError(f"the time {time.text} was given; allowed: above 0")
    shortest = max(Fraction(fast.low), Fraction(0))
    low = max(Fraction(slow.low), Fraction(0)) / Fraction(fast.high)
    high = float(Fraction(slow.high) / shortest) if shortest > 0 else math.inf
    return Interval(float(low), high)


def speedup_bound(
    claimed: Interval | Printed | str | float | None,
    work_ratio: float | None,
    *,
    bytes_ratio: float | None = None,
    slack: float = 1.25,
    warm_up: int | bool | None = None,
    repeats: int | None = None,
    batch: int | None = None,
) -> Finding:
    """Hold a claimed speed-up against the ratios of multiply-adds and of bytes moved.

    A kernel is bound by arithmetic or by memory (Williams, Waterman & Patterson 2009,
    Communications of the ACM 52(4), 65-76): saving a factor of the one and of the other cannot
    save more than the larger of both. A claim whose lowest value is above that by more than the
    slack is flagged. It is never a failure.

    False alarms: a smaller model that fits a cache, fewer kernel launches, another kernel, layout
    or precision, and a slow first call all save more than the ratios say. None on a machine whose
    times are the roofline's plus a constant. A ratio of multiply-adds alone says little of a model
    bound by memory: give both. Timings need a warm-up, repeats and the batch size (MLPerf
    inference rules); the finding says which of them were not reported.

    Args:
        claimed: the speed-up, as printed, as a number, or as `speedup_interval` gives it.
        work_ratio: multiply-adds of the slower model over those of the faster one, above 0.
        bytes_ratio: the same of bytes moved, weights and activations, above 0.
        slack: factor by which it may exceed both, 1 or more.
        warm_up: warm-up runs before timing, or whether there were any; None when not reported.
        repeats: timed repeats; None when not reported.
        batch: images at a time; None when not reported.

    Raises:
        AnalysisError: a number is out of its range.
    """
    reported = {"warm_up": warm_up, "repeats": repeats, "batch": batch}
    _require(work_ratio, bytes_ratio, slack, reported)
    ratios = [each for each in (work_ratio, bytes_ratio) if each is not None]
    missing = [name for name, value in reported.items() if value is None]
    if claimed is None or not ratios:
        lacking = "the claimed speed-up" if claimed is None else "work_ratio and bytes_ratio"
        return finding(_CHECK, Outcome.MISSING_INPUT, f"Not given: {lacking}.", **reported)
    speedup = _interval(claimed)
    bound = slack * max(ratios)
    exceeds = speedup.low > bound
    return finding(
        _CHECK,
        Outcome.FLAG if exceeds else Outcome.PASS,
        _sentence(
            speedup, work_ratio, bytes_ratio, bound, missing, exceeds=exceeds, cold=warm_up == 0
        ),
        claimed_low=speedup.low,
        claimed_high=speedup.high,
        work_ratio=work_ratio,
        bytes_ratio=bytes_ratio,
        slack=slack,
        bound=bound,
        **reported,
        not_reported=missing,
    )


def _sentence(
    speedup: Interval,
    work_ratio: float | None,
    bytes_ratio: float | None,
    bound: float,
    missing: list[str],
    *,
    exceeds: bool,
    cold: bool,
) -> str:
    claimed = f"{speedup.low:.4g}"
    if speedup.high > speedup.low:
        claimed += f" to {speedup.high:.4g}"
    named = {"multiply-adds": work_ratio, "bytes moved": bytes_ratio}
    saved = " and ".join(f"{each:.4g} times fewer {name}" for name, each in named.items() if each)
    silent = ", ".join(each.replace("_", "-") for each in missing)
    told = f"Not reported: {silent}." if missing else "Warm-up, repeats and batch were reported."
    if cold:
        told += " Nothing was run before timing."
    return (
        f"A speed-up of {claimed} is claimed with {saved}; with slack, up to {bound:.4g} is "
        f"explained, which it {'exceeds' if exceeds else 'does not exceed'}. {told}"
    )


def _interval(claimed: Interval | Printed | str | float) -> Interval:
    match claimed:
        case Interval():
            found = claimed
        case Printed() | str():
            number = exact(claimed)
            found = Interval(max(0.0, float(number.low)), float(number.high))
        case _:
            found = Interval(float(claimed), float(claimed))
    if not (found.low >= 0 and found.high > 0 and found.low < math.inf):
        raise AnalysisError(f"the claimed speed-up is {claimed!r}; allowed: above 0 and finite")
    return found


def _require(
    work_ratio: float | None,
    bytes_ratio: float | None,
    slack: float,
    reported: dict[str, int | bool | None],
) -> None:
    for name, ratio in (("work_ratio", work_ratio), ("bytes_ratio", bytes_ratio)):
        if ratio is not None and not 0 < ratio < math.inf:
            raise AnalysisError(f"{name} is {ratio!r}; allowed: above 0 and finite")
    if not 1 <= slack < math.inf:
        raise AnalysisError(f"the slack is {slack!r}; allowed: 1 or more, finite")
    for name, lowest in (("warm_up", 0), ("repeats", 1), ("batch", 1)):
        count = reported[name]
        if count is not None and not lowest <= count < math.inf:
            raise AnalysisError(f"{name} is {count!r}; allowed: {lowest} or more")
