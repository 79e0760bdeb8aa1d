"""How long attribution maps of the paper's teacher take on a GPU, beside Captum and the floor."""

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

from benchmarks.measuring import Contestant, contest
from benchmarks.model import Quantity, Question, Role, Setting, Table, Target

if TYPE_CHECKING:
    from torch import Tensor

    from studies.distillation.architecture import Architecture
    from studies.distillation.network import SingleNetwork
    from studies.distillation.tiling import Tile

STEPS, QUICK_STEPS = 50, 2
COUNT, QUICK_COUNT = 1000, 3
REMOVED, QUICK_REMOVED = 0, 14
CALIBRATIONS, SEEN = 5, 8
NEAR_FLOOR = 1 / 1.1


def ours(count: int, steps: int, removed: int) -> Callable[[], object]:
    """Our loop, as the builder of the maps runs it."""
    from benchmarks.gpu_work import wait
    from benchmarks.serving import Timed
    from studies.distillation.attribution import integrated_gradients
    from studies.distillation.learning import reproducible

    network, images, labels = explained(count, removed)
    tile = _tile(removed, steps)

    def run() -> Timed:
        with reproducible():
            integrated_gradients(network, images, labels, steps=steps, tile=tile)
            wait()
        return Timed(details={"points_at_once": tile.points})

    run()
    return run


def floor(count: int, steps: int, removed: int) -> Callable[[], object]:
    """As many points in as large batches, forwards and backwards."""
    import torch

    from benchmarks.gpu_work import wait
    from studies.distillation.learning import reproducible

    network, images, labels = explained(count, removed)
    size, total = _tile(removed, steps).points, count * steps
    chosen = torch.arange(size, device=images.device) % count
    points, classes = images[chosen], labels[chosen, None]

    def run() -> None:
        with reproducible():
            for start in range(0, total, size):
                part = min(size, total - start)
                inputs = points[:part].detach().requires_grad_()
                logits = network(inputs).logits.gather(1, classes[:part])
                torch.autograd.grad(logits.sum(), inputs)
            wait()

    run()
    return run


def captum(count: int, steps: int, removed: int) -> Callable[[], object]:
    """Captum's integrated gradients of the same network, in batches as large."""
    from captum.attr import IntegratedGradients

    from benchmarks.gpu_work import wait
    from studies.distillation.learning import reproducible

    network, images, labels = explained(count, removed)
    method = IntegratedGradients(lambda points: network(points).logits)
    size = _tile(removed, steps).points
    group = max(1, size // steps)

    def run() -> None:
        with reproducible():
            for start in range(0, count, group):
                part = slice(start, start + group)
                method.attribute(
                    images[part],
                    target=labels[part],
                    n_steps=steps,
                    method="gausslegendre",
                    internal_batch_size=size,
                )
            wait()

    run()
    return run


def explained(
    count: int, removed: int, *, double: bool = False
) -> "tuple[SingleNetwork, Tensor, Tensor]":
    """A network whose BatchNorms have seen noise, and normalised noise with classes."""
    import torch

    from benchmarks.gpu_work import CLASSES, Seeded, shape
    from studies.distillation.device import choose_device
    from studies.distillation.network import Networks, SingleNetwork, build_networks

    device, draws = choose_device(), torch.Generator().manual_seed(1)
    dtype = torch.float64 if double else torch.float32
    images = torch.randn(max(count, SEEN), 3, 32, 32, generator=draws).to(device, dtype)
    labels = torch.randint(0, CLASSES, (count,), generator=draws).to(device)
    seeing = build_networks(shape(removed), [Seeded(1).rng("init")], device).to(dtype)
    with torch.no_grad():
        for _ in range(CALIBRATIONS):
            seeing(images[:SEEN].unsqueeze(0))
    networks = Networks(shape(removed), 1, device).to(dtype)
    networks.load([seeing.weights_of(0)])
    return SingleNetwork(networks.frozen()), images[:count], labels


def _tile(removed: int, steps: int) -> "Tile":
    from benchmarks.gpu_work import shape
    from studies.distillation.device import choose_device
    from studies.distillation.tiling import tile_of

    network: Architecture = shape(removed)
    return tile_of(network, choose_device(), steps)


def measure(setting: Setting) -> Iterator[Table]:
    """One table."""
    from benchmarks.gpu_work import require_gpu

    require_gpu(setting)
    count = QUICK_COUNT if setting.quick else COUNT
    work = {
        "count": count,
        "steps": QUICK_STEPS if setting.quick else STEPS,
        "removed": QUICK_REMOVED if setting.quick else REMOVED,
    }
    yield contest(
        "Maps of 32×32 images, MobileNet-V2, on a GPU",
        Quantity("images/s", better="higher"),
        [
            _contestant("harness", "ours", "ours", work, ("torch",)),
            _contestant("floor", "floor", "floor", work, ("torch",)),
            _contestant("Captum", "peer", "captum", work, ("captum", "torch")),
        ],
        rounds=1 if setting.quick else 3,
        targets=[Target("harness", "times", NEAR_FLOOR, against="floor")],
        enough_s=6.0,
    )


def _contestant(
    name: str, role: Role, function: str, work: dict[str, Any], packages: tuple[str, ...]
) -> Contestant:
    prepare = f"benchmarks.gpu_maps:{function}"
    return Contestant(name, role, prepare, work, amount=work["count"], packages=packages)


QUESTION = Question(
    "gpu_attribution",
    "Attribution maps on a GPU",
    f"Integrated gradients of one logit an image, {STEPS} steps, of {COUNT} images that are noise, "
    "in float32 with deterministic algorithms. The floor is as many forward and backward passes of "
    "the same network in the same batches. Captum explains the same network in batches as large.",
    measure,
    limit_s=80,
    needs_gpu=True,
)
