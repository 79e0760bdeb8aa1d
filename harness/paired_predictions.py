"""Which test examples an arm and its reference got right, for every comparison of a study."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from analysis import Comparison, Comparisons
from harness.answer import Answer
from harness.canonical import JSON, canonical_json
from harness.errors import StoreError
from harness.evidence import PredictionMatrix, predictions
from harness.frames import shown_levels
from harness.store.reading import ResultsReader
from harness.study.model import Study

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


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A comparison whose predictions cannot be held against each other.

    Attributes:
        comparison: the comparison.
        reason: why not, in a sentence.
    """

    comparison: Comparison
    reason: str


def paired_predictions(
    answer: Answer, results: Comparisons, store: ResultsReader
) -> Iterator[PairedPredictions | LeftOut]:
    """Every comparison of which both arms saved predictions for at least one seed."""
    study = answer.study
    if "predictions" not in store.kept(study.name):
        return
    known: dict[tuple[str, bytes], PredictionMatrix | str] = {}

    def of(arm: str, levels: Mapping[str, JSON]) -> PredictionMatrix | str:
        key = (arm, canonical_json(levels))
        if key not in known:
            try:
                known[key] = predictions(
                    study, store, arm=arm, levels=levels, trials=answer.complete
                )
            except StoreError as error:
                known[key] = str(error)
        return known[key]

    for comparison in results.comparisons:
        levels = _levels(study, comparison)
        if levels is None:
            continue
        found = _paired(comparison, of(comparison.arm, levels), of(comparison.reference, levels))
        if found is not None:
            yield found


def _levels(study: Study, comparison: Comparison) -> Mapping[str, JSON] | None:
    """The study's own levels of a comparison's cell."""
    shown = dict(comparison.cell)
    return next((cell for cell in study.cells if shown_levels(study, cell) == shown), None)


def _paired(
    comparison: Comparison, arm: PredictionMatrix | str, reference: PredictionMatrix | str
) -> PairedPredictions | LeftOut | None:
    """The pairs, why there are none, or None where too little was saved to make any."""
    if isinstance(arm, str):
        return LeftOut(comparison, arm)
    if isinstance(reference, str):
        return LeftOut(comparison, reference)
    shared = set(reference.seeds.tolist())
    seeds = tuple(seed for seed in arm.seeds.tolist() if seed in shared)
    if not seeds:
        return None
    examples, others = arm.correct.shape[1], reference.correct.shape[1]
    if examples != others:
        reason = f"The arm has {examples} test examples and its reference {others}."
        return LeftOut(comparison, reason)
    if len(seeds) * examples > _MOST_PREDICTIONS:
        reason = f"{len(seeds)} seeds of {examples} test examples are too many to resample here."
        return LeftOut(comparison, reason)
    return PairedPredictions(comparison, seeds, _rows_of(arm, seeds), _rows_of(reference, seeds))


def _rows_of(matrix: PredictionMatrix, seeds: tuple[int, ...]) -> npt.NDArray[np.bool_]:
    places = {int(seed): place for place, seed in enumerate(matrix.seeds)}
    return matrix.correct[[places[seed] for seed in seeds]]
