"""What it is worth that worker processes keep their memory, on the paper's network on a CPU."""

import resource
from collections.abc import Iterator, Mapping
from itertools import pairwise
from typing import TYPE_CHECKING

from benchmarks.measuring import Contestant, contest
from benchmarks.model import Quantity, Question, Setting, Table
from benchmarks.serving import Run, Timed

if TYPE_CHECKING:
    from benchmarks.plain import PlainNetwork

CLASSES = 10
INFERENCE_BATCH = 64
TRAINING_BATCH = 64
ROUNDS = 5
ONE_THREAD = {"OMP_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}


def inference(batch: int, *, channels_last: bool = False, folded: bool = False) -> Run:
    """One batch through the network, without gradients."""
    import torch

    torch.manual_seed(1)
    form = torch.channels_last if channels_last else torch.contiguous_format
    network = _teacher().eval()
    if folded:
        _fold(network)
    network = network.to(memory_format=form)
    images = torch.randn(batch, 3, 32, 32).to(memory_format=form)

    def run() -> Timed:
        before = _page_faults()
        with torch.inference_mode():
            network(images)
        return Timed(details={"page_faults": _page_faults() - before})

    run()  # chooses kernels and packs weights
    return run


def training(batch: int, *, channels_last: bool = False) -> Run:
    """A step of stochastic gradient descent on one batch."""
    import torch

    torch.manual_seed(1)
    form = torch.channels_last if channels_last else torch.contiguous_format
    network = _teacher().train().to(memory_format=form)
    images = torch.randn(batch, 3, 32, 32).to(memory_format=form)
    labels = torch.arange(batch) % CLASSES
    optimiser = torch.optim.SGD(network.parameters(), lr=0.01)

    def step() -> None:
        optimiser.zero_grad()
        torch.nn.functional.cross_entropy(network(images)[0], labels).backward()  # type: ignore[no-untyped-call]
        optimiser.step()

    def run() -> Timed:
        before = _page_faults()
        step()
        return Timed(details={"page_faults": _page_faults() - before})

    step()  # chooses kernels
    return run


def _teacher() -> "PlainNetwork":
    from benchmarks.plain import PlainNetwork
    from studies.distillation.architecture import teacher_architecture

    return PlainNetwork(teacher_architecture("cifar", CLASSES))


def _fold(network: "PlainNetwork") -> None:
    """Put every BatchNorm into the convolution before it, for evaluation."""
    from torch import nn
    from torch.nn.utils.fusion import fuse_conv_bn_eval

    for layers in [each for each in network.modules() if isinstance(each, nn.Sequential)]:
        for place, (kernel, norm) in enumerate(pairwise(layers)):
            if isinstance(kernel, nn.Conv2d) and isinstance(norm, nn.BatchNorm2d):
                layers[place], layers[place + 1] = fuse_conv_bn_eval(kernel, norm), nn.Identity()


def _page_faults() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt


def measure(setting: Setting) -> Iterator[Table]:
    """The same work with less and less of what the workers do."""
    from harness.execution.memory import memory_variables

    kept = memory_variables({})
    small = {name: value for name, value in kept.items() if name != "GLIBC_TUNABLES"}
    last, folded = {"channels_last": True}, {"channels_last": True, "folded": True}
    batch = 16 if setting.quick else INFERENCE_BATCH
    yield _table(
        f"Inference, batches of {batch}",
        "inference",
        {"batch": batch},
        {
            "as a worker has it, channels-last, folded": (kept, folded),
            "the same without huge pages": (small, folded),
            "without folding either": (small, last),
            "without channels-last either": (small, {}),
        },
    )
    yield _table(
        f"Training, batches of {TRAINING_BATCH}",
        "training",
        {"batch": TRAINING_BATCH},
        {
            "as a worker has it, channels-last": (kept, last),
            "without huge pages and channels-last": (small, {}),
        },
    )


def _table(
    title: str,
    function: str,
    work: Mapping[str, int],
    forms: Mapping[str, tuple[Mapping[str, str], Mapping[str, bool]]],
) -> Table:
    """Forms by name, each with its environment and its settings, beside plain PyTorch."""
    prepare = f"benchmarks.allocation:{function}"
    images = work["batch"]
    ours, *_ = forms
    return contest(
        title,
        Quantity("images/s", better="higher"),
        [
            *(
                Contestant(
                    name,
                    "ours" if name == ours else "variant",
                    prepare,
                    {**work, **settings},
                    images,
                    variables={**variables, **ONE_THREAD},
                )
                for name, (variables, settings) in forms.items()
            ),
            Contestant(
                "plain PyTorch",
                "peer",
                prepare,
                work,
                images,
                variables=ONE_THREAD,
                packages=("torch",),
            ),
        ],
        rounds=ROUNDS,
        memory=True,
    )


QUESTION = Question(
    "allocation",
    "Keeping memory in worker processes",
    """\
The paper's MobileNet-V2 for 32×32 images, as plain PyTorch modules on one core. Worker processes
start with the C library told to keep memory instead of giving it back after every batch; each row
below ours takes more away. Page faults are those of the last run.""",
    measure,
    limit_s=150,
)
