"""How fast students are trained, beside the loops that anyone would write."""

import math
import os
import tempfile
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

from benchmarks.measuring import Contestant, contest
from benchmarks.model import Quantity, Question, Setting, Table, Target
from benchmarks.serving import Timed

if TYPE_CHECKING:
    import torch
    from joblib.externals.loky import ProcessPoolExecutor

    from harness.trial import Trial

IMAGES = 1149
BATCH = 64
LEARNING_RATE = 0.005
PROCESSES = 2
AT_ONCE = 16
EPOCHS = 2
AGREEING = (32, 5)
"""Seeds and epochs for which accuracies are compared."""

ROUNDS = 5
REFERENCE_IMAGES_PER_S = 84_000
ALL_ARMS = [
    {"kd_weight": kd, "overlay_probability": ig, "attention_weight": at}
    for kd in (0.0, 0.01)
    for ig in (0.0, 0.1)
    for at in (0.0, 0.8)
]


# What workers run ------------------------------------------------------------------------------


def train_batch(params: list[dict[str, Any]], seed: int, assets: str) -> None:
    """Train students of these parameters in one batch, whole: images, validation and test."""
    from studies.distillation.student import train_students

    for result in train_students(_trials(params, seed, assets)):
        if isinstance(result, BaseException):
            raise result


def train_plainly(removed: int, epochs: int, seed: int, threads: int, *, loader: bool) -> None:
    """One plain student as anyone would train it: modules of torch, Adam.

    Args:
        removed: blocks that it lacks.
        epochs: passes over the images.
        seed: of their order.
        threads: of torch.
        loader: whether batches come from a DataLoader, or are slices of the tensors.
    """
    import torch

    from benchmarks.plain import Arm, PlainNetwork, Taught, plain_epoch
    from studies.distillation.architecture import teacher_architecture

    torch.set_num_threads(threads)
    order = torch.Generator().manual_seed(seed)
    network = PlainNetwork(teacher_architecture("digits", 10).without_last(removed))
    optimizer = torch.optim.Adam(network.parameters(), LEARNING_RATE)
    epoch = _loaded(order) if loader else _sliced(order)
    for _ in range(epochs):
        batches = ((images, Taught(labels)) for images, labels in epoch())
        plain_epoch(network, optimizer, batches, Arm())


Batches: TypeAlias = "Iterator[tuple[torch.Tensor, torch.Tensor]]"


def _loaded(order: "torch.Generator") -> Callable[[], Batches]:
    from torch.utils.data import DataLoader, TensorDataset

    loader = DataLoader(TensorDataset(*_digits()), BATCH, shuffle=True, generator=order)
    return lambda: iter(loader)


def _sliced(order: "torch.Generator") -> Callable[[], Batches]:
    import torch

    images, labels = _digits()

    def epoch() -> Batches:
        for chosen in torch.split(torch.randperm(len(images), generator=order), BATCH):
            yield images[chosen], labels[chosen]

    return epoch


def _trials(params: list[dict[str, Any]], seed: int, assets: str) -> "list[Trial]":
    from harness.assets import AssetStore
    from harness.trial import Trial

    store = AssetStore(Path(assets))
    return [Trial(each, seed + place, store) for place, each in enumerate(params)]


def _digits() -> "tuple[torch.Tensor, torch.Tensor]":
    import torch

    from studies.distillation.data.digits import digits

    pool = digits().pool
    images = torch.from_numpy(pool.images[:IMAGES]).float() / 16
    return images, torch.from_numpy(pool.labels[:IMAGES])


# Contestants -----------------------------------------------------------------------------------


def batched(
    removed: int, epochs: int, at_once: int, processes: int, assets: str, *, all_arms: bool = False
) -> Callable[[], object]:
    """Worker processes that train so many students at once, with the runner's settings."""
    arms = ALL_ARMS if all_arms else [{}]
    shared = {"blocks_removed": removed, "epochs": epochs, "learning_rate": LEARNING_RATE}
    params = [{**shared, **arms[place % len(arms)]} for place in range(at_once)]
    pool = _workers(processes)
    short = [{**each, "epochs": 1} for each in params]
    # Teacher and signals first, and then something for every worker.
    pool.submit(train_batch, short, 0, assets).result()
    _all(pool, train_batch, [(short, 0, assets)] * processes)
    return lambda: _all(pool, train_batch, [(params, seed, assets) for seed in range(processes)])


