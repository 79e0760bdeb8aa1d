"""How large and how slow each student of the compression sweep is, by its own trials."""

from collections.abc import Sequence
from dataclasses import dataclass

from analysis.publication import PublicationTable
from analysis.publication.columns import Column
from analysis.publication.entries import nothing_entry, number_entry
from harness.answer import Answer
from studies.paper.tables import column, explained, values_of
from studies.paper.words import UNTESTED, dataset, run_range

REMOVED = "blocks_removed"
FACTOR = "compression_factor"
LATENCY = "latency_ms"

PROFILE_BATCH, PROFILE_THREADS = 64, 1
"""How students' trials measure latency, as studies.distillation.latency.profile says itself."""

LATENCY_WORDS = (
    f"Latency: median call of a batch of {PROFILE_BATCH} images with {PROFILE_THREADS} thread, "
    "warm, as the trials of compression quote it: measured once a machine, and not by the study of "
    "latencies."
)


@dataclass(frozen=True, slots=True)
class Size:
    """The students that lack equally many blocks; None for what no trial returned.

    Attributes:
        removed: k, the number of blocks.
        n: trials behind the numbers.
        factor: the teacher's parameters over theirs.
        parameters: their number.
        multiply_adds: of one image.
        weights_mb: memory of the weights, in 10⁶ bytes.
        latency_ms: mean over trials; all of one machine quote the same.
    """

    removed: int
    n: int
    factor: float | None
    parameters: float | None
    multiply_adds: float | None
    weights_mb: float | None
    latency_ms: float | None


def sizes_by_removed(answer: Answer) -> tuple[Size, ...]:
    """The students of a sweep of the blocks removed, the largest first."""
    frame = answer.compared
    if REMOVED not in frame:
        return ()

    def mean(metric: str, removed: int) -> float | None:
        values = values_of(frame, metric, **{REMOVED: removed})
        return float(values.mean()) if len(values) else None

    return tuple(
        Size(
            removed=removed,
            n=int((frame[REMOVED] == removed).sum()),
            factor=mean(FACTOR, removed),
            parameters=mean("parameters", removed),
            multiply_adds=mean("multiply_adds", removed),
            weights_mb=mean("weights_mb", removed),
            latency_ms=mean(LATENCY, removed),
        )
        for removed in sorted(map(int, frame[REMOVED].unique()))
    )


def sizes_table(answer: Answer, sizes: Sequence[Size]) -> PublicationTable:
    """Return one row a number of blocks removed: parameters, arithmetic, memory and latency."""
    table = PublicationTable(
        columns=(
            column("k", [number_entry(REMOVED, each.removed, 0) for each in sizes]),
            _numbers("factor", FACTOR, [each.factor for each in sizes], 2),
            _numbers("parameters", "parameters", [each.parameters for each in sizes], 0),
            _numbers("multiply-adds", "multiply_adds", [each.multiply_adds for each in sizes], 0),
            _numbers("MB", "weights_mb", [each.weights_mb for each in sizes], 4),
            _numbers("latency in ms", LATENCY, [each.latency_ms for each in sizes], 3),
        ),
        caption=(
            "Sizes of the students by blocks removed (k), the same in every arm; the factor is the "
            "teacher's parameters over the student's. Multiply-adds: of one image. MB: of the "
            f"weights, in 10⁶ bytes. {LATENCY_WORDS} Data: networks for {dataset(answer.study)}; "
            f"n = {run_range(each.n for each in sizes)} a row. {UNTESTED}"
        ),
        label="tab:compression-sizes",
        row_names=tuple(f"k {each.removed}" for each in sizes),
        subject="size",
    )
    return explained(table, "no trial returned it.")


def _numbers(header: str, name: str, values: Sequence[float | None], decimals: int) -> Column:
    entries = [
        nothing_entry(name) if each is None else number_entry(name, each, decimals)
        for each in values
    ]
    return column(header, entries)
