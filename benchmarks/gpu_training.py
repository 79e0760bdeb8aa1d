"""How fast students are trained on a GPU, beside the scripts that anyone would write."""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from itertools import pairwise

from benchmarks.gpu_ceilings import Ceilings, measured
from benchmarks.measuring import Contestant, ContestantError, Serving
from benchmarks.model import Figure, LeftOut, Quantity, Question, Role, Setting, Table, Target, Turn

IMAGES_PER_S = Quantity("images/s", better="higher")
TIMES = 20.0
PLAIN = "plain loop, PIL DataLoader, one training at a time"

PASSES = 5
"""At least so often every activation passes the memory's bus: it is written and read on the way
forwards, read again on the way backwards, and its gradient is written and read."""

FLOPS = 6
"""A multiply-add is two operations, and is done once forwards and twice backwards."""

SHAPES = {5: "The student with five blocks less", 0: "The teacher's shape"}


@dataclass(frozen=True, slots=True)
class Work:
    """How much is trained.

    Attributes:
        students: how many at once, in turn.
        batch_size: images a step.
        steps: of each epoch.
        epochs: of each training; the first one warms up.
        plain_steps: of each epoch of a plain loop.
        processes: plain loops that share the GPU.
        rounds: how often all contestants take turns.
    """

    students: Sequence[int] = (1, 2, 4, 8, 16, 32, 64)
    batch_size: int = 64
    steps: int = 30
    epochs: int = 3
    plain_steps: int = 200
    processes: int = 4
    rounds: int = 2

    @property
    def images(self) -> int:
        """Images that a student of ours sees in an epoch."""
        return self.batch_size * self.steps


QUICK = Work(students=(1, 2), batch_size=4, steps=2, epochs=2, plain_steps=2, processes=2, rounds=1)


@dataclass(frozen=True, slots=True)
class Case:
    """One setting of ours: so many students at once, in this precision."""

    removed: int
    students: int
    precision: str

    @property
    def name(self) -> str:
        """As the table shows it."""
        return f"harness, {self.students} at once, {self.precision}"


@dataclass(slots=True)
class _Race:
    """What was measured so far.

    Attributes:
        turns: by contestant; of ours, each epoch that counts.
        memory_gb: the most that each case of ours held on the GPU.
        left_out: who was not measured, and why.
    """

    work: Work
    turns: dict[Case | str, list[Turn]] = field(default_factory=dict)
    memory_gb: dict[Case, float] = field(default_factory=dict)
    left_out: dict[Case | str, str] = field(default_factory=dict)

    def train(self, case: Case) -> None:
        """Train students once more, unless the GPU is too small for them."""
        import torch

        from benchmarks.gpu_work import give_back_memory

        if case in self.left_out:
            return
        lacking = _lacking_gb(case, self.work)
        if lacking > 0:
            self.left_out[case] = f"needs {lacking:.0f} GB more than the GPU has left"
            return
        try:
            epochs = _epochs_s(case, self.work)
        except torch.OutOfMemoryError:
            self.left_out[case] = "the GPU's memory did not suffice"
            return
        finally:
            if torch.cuda.is_available():
                self.memory_gb[case] = torch.cuda.max_memory_allocated() / 1e9
            give_back_memory()
        self.turns.setdefault(case, []).extend(Turn(each, None) for each in epochs)

    def best(self, cases: Sequence[Case]) -> Case:
        """The fastest of these by its median."""
        done = [case for case in cases if case in self.turns and case not in self.left_out]
        return max(done, key=lambda case: _figure(case, self, "ours").median(IMAGES_PER_S))


def measure(setting: Setting) -> Iterator[Table]:
    """The k = 5 student first, then the teacher's shape."""
    from benchmarks.gpu_work import require_gpu

    require_gpu(setting)
    ceilings = measured(quick=setting.quick)
    for removed in SHAPES:
        yield table(removed, QUICK if setting.quick else Work(), ceilings)


def table(removed: int, work: Work, ceilings: Ceilings) -> Table:
    """How fast networks of one shape are trained, by all contestants in turn."""
    race, peers = _Race(work), _peers(removed, work)
    counts = [Case(removed, count, "float32") for count in work.students]
    with ExitStack() as stack:
        serving = _started(peers, race, stack)
        for _ in range(work.rounds):
            for name in [name for name in serving if name not in race.left_out]:
                _take_turn(name, serving[name], race)
            for case in counts:
                race.train(case)
    best = race.best(counts)
    rounded = [Case(removed, best.students, each) for each in ("tf32", "bfloat16")]
    for case in rounded * work.rounds:
        race.train(case)
    return _table(race, best, [*counts, *rounded], peers, ceilings)


def _peers(removed: int, work: Work) -> list[Contestant]:
    images = work.plain_steps * work.batch_size
    settings = {"removed": removed, "images": images, "batch_size": work.batch_size}
    note = "Convolutions may be in TF32, as torch has them by default."
    packages = ("torch", "torchvision", "pillow")
    return [
        Contestant(
            PLAIN,
            "peer",
            "benchmarks.gpu_plain:alone",
            settings,
            amount=images,
            packages=packages,
            note=note,
        ),
        Contestant(
            f"{work.processes} such processes sharing the GPU",
            "peer",
            "benchmarks.gpu_plain:together",
            {**settings, "processes": work.processes},
            amount=work.processes * images,
            packages=packages,
            note=note,
        ),
    ]