def plain(
    removed: int, epochs: int, processes: int, trainings: int, *, loader: bool
) -> Callable[[], object]:
    """A plain loop: in this process, or one training a worker under joblib."""
    if processes == 1:
        import torch

        threads = torch.get_num_threads()
        train_plainly(removed, 1, 0, threads, loader=loader)

        def here() -> None:
            for seed in range(trainings):
                train_plainly(removed, epochs, seed, threads, loader=loader)

        return here
    from joblib import Parallel, delayed

    parallel = Parallel(n_jobs=processes)
    train = delayed(partial(train_plainly, loader=loader))
    parallel(train(removed, 1, 0, 1) for _ in range(2 * processes))
    return lambda: parallel(train(removed, epochs, seed, 1) for seed in range(trainings))


def batched_accuracies(seeds: int, epochs: int) -> Callable[[], object]:
    """Train plain students of so many seeds in one program; their mean accuracy."""
    import numpy as np

    _batched_accuracies(1, 1)

    def run() -> Timed:
        accuracies = _batched_accuracies(seeds, epochs)
        return Timed(details={"mean_test_accuracy": float(np.mean(accuracies))})

    return run


def plain_accuracies(seeds: int, epochs: int) -> Callable[[], object]:
    """The same by the plain loop, on the same splits, orders and initial weights, in one thread."""
    import numpy as np
    import torch
    from scipy.stats import t, ttest_rel

    torch.set_num_threads(1)
    ours = np.array(_batched_accuracies(seeds, epochs))

    def run() -> Timed:
        theirs = np.array([_plain_accuracy(seed, epochs) for seed in range(seeds)])
        apart = ours - theirs
        # Of no differences at all SciPy knows no p.
        p = float(ttest_rel(ours, theirs).pvalue) if apart.any() else 1.0
        half = float(apart.std(ddof=1) / math.sqrt(seeds) * t.ppf(0.975, seeds - 1))
        return Timed(
            details={
                "mean_test_accuracy": float(theirs.mean()),
                "harness_minus_plain": float(apart.mean()),
                "half_width_of_its_95_percent_interval": half,
                "p_of_paired_t_test": p,
            }
        )

    return run


def _batched_accuracies(seeds: int, epochs: int) -> list[float]:
    from studies.distillation.student import train_students

    params = [{"epochs": epochs, "learning_rate": LEARNING_RATE}] * seeds
    found: list[float] = []
    for start in range(0, seeds, AT_ONCE):
        for result in train_students(_trials(params[start : start + AT_ONCE], start, _NOWHERE)):
            if isinstance(result, BaseException):
                raise result
            found.append(result["test_accuracy"])
    return found


def _plain_accuracy(seed: int, epochs: int) -> float:
    import torch

    from benchmarks.plain import Arm, PlainNetwork, Taught, plain_epoch
    from studies.distillation.network import build_networks
    from studies.distillation.params import StudentParams
    from studies.distillation.plan import batch_bounds, plan_epoch
    from studies.distillation.seeing import epoch_inputs, epoch_samples
    from studies.distillation.setup import prepare

    (trial,) = _trials([{}], seed, _NOWHERE)
    setup = prepare(StudentParams(epochs=epochs, learning_rate=LEARNING_RATE), trial)
    network = PlainNetwork(setup.architecture)
    network.load(build_networks(setup.architecture, [setup.initial]).weights_of(0))
    optimizer = torch.optim.Adam(network.parameters(), LEARNING_RATE)
    count = len(setup.split.chosen)
    for _ in range(epochs):
        plan = plan_epoch(setup.streams, count, setup.dataset.augmentation)
        images, labels = epoch_inputs(setup, plan), setup.pool.labels[epoch_samples(setup, plan)]
        parts = batch_bounds(count, BATCH)
        plain_epoch(network, optimizer, ((images[p], Taught(labels[p])) for p in parts), Arm())
    test = setup.dataset.test
    with torch.inference_mode():
        logits, _ = network.eval()(setup.view(torch.from_numpy(test.images)))
    return float((logits.argmax(1).numpy() == test.labels).mean())


# Plain students need no asset, so nothing is ever written there.
_NOWHERE = str(Path(tempfile.gettempdir()) / "benchmark-no-assets")


