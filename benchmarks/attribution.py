"""How long attribution maps take, beside Captum and beside the passes that no method can save.

The floor passes as many points through the same network, forwards and backwards, in the same
batches, on as many threads and with the same memory settings, and does nothing else.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from benchmarks.explaining import NEAR_FLOOR, STEPS, contestant
from benchmarks.measuring import Contestant, contest
from benchmarks.model import Quantity, Question, Setting, Table, Target
from benchmarks.serving import Timed

ROUNDS = 5


@dataclass(frozen=True, slots=True)
class Work:
    """What is done with one family of images.

    Attributes:
        title: of its table.
        count: images that are explained.
        alone: images for contestants that have one thread.
        captums: images for Captum with an internal batch.
        without_batches: images for Captum as it is.
        memory_mb: what ours may take; imports of torch take about half of that for digits.
        compared: images and steps that are held against double precision, where convolutions are
            slow.
        checked: the same before anything is timed, where both are in double precision.
    """

    title: str
    count: int
    alone: int
    captums: int
    without_batches: int
    memory_mb: float
    compared: tuple[int, int]
    checked: tuple[int, int]


WORK = {
    "digits": Work(
        "Maps of 8×8 images, the digits teacher", 1437, 240, 400, 144, 1200, (32, 50), (1, 50)
    ),
    "cifar": Work("Maps of 32×32 images, MobileNet-V2", 4, 2, 4, 4, 2200, (1, 10), (1, 3)),
}
QUICK_COUNT = 2

CHECKED_ERROR = 1e-7
"""Captum rounds the quadrature's weights to single precision in every case."""

STATED_ERROR = 1e-3
"""Where rounding moves a point over a bend of the network, its gradient is that of the other side;
Captum's own values in single precision are as far from those in double precision."""


def check() -> None:
    """Our values in double precision are Captum's, up to its rounded weights.

    Raises:
        ValueError: if they are not.
    """
    from benchmarks.explaining import architecture, largest_difference

    for family, work in WORK.items():
        error = largest_difference(architecture(family), *work.checked, double=True)
        if not error < CHECKED_ERROR:
            raise ValueError(f"{family}: attributions differ from Captum's by {error:.1e}")


def compared(family: str) -> Callable[[], object]:
    """How far values in single precision are from Captum's in double precision."""
    from benchmarks.explaining import architecture, largest_difference

    images, steps = WORK[family].compared

    def run() -> Timed:
        ours = largest_difference(architecture(family), images, steps)
        captums = largest_difference(architecture(family), images, steps, of="captum")
        said = {"images": images, "steps": steps, "largest_error": ours}
        return Timed(details={**said, "Captum's_own_largest_error": captums})

    return run


def measure(setting: Setting) -> Iterator[Table]:
    """Both families, each on one thread and on all cores."""
    from harness.execution.pool import usable_cores

    for family in WORK:
        yield _table(family, usable_cores(), quick=setting.quick)
    yield _equality()


def _table(family: str, cores: int, *, quick: bool) -> Table:
    from harness.execution.memory import memory_variables

    work = WORK[family]
    kept = {"variables": memory_variables()}

    def images(count: int, **settings: Any) -> dict[str, Any]:  # noqa: ANN401
        return {"family": family, "count": min(count, QUICK_COUNT) if quick else count, **settings}

    together, alone = images(work.count, threads=cores), images(work.alone, threads=1)
    batched = images(work.captums)
    at_once = images(work.without_batches, batched=False)
    return contest(
        work.title,
        Quantity("images/s", better="higher"),
        [
            contestant("harness", "ours", "ours", together, **kept),
            contestant("floor", "floor", "floor", together, **kept),
            contestant("harness, one thread", "variant", "ours", alone, **kept),
            contestant("floor, one thread", "floor", "floor", alone, **kept),
            contestant(
                "Captum, internal batch",
                "peer",
                "captum",
                batched,
                note=f"Measured with {batched['count']} images; more take no more memory.",
            ),
            contestant(
                "Captum, as it is",
                "peer",
                "captum",
                at_once,
                note=f"Measured with {at_once['count']} images: it holds all their points at once, "
                "so that memory grows with them.",
            ),
        ],
        rounds=2 if quick else ROUNDS,
        targets=[
            Target("harness", "times", NEAR_FLOOR, against="floor"),
            Target("harness, one thread", "times", NEAR_FLOOR, against="floor, one thread"),
            Target("harness", "peak_rss_mb", work.memory_mb),
        ],
        memory=True,
    )


def _equality() -> Table:
    return contest(
        "Single precision held against Captum's double precision",
        Quantity("s"),
        [
            Contestant(
                work.title,
                "ours",
                "benchmarks.attribution:compared",
                {"family": family},
                packages=("captum", "torch"),
            )
            for family, work in WORK.items()
        ],
        rounds=1,
        targets=[Target(work.title, "largest_error", STATED_ERROR) for work in WORK.values()],
    )


QUESTION = Question(
    "attribution",
    "Attribution maps",
    f"Integrated gradients of one logit an image, {STEPS} steps. The floor is as many forward and "
    "backward passes of the same network, in the same batches, on as many threads and with the "
    "same memory settings. Captum explains the same network with an internal batch of as many "
    "points, and as many images at a time, or with none, on as many threads as torch takes by "
    "itself. In double precision all agree to a ten-millionth of the largest attribution, which is "
    "tested before anything is timed. The last table holds values in single precision against "
    "Captum's in double precision, ours and Captum's own, by the largest difference as a share of "
    "the largest attribution; its times say nothing.",
    measure,
    limit_s=200,
    check=check,
)