def _started(peers: Sequence[Contestant], race: _Race, stack: ExitStack) -> dict[str, Serving]:
    found: dict[str, Serving] = {}
    for each in peers:
        try:
            serving = stack.enter_context(Serving(each))
            serving.wait_until_ready()
            found[each.name] = serving
        except ContestantError as error:
            race.left_out[each.name] = str(error)
    return found


def _take_turn(name: str, serving: Serving, race: _Race) -> None:
    try:
        said = serving.turn()
    except ContestantError as error:
        race.left_out[name] = str(error)
    else:
        race.turns.setdefault(name, []).append(Turn(said["wall_s"], None))


def _epochs_s(case: Case, work: Work) -> list[float]:
    """How long each epoch took after the first one, data, steps and bookkeeping included.

    The program that trials run: an epoch's losses are read when it has ended, which waits for the
    GPU, and are reported then.
    """
    import time

    from benchmarks.gpu_work import setups_of
    from studies.distillation.learning import reproducible
    from studies.distillation.params import StudentParams
    from studies.distillation.training import learn

    params = StudentParams(
        dataset="cifar10",
        blocks_removed=case.removed,
        epochs=work.epochs,
        batch_size=work.batch_size,
        subset_fraction=1.0,
        learning_rate=0.001,
        precision=case.precision,
    )
    ended: list[float] = []

    def report(number: int, _epoch: int, _metrics: object) -> None:
        if number == 0:
            ended.append(time.perf_counter())

    with reproducible(case.precision):
        learned = learn(setups_of([params] * case.students, work.images), report)
    if learned.ended:
        raise next(iter(learned.ended.values()))
    return [later - before for before, later in pairwise(ended)]


def _lacking_gb(case: Case, work: Work) -> float:
    """How much more memory the activations need than is free; below 0 where they fit."""
    import torch

    from benchmarks.gpu_work import shape

    if not torch.cuda.is_available():
        return -1.0
    # A single student is trained beside a copy of itself.
    networks, images = max(2, case.students), work.batch_size
    needed = networks * images * 2 * shape(case.removed).activation_bytes() * _share(case.precision)
    return (needed - torch.cuda.mem_get_info()[0]) / 1e9


def _share(precision: str) -> float:
    """Bytes of an activation over those of float32."""
    return 0.5 if precision == "bfloat16" else 1.0


def _figure(case: Case, race: _Race, role: Role, ceilings: Ceilings | None = None) -> Figure:
    import torch

    amount, turns = race.work.images * case.students, tuple(race.turns[case])
    figure = Figure(case.name, role, amount, turns, versions={"torch": str(torch.__version__)})
    if ceilings is None:
        return figure
    return Figure(
        case.name,
        role,
        amount,
        turns,
        versions=figure.versions,
        details=_shares_of_ceilings(case, figure.median(IMAGES_PER_S), ceilings)
        | ({"gpu_memory_gb": race.memory_gb[case]} if case in race.memory_gb else {}),
    )


def _shares_of_ceilings(case: Case, rate: float, ceilings: Ceilings) -> dict[str, float | str]:
    """What share of the measured bandwidth and arithmetic a rate of images needs at least."""
    from benchmarks.gpu_work import shape

    network = shape(case.removed)
    # Those of the convolutions, and as many of BatchNorm.
    moved = PASSES * 2 * network.activation_bytes() * _share(case.precision)
    computed = FLOPS * network.multiply_adds()
    return {
        "fraction_of_bandwidth": rate * moved / ceilings.bytes_per_s,
        "fraction_of_arithmetic": rate * computed / ceilings.flops_per_s(case.precision),
    }


def _table(
    race: _Race,
    best: Case,
    cases: Sequence[Case],
    peers: Sequence[Contestant],
    ceilings: Ceilings,
) -> Table:
    done = [case for case in cases if case not in race.left_out]
    ours = [_figure(case, race, "ours" if case == best else "variant", ceilings) for case in done]
    theirs = [
        Figure(each.name, each.role, each.amount, tuple(race.turns[each.name]), note=each.note)
        for each in peers
        if each.name not in race.left_out
    ]
    swift = [case for case in done if case.students == best.students]
    out = [
        LeftOut(each if isinstance(each, str) else each.name, why)
        for each, why in race.left_out.items()
    ]
    return Table(
        SHAPES[best.removed],
        IMAGES_PER_S,
        (*ours, *theirs),
        tuple(Target(case.name, "times", TIMES, against=PLAIN) for case in swift),
        tuple(out),
    )


QUESTION = Question(
    "gpu_training",
    "Training many students on a GPU",
    f"""\
Networks for images of 32×32 pixels, which are noise, in batches of {Work().batch_size} with Adam.
**harness** trains so many of them at once as its runner does, the images on the GPU and cropped and
mirrored there, with deterministic algorithms; an epoch of {Work().steps} steps counts as a whole,
and of how many at once the fastest is trained in each precision. The **plain loop** is one network
of torch's `Conv2d`, `BatchNorm2d` and `Linear` that sees PIL images, cropped and mirrored by
torchvision, through a `DataLoader` with two workers; its algorithms need not be deterministic.
Fractions are of what was measured of the same GPU just before. Of its bandwidth: every output of a
convolution or BatchNorm passes the bus {PASSES} times. Of its arithmetic, in the same precision:
{FLOPS} operations a multiply-add.""",
    measure,
    limit_s=280,
    needs_gpu=True,
)
