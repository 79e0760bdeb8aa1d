"""What a reader has to know before trusting a Pareto front."""

from collections.abc import Sequence

from analysis.pareto.reading import ConfigurationRuns
from analysis.pareto.result import Hypervolume, Resampling
from analysis.presentation.numbers import count_of

_FEW = 10
_MOST_NAMED = 5


def of(
    runs: Sequence[ConfigurationRuns],
    resampling: Resampling,
    block: str | None,
    volume: Hypervolume | None,
) -> tuple[str, ...]:
    """Return all cautions that apply, one sentence each."""
    found = (
        _nothing_left(runs),
        _excluded(runs),
        _single(runs, resampling),
        _unpaired(resampling, block),
        _few(runs, resampling),
        _outside(volume),
    )
    return tuple(each for each in found if each)


def named(labels: Sequence[str]) -> str:
    """Return a list of names, cut off after a few."""
    more = len(labels) - _MOST_NAMED
    return ", ".join(labels[:_MOST_NAMED]) + (f" and {more} more" if more > 0 else "")


def _nothing_left(runs: Sequence[ConfigurationRuns]) -> str | None:
    empty = [each.label for each in runs if each.n == 0]
    if not empty:
        return None
    return f"Without a run that has a finite value in every objective: {named(empty)}; left out."


def _excluded(runs: Sequence[ConfigurationRuns]) -> str | None:
    gaps = [f"{each.missing} of {each.label}" for each in runs if each.missing and each.n]
    if not gaps:
        return None
    return f"Runs with a missing or infinite objective left out: {named(gaps)}."


def _single(runs: Sequence[ConfigurationRuns], resampling: Resampling) -> str | None:
    single = [each.label for each in runs if each.n == 1]
    if not single:
        return None
    if resampling == "none":
        return (
            "Every configuration has a single run: who is on the front may be the luck of the "
            "seed, and nothing here can tell how likely that is."
        )
    return (
        f"A single run has no known uncertainty ({named(single)}): the others' probabilities and "
        "the hypervolume's interval treat it as exact."
    )


def _unpaired(resampling: Resampling, block: str | None) -> str | None:
    if resampling != "runs":
        return None
    reason = (
        "No block was named"
        if block is None
        else f"The configurations do not all have the same blocks ({block})"
    )
    return (
        f"{reason}, so each configuration's runs were resampled on their own; what configurations "
        "share by block counts as independent."
    )


def _few(runs: Sequence[ConfigurationRuns], resampling: Resampling) -> str | None:
    sizes = [each.n for each in runs if each.n > 1]
    if resampling == "none" or min(sizes) >= _FEW:
        return None
    # Hesterberg 2015, The American Statistician 69, 371-386: too narrow by sqrt((n - 1) / n).
    return (
        f"With {count_of(min(sizes), 'run')} in a configuration the bootstrap makes uncertainty "
        f"look smaller than it is; {_FEW} or more are better."
    )


def _outside(volume: Hypervolume | None) -> str | None:
    if volume is None or volume.value > 0:
        return None
    return "No mean is better than the reference point in every objective: the hypervolume is 0."
