"""Whether a GPU computes what it should: before anything is timed on it."""

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from benchmarks.judging import judgements
from benchmarks.model import Figure, Quantity, Question, Setting, Table, Target, Turn

if TYPE_CHECKING:
    import torch

    from benchmarks.plain import Taught
    from studies.distillation.network import Networks, Weights
    from studies.distillation.params import StudentParams
    from studies.distillation.setup import Setup

ARMS: tuple[dict[str, float], ...] = (
    {},
    {"kd_weight": 0.3, "temperature": 4.0},
    {"overlay_probability": 0.5},
    {"attention_weight": 0.8},
    {"kd_weight": 0.01, "overlay_probability": 0.1, "attention_weight": 0.8},
    {"learning_rate": 0.002},
)
GROUPINGS = (((0, 1, 2, 3, 4, 5),), ((5, 0), (3, 1, 2), (4,)), ((0,), (1,), (2,), (3,), (4,), (5,)))
STEPS_TAKEN = 3
LARGEST = "largest_difference"
AFTER_A_STEP, OF_ATTRIBUTIONS = 1e-9, 1e-7
EXPLAINED_IMAGES, QUADRATURE = 4, 10


@dataclass(frozen=True, slots=True)
class Work:
    """What is compared.

    Attributes:
        removed: blocks that students lack.
        batch_size: images a step.
        explained: blocks that the network lacks whose attributions are computed.
    """

    removed: int = 5
    batch_size: int = 64
    explained: int = 0


QUICK = Work(removed=15, batch_size=4, explained=14)


def groupings_apart(work: Work, precision: str) -> float:
    """The largest difference of any weight or loss of six students between three groupings."""
    found = [
        {
            number: weights
            for group in grouping
            for number, weights in zip(group, _trained(group, work, precision), strict=True)
        }
        for grouping in GROUPINGS
    ]
    return max(
        _apart(other[number], found[0][number])
        for other in found[1:]
        for number in range(len(ARMS))
    )


def _trained(group: Sequence[int], work: Work, precision: str) -> "list[Weights]":
    """What each network stores at last, and the mean loss on its way there."""
    import torch

    from studies.distillation.learning import reproducible
    from studies.distillation.training import learn

    params = _params(work, STEPS_TAKEN, precision)
    setups = _setups(params, work)
    with reproducible(precision):
        learned = learn([setups[number] for number in group], lambda *_: None)
    if learned.networks is None:
        raise next(iter(learned.ended.values()))
    losses = [learned.metrics[lane]["train_loss"] for lane in range(len(group))]
    return [
        {**learned.networks.weights_of(lane), "train_loss": torch.tensor(loss, dtype=torch.float64)}
        for lane, loss in enumerate(losses)
    ]


def step_apart(work: Work) -> float:
    """The largest difference of any weight from a plain loop's after a step in double precision."""
    import torch

    from studies.distillation.learning import reproducible
    from studies.distillation.training import learn

    params = _params(work, 1, "float32")
    with reproducible():
        learned = learn(_setups(params, work), lambda *_: None, torch.float64)
        if learned.networks is None:
            raise next(iter(learned.ended.values()))
        # Drawn from the beginning of their streams once more.
        again = _setups(params, work)
        return max(
            _apart_from_plain(learned.networks, number, setup) for number, setup in enumerate(again)
        )


def _apart_from_plain(networks: "Networks", number: int, setup: "Setup") -> float:
    import torch

    from benchmarks.plain import Arm, PlainNetwork, plain_epoch
    from studies.distillation.network import build_networks

    params = setup.params
    initial = build_networks(setup.architecture, [setup.initial]).weights_of(0)
    plain, stepped = (PlainNetwork(setup.architecture).double().to(setup.device) for _ in range(2))
    plain.load(initial)
    optimizer = torch.optim.Adam(plain.parameters(), params.learning_rate)
    arm = Arm(params.kd_weight, params.temperature, params.attention_weight)
    plain_epoch(plain, optimizer, [_first_batch(setup)], arm, setup.guidance.attention_block)
    stepped.load(networks.weights_of(number))
    of_plain = dict(plain.named_parameters())
    return _apart(dict(stepped.named_parameters()), of_plain)


