"""How long attribution maps take, beside Captum and beside the passes that no method can save.

Every contestant explains the same frozen network by the same quadrature. The floor passes as many
points through it, forwards and backwards, in the same batches, on as many threads and with the same
memory settings, and does nothing else.
"""

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

from benchmarks.measuring import Contestant, contest
from benchmarks.model import Quantity, Question, Role, Setting, Table, Target

if TYPE_CHECKING:
    import torch
    from torch import Tensor

    from studies.distillation.architecture import Architecture
    from studies.distillation.network import Networks, SingleNetwork
    from studies.distillation.tiling import Tile

STEPS = 50
CALIBRATIONS = 5
CHECKED = {"digits": (1, 50), "cifar": (1, 3)}
"""The same before anything is timed, where both are in double precision."""

CHECKED_ERROR = 1e-7
"""Captum rounds the quadrature's weights to single precision in every case."""

COUNTS = {"digits": 1437, "cifar": 16}
QUICK_COUNTS = {"digits": 64, "cifar": 2}
COMPARED = {"digits": (32, 50), "cifar": (4, 10)}
"""Images and steps that are held against double precision, in which convolutions are slow."""

WITHOUT_BATCHES = {"digits": 144, "cifar": 4}
"""Captum by default holds all points of all images: 4.8 GB for all digits."""

TITLES = {
    "digits": "Maps of 8×8 images, the digits teacher",
    "cifar": "Maps of 32×32 images, MobileNet-V2",
}
NEAR_FLOOR = 1 / 1.1
MEMORY_MB = {"digits": 1200.0, "cifar": 2200.0}
"""Imports of torch take about half of the first one."""


def ours(family: str, count: int, threads: int) -> Callable[[], object]:
    """Our loop on this many threads."""
    from studies.distillation.attribution import integrated_gradients

    network, images, labels = _explained(family, count)
    tile = _tile(family, images.device)

    def run() -> None:
        integrated_gradients(network, images, labels, steps=STEPS, tile=tile, threads=threads)
        _wait(images.device)

    return run


def floor(family: str, count: int, threads: int) -> Callable[[], object]:
    """As many points in as large batches, forwards and backwards."""
    import torch

    from studies.distillation.cores import on_single_threads

    network, images, labels = _explained(family, count)
    size = _tile(family, images.device).points
    total = count * STEPS
    chosen = torch.arange(size, device=images.device) % count
    points, classes = images[chosen], labels[chosen, None]

    def pass_both_ways(part: int) -> None:
        inputs = points[:part].detach().requires_grad_()
        torch.autograd.grad(network(inputs).logits.gather(1, classes[:part]).sum(), inputs)

    def run() -> None:
        sizes = [min(size, total - start) for start in range(0, total, size)]
        for _ in on_single_threads(pass_both_ways, sizes, threads):
            pass
        _wait(images.device)

    return run


