"""Contestants that explain one frozen network: ours, Captum, and the passes that none can save.

All of them explain the same network by the same quadrature, on the processor or on a GPU. Each has
explained a few images before the clock starts.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Literal

from benchmarks.measuring import Contestant
from benchmarks.model import Role
from benchmarks.serving import Timed

if TYPE_CHECKING:
    import torch
    from torch import Tensor

    from studies.distillation.architecture import Architecture
    from studies.distillation.network import Networks, SingleNetwork
    from studies.distillation.tiling import Tile

CLASSES = 10
STEPS = 50
NEAR_FLOOR = 1 / 1.1
"""The aim: within 10 % of the floor's time."""

CALIBRATIONS, SEEN = 5, 8
"""How many batches of how many images BatchNorms have seen."""


@dataclass(frozen=True, slots=True, eq=False)
class Explained:
    """What is explained.

    Attributes:
        network: frozen.
        images: ``(n, c, h, w)``, normalised.
        labels: ``(n,)``, the classes whose logits are explained.
        steps: of the quadrature.
        tile: what our loop passes through the network at once, and the floor as well.
    """

    network: "SingleNetwork"
    images: "Tensor"
    labels: "Tensor"
    steps: int
    tile: "Tile"

    def first(self, count: int) -> "Explained":
        """Only the first images."""
        return replace(self, images=self.images[:count], labels=self.labels[:count])


def contestant(
    name: str,
    role: Role,
    function: Literal["ours", "floor", "captum"],
    settings: Mapping[str, Any],
    **of: Any,  # noqa: ANN401
) -> Contestant:
    """One of the contestants below, by the name of its function.

    Args:
        name: as the tables show it.
        role: what it stands for.
        function: which of them.
        settings: its keyword arguments.
        of: what else a `Contestant` has.
    """
    packages = ("captum", "torch") if function == "captum" else ("torch",)
    prepare, amount = f"benchmarks.explaining:{function}", settings["count"]
    return Contestant(name, role, prepare, settings, amount, packages=packages, **of)


# What they run ---------------------------------------------------------------------------------


def ours(
    family: str, count: int, *, removed: int = 0, steps: int = STEPS, threads: int = 1
) -> Callable[[], object]:
    """Our loop, as the builder of the maps runs it, on this many threads."""
    from studies.distillation.attribution import integrated_gradients

    def explain(work: Explained) -> Timed:
        explained, steps, tile = (work.network, work.images, work.labels), work.steps, work.tile
        integrated_gradients(*explained, steps=steps, tile=tile, threads=threads)
        return Timed(details={"points_at_once": tile.points})

    return _runs(explain, explained(architecture(family, removed), count, steps))


def floor(
    family: str, count: int, *, removed: int = 0, steps: int = STEPS, threads: int = 1
) -> Callable[[], object]:
    """As many points in as large batches, forwards and backwards, on this many threads."""
    import torch

    from studies.distillation.cores import on_single_threads

    def explain(work: Explained) -> Timed:
        size, total = work.tile.points, len(work.images) * work.steps
        chosen = torch.arange(size, device=work.images.device) % len(work.images)
        points, classes = work.images[chosen], work.labels[chosen, None]

        def pass_both_ways(part: int) -> None:
            inputs = points[:part].detach().requires_grad_()
            logits = work.network(inputs).logits.gather(1, classes[:part])
            torch.autograd.grad(logits.sum(), inputs)

        sizes = [min(size, total - start) for start in range(0, total, size)]
        for _ in on_single_threads(pass_both_ways, sizes, threads):
            pass
        return Timed(details={"points_at_once": size})

    return _runs(explain, explained(architecture(family, removed), count, steps))


def captum(
    family: str, count: int, *, removed: int = 0, steps: int = STEPS, batched: bool = True
) -> Callable[[], object]:
    """Captum, on as many threads as torch takes: with an internal batch, or as it is."""
    work = explained(architecture(family, removed), count, steps)
    batch = work.tile.points if batched else None
    return _runs(lambda work: captums_attributions(work, batch), work)


def captums_attributions(work: Explained, batch: int | None) -> "Tensor":
    """Captum's integrated gradients, ``(n, c, h, w)``.

    Args:
        work: what is explained.
        batch: points that pass through the network at once. Captum raises an internal batch to the
            number of images, whose same step it wants together: so many images are given to it at a
            time. None for all points of all images at once, as it does by itself.
    """
    import torch
    from captum.attr import IntegratedGradients

    method = IntegratedGradients(lambda points: work.network(points).logits)
    options = {} if batch is None else {"internal_batch_size": batch}
    count = len(work.images)
    return torch.cat(
        [
            method.attribute(
                work.images[start : start + (batch or count)],
                target=work.labels[start : start + (batch or count)],
                n_steps=work.steps,
                method="gausslegendre",
                **options,
            )
            for start in range(0, count, batch or count)
        ]
    )


