"""How fast a device copies memory and multiplies matrices: what no training can exceed."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from benchmarks.model import Figure, Quantity, Question, Role, Setting, Table, Turn

PRECISIONS = ("float32", "tf32", "bfloat16")
COPIED_BYTES, QUICK_BYTES = 2_000_000_000, 8_000_000
SIZE, QUICK_SIZE = 8192, 256
ROUNDS, REPEATS = 5, 10


@dataclass(frozen=True, slots=True)
class Ceilings:
    """What a device can do.

    Attributes:
        copied: read and written, in GB/s, a figure.
        multiplied: matrix products in TFLOP/s, a figure for each precision.
    """

    copied: Figure
    multiplied: Mapping[str, Figure]

    @property
    def bytes_per_s(self) -> float:
        """The median of what was read and written."""
        return 1e9 * self.copied.median(BANDWIDTH)

    def flops_per_s(self, precision: str) -> float:
        """The median of the products' additions and multiplications."""
        return 1e12 * self.multiplied[precision].median(ARITHMETIC)


BANDWIDTH = Quantity("GB/s", better="higher")
ARITHMETIC = Quantity("TFLOP/s", better="higher")


def measured(*, quick: bool) -> Ceilings:
    """Copy and multiply on the device."""
    size = QUICK_SIZE if quick else SIZE
    products = {each: _products(each, size) for each in PRECISIONS}
    return Ceilings(_copies(QUICK_BYTES if quick else COPIED_BYTES), products)


def _copies(size: int) -> Figure:
    import torch

    from studies.distillation.device import choose_device

    source = torch.zeros(size // 4, device=choose_device())
    target = torch.empty_like(source)
    turns = _turns(lambda: target.copy_(source))
    return _figure("copies of float32 numbers", "ours", 2 * size / 1e9, turns)


def _products(precision: str, size: int) -> Figure:
    import torch

    from studies.distillation.device import choose_device
    from studies.distillation.precision import arithmetic

    dtype = torch.bfloat16 if precision == "bfloat16" else torch.float32
    one, other = (torch.randn(size, size, device=choose_device()).to(dtype) for _ in range(2))
    with arithmetic(precision):
        turns = _turns(lambda: one @ other)
    role: Role = "ours" if precision == "float32" else "variant"
    return _figure(precision, role, 2 * size**3 / 1e12, turns)


def _turns(work: Callable[[], Any]) -> tuple[Turn, ...]:
    from benchmarks.gpu_work import give_back_memory, seconds

    seconds(work, REPEATS)
    turns = tuple(Turn(seconds(work, REPEATS), None) for _ in range(ROUNDS))
    give_back_memory()
    return turns


def _figure(name: str, role: Role, amount: float, turns: tuple[Turn, ...]) -> Figure:
    import torch

    return Figure(name, role, amount, turns, versions={"torch": str(torch.__version__)})


def measure(setting: Setting) -> Iterator[Table]:
    """Bandwidth, then products."""
    from benchmarks.gpu_work import require_gpu

    require_gpu(setting)
    found = measured(quick=setting.quick)
    yield Table("Memory read and written", BANDWIDTH, (found.copied,))
    yield Table("Products of large matrices", ARITHMETIC, tuple(found.multiplied.values()))


QUESTION = Question(
    "gpu_ceilings",
    "What the GPU can do at most",
    f"Copies within the GPU's memory, {COPIED_BYTES / 1e9:.0f} GB read and as many written; and "
    f"products of two matrices of {SIZE} × {SIZE} numbers, two floating-point operations a "
    "multiply-add. `tf32` and `bfloat16` round the factors and add up in float32.",
    measure,
    limit_s=30,
    needs_gpu=True,
)