def captum(family: str, count: int, *, batched: bool) -> Callable[[], object]:
    """Captum's integrated gradients of the same network, on as many threads as torch takes."""
    from captum.attr import IntegratedGradients

    network, images, labels = _explained(family, count)
    explained = IntegratedGradients(lambda points: network(points).logits)
    # An internal batch below the number of images is raised to it: images come in groups.
    size = _tile(family, images.device).points
    group = max(1, size // STEPS) if batched else count
    options = {"internal_batch_size": size} if batched else {}

    def run() -> None:
        for start in range(0, count, group):
            part = slice(start, start + group)
            explained.attribute(
                images[part],
                target=labels[part],
                n_steps=STEPS,
                method="gausslegendre",
                **options,
            )
        _wait(images.device)

    return run


def compared(family: str) -> Callable[[], object]:
    """Captum in double precision, and how far our values in single precision are from its."""
    from benchmarks.serving import Timed

    count, steps = COMPARED[family]

    def run() -> Timed:
        error = _largest_error(family, count, steps)
        return Timed(details={"images": count, "steps": steps, "largest_error": error})

    return run


def check() -> None:
    """Our values in double precision are Captum's, up to its rounded weights.

    Raises:
        ValueError: if they are not.
    """
    for family in COUNTS:
        error = _largest_error(family, *CHECKED[family], single=False)
        if not error < CHECKED_ERROR:
            raise ValueError(f"{family}: attributions differ from Captum's by {error:.1e}")


def measure(setting: Setting) -> Iterator[Table]:
    """Both families, each on one thread and on all cores."""
    from harness.execution.pool import usable_cores

    counts = QUICK_COUNTS if setting.quick else COUNTS
    for family, count in counts.items():
        yield _table(family, count, usable_cores(), rounds=2 if setting.quick else 3)
    yield _equality()


def _table(family: str, count: int, cores: int, *, rounds: int) -> Table:
    few = min(count, WITHOUT_BATCHES[family])
    settings: dict[str, Any] = {"family": family, "count": count}
    return contest(
        TITLES[family],
        Quantity("images/s", better="higher"),
        [
            _ours("harness", "ours", settings, cores),
            _ours("floor", "floor", settings, cores),
            _ours("harness, one thread", "variant", settings, 1),
            _ours("floor, one thread", "floor", settings, 1),
            _captum("Captum, internal batch", settings, count, batched=True),
            _captum(
                "Captum, as it is",
                {**settings, "count": few},
                few,
                batched=False,
                note=f"{few} images: it holds all their points at once.",
            ),
        ],
        rounds=rounds,
        targets=[
            Target("harness", "times", NEAR_FLOOR, against="floor"),
            Target("harness, one thread", "times", NEAR_FLOOR, against="floor, one thread"),
            Target("harness", "peak_rss_mb", MEMORY_MB[family]),
        ],
        memory=True,
    )


def _equality() -> Table:
    return contest(
        "Equality with Captum in double precision",
        Quantity("s"),
        [
            Contestant(
                TITLES[family],
                "ours",
                "benchmarks.attribution:compared",
                {"family": family},
                packages=("captum", "torch"),
            )
            for family in COUNTS
        ],
        rounds=1,
        targets=[Target(TITLES[family], "largest_error", 1e-5) for family in COUNTS],
    )


def _ours(name: str, role: Role, settings: dict[str, Any], threads: int) -> Contestant:
    from harness.execution.memory import memory_variables

    target = "floor" if role == "floor" else "ours"
    return Contestant(
        name,
        role,
        f"benchmarks.attribution:{target}",
        {**settings, "threads": threads},
        amount=settings["count"],
        variables=memory_variables(),
        packages=("torch",),
    )


def _captum(
    name: str, settings: dict[str, Any], amount: int, *, batched: bool, note: str = ""
) -> Contestant:
    return Contestant(
        name,
        "peer",
        "benchmarks.attribution:captum",
        {**settings, "batched": batched},
        amount=amount,
        packages=("captum", "torch"),
        note=note,
    )


def _explained(family: str, count: int) -> "tuple[SingleNetwork, Tensor, Tensor]":
    from studies.distillation.device import choose_device
    from studies.distillation.network import SingleNetwork

    device = choose_device()
    images, labels = _images(family, count)
    network = SingleNetwork(_calibrated(family).frozen()).to(device)
    return network, images.to(device), labels.to(device)


def _images(family: str, count: int) -> "tuple[Tensor, Tensor]":
    """Normalised images and classes: random, as what they show takes no time."""
    import torch

    stem = _architecture(family).blocks[0]
    draws = torch.Generator().manual_seed(1)
    images = torch.randn(count, stem.inputs, stem.size, stem.size, generator=draws)
    return images, torch.randint(0, 10, (count,), generator=draws)


def _calibrated(family: str) -> "Networks":
    """A network with initial weights, whose BatchNorms have seen images."""
    import numpy as np
    import torch

    from studies.distillation.learning import reproducible
    from studies.distillation.network import build_networks

    networks = build_networks(_architecture(family), [np.random.default_rng(1)])
    images, _ = _images(family, 8)
    # Threads that wait for each other take minutes where other programs use the cores.
    with reproducible(), torch.no_grad():
        for _ in range(CALIBRATIONS):
            networks(images.unsqueeze(0))
    return networks


def _largest_error(family: str, count: int, steps: int, *, single: bool = True) -> float:
    """The largest distance of our values from Captum's in double precision.

    As a share of the largest attribution.
    """
    import torch
    from captum.attr import IntegratedGradients

    from studies.distillation.attribution import signed_attributions
    from studies.distillation.learning import reproducible
    from studies.distillation.network import Networks, SingleNetwork

    images, labels = _images(family, count)
    calibrated = _calibrated(family)
    exact = Networks(calibrated.architecture, 1).double()
    exact.load([calibrated.weights_of(0)])
    double = SingleNetwork(exact.frozen())
    with reproducible():
        theirs = IntegratedGradients(lambda points: double(points).logits).attribute(
            images.double(),
            target=labels,
            n_steps=steps,
            method="gausslegendre",
            internal_batch_size=len(images),
        )
        network = SingleNetwork(calibrated.frozen()) if single else double
        inputs = images if single else images.double()
        tile = _tile(family, torch.device("cpu"))
        found = signed_attributions(network, inputs, labels, steps=steps, tile=tile)
    return float((found.double() - theirs).abs().max() / theirs.abs().max())


def _tile(family: str, device: "torch.device") -> "Tile":
    from studies.distillation.tiling import tile_of

    return tile_of(_architecture(family), device, STEPS)


def _architecture(family: str) -> "Architecture":
    from studies.distillation.architecture import teacher_architecture

    return teacher_architecture(family, 10)


def _wait(device: "torch.device") -> None:
    """Until the device has done what it was asked for."""
    import torch

    if device.type == "cuda":
        torch.cuda.synchronize()


QUESTION = Question(
    "attribution",
    "Attribution maps",
    f"Integrated gradients of one logit an image, {STEPS} steps. The floor is as many forward and "
    "backward passes of the same network, in the same batches, on as many threads and with the "
    "same memory settings. Captum explains the same network with the same internal batch, or with "
    "none, on as many threads as torch takes by itself. The last table holds our values in single "
    "precision against Captum's in double precision: the largest error is a share of the largest "
    "attribution.",
    measure,
    limit_s=240,
    check=check,
)
