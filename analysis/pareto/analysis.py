"""From runs to the Pareto front, with the uncertainty that the choice of seeds leaves."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from analysis.errors import AnalysisError
from analysis.inference.paired import Floats
from analysis.inference.student_t import MeanInterval, mean_interval
from analysis.pareto import cautions
from analysis.pareto.front import dominance, signs
from analysis.pareto.hypervolume import hypervolumes
from analysis.pareto.knee import knee_point
from analysis.pareto.reading import ConfigurationRuns, read_configurations
from analysis.pareto.reference import reference_point
from analysis.pareto.resampling import (
    ResampledMeans,
    bca_of_means,
    resample_blocks,
    resample_runs,
    share_blocks,
)
from analysis.pareto.result import Configuration, Hypervolume, ParetoFront, Resampling
from analysis.pareto.ties import fronts, noise_of_means, ranks_with_ties
from analysis.protocol import Direction


def pareto(
    frame: pd.DataFrame,
    objectives: Mapping[str, Direction],
    *,
    configuration: str | Sequence[str] = "arm",
    block: str | None = "seed",
    level: float = 0.95,
    resamples: int = 10_000,
    reference: Mapping[str, float] | None = None,
    seed: int = 0,
) -> ParetoFront:
    """Find the configurations that no other dominates in the means of several objectives.

    A configuration on the front of the means may be there by luck of its seeds, and one beside it
    may belong there. So runs are resampled, and each configuration is given the share of resamples
    in which it is on the front. Blocks are resampled as wholes when all configurations have the
    same ones; otherwise each configuration's runs are resampled on their own, and a warning says
    so. The share is no probability that the configuration is better than another.

    Args:
        frame: long form, one row a run, in any order.
        objectives: columns of the objectives and their directions, at least two.
        configuration: column or columns whose levels together name a configuration, such as
            ("arm", "blocks_removed").
        block: column that says which runs belong together across configurations, such as the
            seed; None when none do.
        level: of the intervals, above 0 and below 1.
        resamples: bootstrap resamples, at least 1.
        reference: the hypervolume's reference point, one finite number an objective; None takes
            the worst observed mean of each objective, moved outward by a tenth of its range.
        seed: of the bootstrap; the same seed gives the same result in any order of rows.

    Returns:
        Every configuration with its means, its place and what dominates it, the hypervolume, and
        the knee. Runs with a missing or infinite objective are left out and counted.

    Raises:
        AnalysisError: an argument is impossible, or the frame has one of the faults that
            `analysis.runs.read_runs` refuses.
    """
    columns = (configuration,) if isinstance(configuration, str) else tuple(configuration)
    _require_possible(objectives, columns, level, resamples)
    directions = tuple(objectives.values())
    runs = read_configurations(frame, tuple(objectives), columns, block)
    known = [each for each in runs if each.n]
    drawn = _resample(known, resamples, seed)
    means = [[_mean(each, level) for each in runs_of.objectives()] for runs_of in known]
    placed = _place(known, means, directions, drawn)
    volume = _volume(placed.costs, objectives, reference, drawn.means, level)
    return ParetoFront(
        objectives=dict(objectives),
        configurations=_configurations(runs, means, placed, tuple(objectives)),
        hypervolume=volume,
        knee=known[placed.knee].label if placed.knee is not None else None,
        level=level,
        resamples=resamples if drawn.means else 0,
        resampling=drawn.kind,
        seed=seed,
        warnings=cautions.of(runs, drawn.kind, block, volume),
    )


@dataclass(frozen=True, slots=True, eq=False)
class _Drawn:
    kind: Resampling
    means: ResampledMeans | None


@dataclass(frozen=True, slots=True, eq=False)
class _Placed:
    """Where the configurations with runs stand; `knee` is a place among them."""

    costs: Floats
    dominance: "np.ndarray[tuple[int, int], np.dtype[np.bool_]]"
    shares: Floats | None
    knee: int | None


def _require_possible(
    objectives: Mapping[str, Direction], columns: Sequence[str], level: float, resamples: int
) -> None:
    if len(objectives) < 2:
        raise AnalysisError(
            f"objectives given: {list(objectives)}; a trade-off needs at least two. "
            "For one metric, use `analysis.compare`."
        )
    signs(tuple(objectives.values()))
    if not columns:
        raise AnalysisError("configuration: no column given; name one or more, such as 'arm'")
    if not 0 < level < 1:
        raise AnalysisError(f"level is {level!r}; allowed: a number above 0 and below 1")
    if resamples < 1:
        raise AnalysisError(f"resamples is {resamples!r}; allowed: a whole number from 1")


def _resample(runs: Sequence[ConfigurationRuns], resamples: int, seed: int) -> _Drawn:
    if all(each.n < 2 for each in runs):
        return _Drawn("none", None)
    if share_blocks(runs):
        return _Drawn("blocks", resample_blocks(runs, resamples, seed))
    return _Drawn("runs", resample_runs(runs, resamples, seed))


def _mean(values: Floats, level: float) -> MeanInterval:
    summary = mean_interval(values, level)
    if summary.n > 1 and summary.sd == 0:
        return MeanInterval(summary.n, float(values[0]), 0.0, 0.0)
    return summary


def _place(
    runs: Sequence[ConfigurationRuns],
    means: Sequence[Sequence[MeanInterval]],
    directions: Sequence[Direction],
    drawn: _Drawn,
) -> _Placed:
    turned = signs(directions)
    observed = np.asarray([[each.mean for each in row] for row in means], dtype=np.float64)
    costs = observed.reshape(len(runs), len(directions)) * turned
    if not runs:
        return _Placed(costs, np.zeros((0, 0), dtype=np.bool_), None, None)
    noise = noise_of_means(runs)
    ranks = ranks_with_ties(costs[None], noise)
    shares = None
    if drawn.means:
        shares = fronts(ranks_with_ties(drawn.means.means * turned, noise)).mean(axis=0)
    return _Placed(costs, dominance(ranks[0]), shares, _knee(costs, fronts(ranks)[0]))


def _knee(costs: Floats, on_front: "np.ndarray[tuple[int], np.dtype[np.bool_]]") -> int | None:
    places = np.flatnonzero(on_front)
    found = knee_point(costs[places], ["minimize"] * costs.shape[1])
    return None if found is None else int(places[found])


def _volume(
    costs: Floats,
    objectives: Mapping[str, Direction],
    reference: Mapping[str, float] | None,
    drawn: ResampledMeans | None,
    level: float,
) -> Hypervolume | None:
    turned = signs(tuple(objectives.values()))
    point, chosen = reference_point(costs * turned, objectives, reference)
    if len(costs) == 0:
        return None
    limit = point * turned
    value = float(hypervolumes(costs[None], limit)[0])
    low = high = None
    if drawn:
        low, high = bca_of_means(
            drawn, lambda means: hypervolumes(means * turned, limit), value, level
        )
    named = {name: float(each) for name, each in zip(objectives, point, strict=True)}
    if not math.isfinite(value):
        raise AnalysisError("the hypervolume overflows: give the objectives in larger units")
    return Hypervolume(value, low, high, named, chosen)


def _configurations(
    runs: Sequence[ConfigurationRuns],
    means: Sequence[Sequence[MeanInterval]],
    placed: _Placed,
    objectives: Sequence[str],
) -> tuple[Configuration, ...]:
    known = [each.label for each in runs if each.n]
    place_of = {label: place for place, label in enumerate(known)}
    found = []
    for each in runs:
        place = place_of.get(each.label)
        if place is None:
            nothing = dict.fromkeys(objectives, MeanInterval(0))
            found.append(
                Configuration(each.label, each.key, 0, each.missing, nothing, False, None, ())
            )
            continue
        above = placed.dominance[:, place]
        found.append(
            Configuration(
                label=each.label,
                key=each.key,
                n=each.n,
                missing=each.missing,
                means=dict(zip(objectives, means[place], strict=True)),
                on_front=not above.any(),
                probability_on_front=_share(each, place, placed),
                dominated_by=tuple(known[other] for other in np.flatnonzero(above)),
                is_knee=place == placed.knee,
            )
        )
    return tuple(found)


def _share(runs: ConfigurationRuns, place: int, placed: _Placed) -> float | None:
    return float(placed.shares[place]) if placed.shares is not None and runs.n > 1 else None