def _workers(processes: int) -> "ProcessPoolExecutor":
    from joblib.externals.loky import ProcessPoolExecutor

    from harness.execution.memory import memory_variables

    threads = {"OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}
    path = {"PYTHONPATH": os.pathsep.join([str(Path.cwd()), os.environ.get("PYTHONPATH", "")])}
    return ProcessPoolExecutor(processes, env={**memory_variables(), **threads, **path})


def _all(
    pool: "ProcessPoolExecutor", work: Callable[..., None], arguments: list[tuple[Any, ...]]
) -> None:
    for future in [pool.submit(work, *each) for each in arguments]:
        future.result()


# Tables ----------------------------------------------------------------------------------------


def measure(setting: Setting) -> Iterator[Table]:
    """The study's student, the smallest one, how many at once, and whether accuracy is the same."""
    epochs = 1 if setting.quick else EPOCHS
    # The teacher is trained once for all.
    assets = str(setting.folder)
    yield _agreement(*((2, 1) if setting.quick else AGREEING))
    title = "The studies' student (4,466 parameters), two cores"
    yield _speed(title, 5, epochs, assets, _variants(5, epochs, assets))
    yield _speed("The smallest student (466 parameters), two cores", 8, epochs, assets)
    yield _at_once(epochs, assets)


def _ours(
    name: str,
    removed: int,
    epochs: int,
    assets: str,
    **settings: Any,  # noqa: ANN401
) -> Contestant:
    chosen = {"at_once": AT_ONCE, "processes": PROCESSES, "assets": assets, **settings}
    return Contestant(
        name,
        "ours" if chosen["at_once"] == AT_ONCE and "all_arms" not in settings else "variant",
        "benchmarks.training:batched",
        {"removed": removed, "epochs": epochs, **chosen},
        amount=IMAGES * epochs * chosen["at_once"] * chosen["processes"],
        packages=("torch",),
    )


def _plain(
    name: str, removed: int, epochs: int, processes: int, *, loader: bool = True
) -> Contestant:
    of = {
        "removed": removed,
        "epochs": epochs,
        "processes": processes,
        "trainings": processes,
        "loader": loader,
    }
    amount = IMAGES * epochs * processes
    prepare = "benchmarks.training:plain"
    return Contestant(name, "peer", prepare, of, amount=amount, packages=("torch",))


def _variants(removed: int, epochs: int, assets: str) -> list[Contestant]:
    return [
        _ours("harness, one of each of eight arms", removed, epochs, assets, all_arms=True),
        _ours("harness, one student at a time", removed, epochs, assets, at_once=1),
    ]


def _speed(
    title: str, removed: int, epochs: int, assets: str, variants: Sequence[Contestant] = ()
) -> Table:
    joblib = "plain loop, joblib, two processes"
    ours = f"harness, {PROCESSES} × {AT_ONCE} students"
    targets = [Target(ours, "times", REFERENCE_IMAGES_PER_S / 54_000, against=joblib)]
    if removed == 8:
        targets.append(Target(ours, "value", REFERENCE_IMAGES_PER_S))
    return contest(
        title,
        Quantity("images/s", better="higher"),
        [
            _ours(ours, removed, epochs, assets),
            *variants,
            _plain("plain loop, DataLoader, one process", removed, epochs, 1),
            _plain(joblib, removed, epochs, PROCESSES),
            _plain(f"{joblib}, no DataLoader", removed, epochs, PROCESSES, loader=False),
        ],
        rounds=ROUNDS,
        targets=targets,
    )


def _at_once(epochs: int, assets: str) -> Table:
    def of(count: int) -> Contestant:
        return _ours(f"{count} at once", 5, epochs, assets, at_once=count, processes=1)

    return contest(
        "Students at once in one process (4,466 parameters)",
        Quantity("images/s", better="higher"),
        [of(count) for count in (AT_ONCE, 1, 4)],
        rounds=ROUNDS,
    )


def _agreement(seeds: int, epochs: int) -> Table:
    settings = {"seeds": seeds, "epochs": epochs}
    return contest(
        f"Accuracy beside the plain loop: {seeds} seeds of the plain student, {epochs} epochs",
        Quantity("students/s", better="higher"),
        [
            Contestant(
                "harness",
                "ours",
                "benchmarks.training:batched_accuracies",
                settings,
                amount=seeds,
                packages=("torch",),
            ),
            Contestant(
                "plain loop",
                "peer",
                "benchmarks.training:plain_accuracies",
                settings,
                amount=seeds,
                packages=("torch", "scipy"),
                note="On the same splits, batches and initial weights, seed by seed, once.",
            ),
        ],
        rounds=1,
    )


QUESTION = Question(
    "training",
    "Training many students",
    f"""\
Students of the digits are trained with Adam in batches of {BATCH}. **harness** trains them as its
runner does, whole trials with their validation after every epoch and their test; the **plain loop**
is one network of torch's `Conv2d`, `BatchNorm2d` and `Linear` that sees a `DataLoader` of tensors,
or shuffled slices of them, and neither validates nor tests. Processes run and have trained an epoch
before the clock starts; nothing is compiled. A plain student in one process has both cores; under
joblib each has one. A student alone in the batched program is ahead of the plain loop as well:
images of 8×8 pixels are computed as matrix products, without a call of a convolution, and without a
`DataLoader`. What batching alone brings is the ratio to that row. The aims are rates of a small
convolutional network on such images that the project set out from: 84,000 images/s, which is 1.56
times the 54,000 of a plain loop under joblib. Which differences of accuracy remain possible, the
interval says.""",
    measure,
    limit_s=220,
)
