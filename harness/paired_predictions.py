"""Which test examples an arm and its reference got right, for every comparison of a study."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from analysis import Comparison, Comparisons
from harness.answer import Answer
from harness.canonical import JSON, canonical_json
from harness.evidence import PredictionMatrix, predictions
from harness.store.reading import ResultsReader

# Examples times trials of one comparison; resampling more takes minutes.
_MOST_PREDICTIONS = 4_000_000


@dataclass(frozen=True, slots=True)
class PairedPredictions:
    """Which examples an arm and its reference got right, seed by seed.

    Attributes:
        comparison: the comparison.
        seeds: the seeds that both have.
        arm: shape (seeds, examples).
        reference: the same shape.
    """

    comparison: Comparison
    seeds: tuple[int, ...]
    arm: npt.NDArray[np.bool_]
    reference: npt.NDArray[np.bool_]


def paired_predictions(
    answer: Answer, results: Comparisons, store: ResultsReader
) -> Iterator[PairedPredictions]:
    """Every comparison of which both arms saved predictions for at least one seed."""
    known: dict[tuple[str, bytes], PredictionMatrix] = {}

    def of(arm: str, levels: Mapping[str, JSON]) -> PredictionMatrix:
        key = (arm, canonical_json(levels))
        if key not in known:
            known[key] = predictions(answer.study, store, arm=arm, levels=levels)
        return known[key]

    for comparison in results.comparisons:
        levels = _levels(answer, comparison)
        if levels is None:
            continue
        first, second = of(comparison.arm, levels), of(comparison.reference, levels)
        seeds = tuple(int(each) for each in first.seeds if each in set(second.seeds.tolist()))
        if not seeds or first.correct.shape[1] != second.correct.shape[1]:
            continue
        if len(seeds) * first.correct.shape[1] > _MOST_PREDICTIONS:
            continue
        yield PairedPredictions(comparison, seeds, _rows_of(first, seeds), _rows_of(second, seeds))


def _levels(answer: Answer, comparison: Comparison) -> Mapping[str, JSON] | None:
    """The study's own levels of a comparison's cell."""
    shown = {factor: str(level) for factor, level in comparison.cell}
    for cell in answer.study.cells:
        if {factor: str(level) for factor, level in cell.items()} == shown:
            return cell
    return None


def _rows_of(matrix: PredictionMatrix, seeds: tuple[int, ...]) -> npt.NDArray[np.bool_]:
    places = {int(seed): place for place, seed in enumerate(matrix.seeds)}
    return matrix.correct[[places[seed] for seed in seeds]]
