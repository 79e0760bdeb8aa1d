"""What a trial function declares that can train many trials at once: its batch form.

The runner finds it on the trial function and uses it without being told; ``docs/batching.md`` shows
how to write one. A batch form is an optimisation only: which trials share a batch must not change
what a trial returns, within a tolerance that a test holds (:func:`compare_groupings`).
"""

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias, TypeVar

from harness.assets import AssetStore
from harness.canonical import JSON
from harness.errors import SetupError, nearest_match
from harness.trial import Trial

BatchFunction: TypeAlias = Callable[
    [Sequence[Trial]], Sequence[Mapping[str, float] | BaseException]
]
"""Trains trials together: in their order, each one's metrics or the exception that ended it."""

Params: TypeAlias = Mapping[str, JSON]
Function = TypeVar("Function", bound=Callable[..., Mapping[str, float]])

BATCH_TRIALS = "batch_trials"
"""The fact by which every trial says with how many it shared its batch, itself counted."""

_ATTRIBUTE = "batch_form"

DEFAULT_ASSETS = Path("artifacts") / "assets"


@dataclass(frozen=True, slots=True)
class BatchForm:
    """What a trial function offers beside itself.

    Attributes:
        run: trains trials together.
        alike: of a trial's parameters, what trials must have in common to share a batch.
        at_most: of a trial's parameters, how many such trials one worker should hold, from 1; in a
            batch the smallest number holds.
        workers: how many worker processes make sense at most; None for as many as the user asked.
        needs_asset: of a trial's parameters, whether it needs an asset that one worker makes while
            the others wait.
    """

    run: BatchFunction
    alike: Callable[[Params], JSON]
    at_most: Callable[[Params], int]
    workers: Callable[[], int | None]
    needs_asset: Callable[[Params], bool]


def offers_batches(
    run: BatchFunction,
    *,
    at_most: Callable[[Params], int] | int,
    may_differ: Sequence[str] | None = None,
    alike: Callable[[Params], JSON] | None = None,
    workers: Callable[[], int | None] | None = None,
    needs_asset: Callable[[Params], bool] | None = None,
) -> Callable[[Function], Function]:
    """Declare, on the function that runs one trial, the one that runs many at once.

    None of what is declared is called in the process that dispatches trials: a worker is asked.

    Args:
        run: takes trials and returns, in their order, each one's metrics or the exception that
            ended it, :class:`~harness.trial.TrialPruned` included. An exception that it raises
            is nobody's: every trial is then run in a batch of its own, or the batch in two halves
            where memory was full.
        at_most: how many trials one worker should hold, or a function of the parameters.
        may_differ: names of the parameters that each trial of a batch has for itself; in all others
            they agree. A name that is forgotten here costs time, and no result.
        alike: in place of names, a function of the parameters: trials may share a batch for which
            it gives equal JSON. A parameter that it forgets gives wrong results.
        workers: how many worker processes make sense at most, such as 1 where one GPU is shared;
            None where that is for the user to say.
        needs_asset: whether a trial needs a shared asset that takes long to make, such as a
            teacher: while one worker makes it, the others run trials that do not. None where none
            does.

    Returns:
        A decorator that leaves the function as it is and notes the batch form on it.

    Raises:
        TypeError: unless one of ``may_differ`` and ``alike`` is given, the first as a list of
            names, and what has to be a function is one.
    """
    if (may_differ is None) == (alike is None):
        raise TypeError("offers_batches takes may_differ, a list of parameters' names, or alike")
    if isinstance(may_differ, str) or callable(may_differ):
        raise TypeError(f"may_differ is a list of parameters' names; given: {may_differ!r}")
    functions = {"alike": alike, "workers": workers, "needs_asset": needs_asset}
    for name, given in functions.items():
        if given is not None and not callable(given):
            raise TypeError(f"{name} is a function; given: {given!r}")
    form = BatchForm(
        run=run,
        alike=alike if alike is not None else _all_but(tuple(may_differ or ())),
        at_most=at_most if callable(at_most) else lambda _params: at_most,
        workers=workers if workers is not None else lambda: None,
        needs_asset=needs_asset if needs_asset is not None else lambda _params: False,
    )

    def declare(function: Function) -> Function:
        setattr(function, _ATTRIBUTE, form)
        return function

    return declare


def batch_form_of(function: Callable[..., object]) -> BatchForm | None:
    """The batch form that a trial function offers; None when it offers none."""
    form = getattr(function, _ATTRIBUTE, None)
    return form if isinstance(form, BatchForm) else None