def _first_batch(setup: "Setup") -> "tuple[torch.Tensor, Taught]":
    from benchmarks.plain import Taught
    from studies.distillation.plan import plan_epoch
    from studies.distillation.seeing import epoch_inputs, epoch_samples

    guidance, count = setup.guidance, len(setup.split.chosen)
    plan = plan_epoch(setup.streams, count, setup.dataset.augmentation)
    first = plan.part(slice(0, setup.params.batch_size))
    samples = epoch_samples(setup, first)
    taught = Taught(
        setup.pool.labels[samples],
        None if guidance.logits is None else guidance.logits[samples].double(),
        None if guidance.attention is None else guidance.attention[samples].double(),
    )
    return epoch_inputs(setup, first).double(), taught


def attributions_apart(work: Work) -> float:
    """The largest difference from Captum's values, both in double precision.

    As a share of the largest attribution.
    """
    from benchmarks.explaining import architecture, largest_difference
    from studies.distillation.tiling import Tile

    network, tile = architecture("cifar", work.explained), Tile(images=2, steps=QUADRATURE)
    return largest_difference(network, EXPLAINED_IMAGES, QUADRATURE, double=True, tile=tile)


def _params(work: Work, steps: int, precision: str) -> "list[StudentParams]":
    from studies.distillation.params import StudentParams

    shared = {
        "dataset": "cifar10",
        "blocks_removed": work.removed,
        "epochs": 1,
        "max_steps": steps,
        "batch_size": work.batch_size,
        "subset_fraction": 1.0,
        "precision": precision,
    }
    return [StudentParams.read({**shared, **arm}) for arm in ARMS]


def _setups(params: "list[StudentParams]", work: Work) -> "list[Setup]":
    from benchmarks.gpu_work import setups_of

    return setups_of(params, STEPS_TAKEN * work.batch_size)


def _apart(ours: "Weights", theirs: "Weights") -> float:
    """The largest difference; infinite where one of them is no number."""
    found = [float((ours[name] - theirs[name]).detach().abs().max()) for name in theirs]
    return max(each if each == each else float("inf") for each in found)


def measure(setting: Setting) -> Iterator[Table]:
    """All comparisons; ends with an error if one of them fails.

    Raises:
        ValueError: naming those that failed, after the table was given.
    """
    from benchmarks.gpu_work import require_gpu

    require_gpu(setting)
    work = QUICK if setting.quick else Work()
    checks: list[tuple[str, Callable[[], float], float]] = [
        (f"six students in three groupings, {each}", partial(groupings_apart, work, each), 0.0)
        for each in ("float32", "tf32", "bfloat16")
    ]
    checks += [
        ("a step of every arm beside a plain loop", partial(step_apart, work), AFTER_A_STEP),
        ("attributions beside Captum's", partial(attributions_apart, work), OF_ATTRIBUTIONS),
    ]
    table = Table(
        "What the GPU computes",
        Quantity("s"),
        tuple(_checked(name, compare) for name, compare, _ in checks),
        tuple(Target(name, LARGEST, bound) for name, _, bound in checks),
    )
    yield table
    failed = [each.contestant for each in judgements(table) if not each.met]
    if failed:
        raise ValueError(f"the GPU does not compute what it should: {'; '.join(failed)}")


def _checked(name: str, compare: Callable[[], float]) -> Figure:
    import time

    import torch

    started = time.perf_counter()
    apart = compare()
    turn = Turn(time.perf_counter() - started, None)
    versions = {"torch": str(torch.__version__)}
    # Results are JSON, which has no infinity; a target that finds a word is not met.
    said = apart if math.isfinite(apart) else "infinite"
    return Figure(name, "ours", 1.0, (turn,), versions=versions, details={LARGEST: said})


QUESTION = Question(
    "gpu_correctness",
    "Whether the GPU computes the same",
    f"""\
Six students of six arms or settings take {STEPS_TAKEN} steps in three groupings, each by itself in
one of them: no weight or loss may differ by a bit. One step of each in double precision is held
against a plain loop, by the largest difference of a weight; integrated gradients in double
precision against Captum's, by the largest difference as a share of the largest attribution. The
times are of the comparisons and say nothing about speed. If one fails, `make bench-gpu` ends with
an error.""",
    measure,
    limit_s=60,
    needs_gpu=True,
)