def _runs(explain: Callable[[Explained], object], work: Explained) -> Callable[[], object]:
    """Explain a few images now, and all of them whenever it is called."""
    from benchmarks.gpu_work import wait

    def run(chosen: Explained = work) -> object:
        with _as_trials_compute(chosen.images.device):
            found = explain(chosen)
            wait()
        return found

    run(work.first(work.tile.images))
    return run


@contextmanager
def _as_trials_compute(device: "torch.device") -> Iterator[None]:
    """Deterministically, on a GPU; on the processor it would take Captum's threads away."""
    from studies.distillation.learning import reproducible

    if device.type == "cpu":
        yield
        return
    with reproducible():
        yield


# What is explained -----------------------------------------------------------------------------


def architecture(family: str, removed: int = 0) -> "Architecture":
    """The teacher of a family of images, without its last blocks."""
    from studies.distillation.architecture import teacher_architecture

    return teacher_architecture(family, CLASSES).without_last(removed)


def explained(
    shape: "Architecture", count: int, steps: int, *, networks: "Networks | None" = None
) -> Explained:
    """Noise and a network that has seen some, where this program computes.

    Args:
        shape: of the network.
        count: of the images.
        steps: of the quadrature.
        networks: the one to explain, whose precision the images get; a calibrated one where None.
    """
    from studies.distillation.device import choose_device
    from studies.distillation.network import SingleNetwork
    from studies.distillation.tiling import tile_of

    device = choose_device()
    source = calibrated(shape) if networks is None else networks
    network = SingleNetwork(source.frozen()).to(device)
    images, labels = _noise(shape, count)
    images = images.to(device, next(iter(source.parameters())).dtype)
    return Explained(network, images, labels.to(device), steps, tile_of(shape, device, steps))


def calibrated(shape: "Architecture") -> "Networks":
    """One network with initial weights, whose BatchNorms have seen noise."""
    import numpy as np
    import torch

    from studies.distillation.device import choose_device
    from studies.distillation.learning import reproducible
    from studies.distillation.network import build_networks

    device = choose_device()
    networks = build_networks(shape, [np.random.default_rng(1)], device)
    images = _noise(shape, SEEN)[0].to(device)
    # Threads that wait for each other take minutes where other programs use the cores.
    with reproducible(), torch.no_grad():
        for _ in range(CALIBRATIONS):
            networks(images.unsqueeze(0))
    return networks


def doubled(networks: "Networks") -> "Networks":
    """The same network in double precision."""
    from studies.distillation.device import choose_device
    from studies.distillation.network import Networks

    exact = Networks(networks.architecture, 1, choose_device()).double()
    exact.load([networks.weights_of(0)])
    return exact


def _noise(shape: "Architecture", count: int) -> "tuple[Tensor, Tensor]":
    """Normalised images and classes: noise, as what they show takes no time."""
    import torch

    stem = shape.blocks[0]
    draws = torch.Generator().manual_seed(1)
    images = torch.randn(count, stem.inputs, stem.size, stem.size, generator=draws)
    return images, torch.randint(0, CLASSES, (count,), generator=draws)


# Whether they agree ----------------------------------------------------------------------------


def largest_difference(
    shape: "Architecture",
    count: int,
    steps: int,
    *,
    of: Literal["ours", "captum"] = "ours",
    double: bool = False,
    tile: "Tile | None" = None,
) -> float:
    """The largest distance of attributions from Captum's in double precision.

    As a share of the largest attribution.

    Args:
        shape: of the network.
        count: images.
        steps: of the quadrature.
        of: whose attributions.
        double: whether they are computed in double precision, too.
        tile: what our loop passes through the network at once, instead of what suits it.
    """
    from studies.distillation.attribution import signed_attributions
    from studies.distillation.learning import reproducible

    single = calibrated(shape)
    exact = explained(shape, count, steps, networks=doubled(single))
    work = exact if double else explained(shape, count, steps, networks=single)
    with reproducible():
        expected = captums_attributions(exact, count)
        if of == "captum":
            found = captums_attributions(work, count)
        else:
            found = signed_attributions(
                work.network, work.images, work.labels, steps=steps, tile=tile or work.tile
            )
    return float((found.double() - expected).abs().max() / expected.abs().max())