def batch_of_one(run: BatchFunction, trial: Trial) -> Mapping[str, float]:
    """A trial's metrics from a batch that it has to itself: what a trial function may consist of.

    Raises:
        ValueError: if the batch function does not return one result.
        BaseException: the one that came back in place of metrics.
    """
    (result,) = run_batch(run, [trial])
    if isinstance(result, BaseException):
        raise result
    return result


def run_batch(
    run: BatchFunction, trials: Sequence[Trial]
) -> Sequence[Mapping[str, float] | BaseException]:
    """What a batch function returns of these trials, once it is one result for each.

    Raises:
        ValueError: if it is not.
    """
    # Whatever else a user's function returns is told, not stumbled over.
    results: object = run(trials)
    if isinstance(results, Sequence) and len(results) == len(trials):
        return results
    given = f"{len(results)} entries" if isinstance(results, Sequence) else f"{results!r:.200}"
    raise ValueError(
        f"a batch function returns a list with one entry a trial, its metrics or the exception "
        f"that ended it; for {len(trials)} trials it returned {given}"
    )


def compare_groupings(
    run: BatchFunction,
    cases: Sequence[tuple[Params, int]],
    groupings: Iterable[Iterable[Sequence[int]]],
    assets: str | Path = DEFAULT_ASSETS,
) -> float:
    """How far what trials report and return depends on which of them share a batch.

    Args:
        run: the batch function.
        cases: parameters and seed of each trial.
        groupings: each says which trials, by number, run together, such as ``[[0], [1], [2]]`` and
            ``[[0, 2], [1]]``. The first one is what the others are held against.
        assets: folder of the shared assets.

    Returns:
        The largest absolute difference between a grouping and the first, of any metric of any trial
        and any point of its learning curves; 0.0 where all agree to the bit. NaN equals NaN, and is
        infinitely far from everything else.

    Raises:
        ValueError: if there is nothing to compare: fewer than two groupings, one that leaves a
            trial out or names one that there is not, or not a single finite value; or if a trial
            returns other metrics in one.
        BaseException: whatever came back in place of metrics.
    """
    asked = [[list(together) for together in grouping] for grouping in groupings]
    if len(asked) < 2:
        raise ValueError(f"groupings are compared with each other: two at least; given: {asked}")
    for grouping in asked:
        named = sorted(number for together in grouping for number in together)
        if named != list(range(len(cases))):
            raise ValueError(f"a grouping names every trial once, from 0; this one names {named}")
    store = AssetStore(Path(assets))
    first, *others = [_values_by_trial(run, cases, grouping, store) for grouping in asked]
    if not any(math.isfinite(value) for values in first for value in values.values()):
        raise ValueError("no trial gave a finite value, so that nothing was compared")
    return max(_distance(first, other) for other in others)


_Values: TypeAlias = dict[tuple[int | None, str], float]


def _values_by_trial(
    run: BatchFunction,
    cases: Sequence[tuple[Params, int]],
    grouping: Iterable[Sequence[int]],
    assets: AssetStore,
) -> list[_Values]:
    """Of each trial, its metrics (at no step) and its learning curves, by step and name."""
    found: dict[int, _Values] = {}
    for numbers in grouping:
        trials = [Trial(*cases[number], assets) for number in numbers]
        for number, trial, result in zip(numbers, trials, run_batch(run, trials), strict=True):
            if isinstance(result, BaseException):
                raise result
            found[number] = {(point.step, point.metric): point.value for point in trial.curve}
            found[number] |= {(None, name): float(value) for name, value in result.items()}
    return [found[number] for number in range(len(cases))]


def _distance(first: Sequence[_Values], other: Sequence[_Values]) -> float:
    largest = 0.0
    for number, (one, two) in enumerate(zip(first, other, strict=True)):
        if one.keys() != two.keys():
            raise ValueError(
                f"trial {number} gave {[*one]} in one grouping and {[*two]} in another"
            )
        largest = max([largest, *(_apart(one[name], two[name]) for name in one)])
    return largest


def _apart(one: float, two: float) -> float:
    if one == two or (math.isnan(one) and math.isnan(two)):
        return 0.0
    return abs(one - two) if math.isfinite(one) and math.isfinite(two) else math.inf


def _all_but(names: tuple[str, ...]) -> Callable[[Params], JSON]:
    def others(params: Params) -> JSON:
        unknown = [name for name in names if name not in params]
        if unknown:
            nearest = nearest_match(unknown[0], params)
            raise SetupError(
                f"offers_batches(may_differ={names!r}) names {unknown[0]!r}, which is no parameter "
                f"of the trial; it has {', '.join(sorted(params)) or 'none'}"
                + (f"; nearest: {nearest}" if nearest else "")
            )
        return {name: value for name, value in params.items() if name not in names}

    return others
