"""How exactly a student's products are computed: a choice that is made, and recorded.

``float32`` means what it says: torch's convolutions on a GPU are in TF32 unless they are told not
to be. ``tf32`` rounds the factors of products to 10 bits behind the point; ``bfloat16`` rounds
activations as well, to 7 bits. Weights, statistics of a BatchNorm, losses and the optimizer's state
are float32 in all of them.
"""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager

import torch

from harness.errors import Problem
from studies.distillation.device import choose_device
from studies.distillation.network import Networks, Output
from studies.distillation.params import BFLOAT16, FLOAT32, TF32, ParameterError

# A setting of torch: what has it, its name, and its value without TF32 and with it.
_Switch = tuple[object, str, object, object]


def require_device(precision: str) -> None:
    """Refuse what only a GPU computes where there is none.

    Raises:
        ParameterError: saying what is possible here.
    """
    if precision == FLOAT32 or choose_device().type == "cuda":
        return
    what, remedy = "needs a CUDA device, and there is none", f'set precision = "{FLOAT32}"'
    problem = Problem(what, "precision", repr(precision), (FLOAT32,), remedy=remedy)
    raise ParameterError([problem], "the parameters of a trial")


@contextmanager
def arithmetic(precision: str) -> Iterator[None]:
    """Products of float32 numbers are exact or in TF32, as the precision says; then as before."""
    with ExitStack() as stack:
        for owner, name, exact, rounded in _switches():
            stack.callback(setattr, owner, name, getattr(owner, name))
            setattr(owner, name, rounded if precision == TF32 else exact)
        yield


def forward(
    networks: Networks, images: torch.Tensor, features_of: int | None, precision: str
) -> Output:
    """What networks give for their images, in the type of their weights.

    The weights are rounded anew at each call: what autocast keeps of them for the next one would
    stay as it is when the optimizer moves them.

    Args:
        networks: K of them.
        images: ``(K, n, channels, height, width)``.
        features_of: number of the block, from 0, whose output is wanted.
        precision: of the products; see :class:`~studies.distillation.params.StudentParams`.
    """
    if precision != BFLOAT16:
        output: Output = networks(images, features_of)
        return output
    with torch.autocast(images.device.type, dtype=torch.bfloat16, cache_enabled=False):
        logits, features = networks(images, features_of)
    # Softmax and squares of rounded numbers would be rounded again.
    return Output(logits.float(), None if features is None else features.float())


def _switches() -> list[_Switch]:
    backends = torch.backends
    if not hasattr(backends.cudnn, "conv"):  # before torch 2.9
        return [
            (backends.cuda.matmul, "allow_tf32", False, True),
            (backends.cudnn, "allow_tf32", False, True),
        ]
    on_gpu = (backends.cuda.matmul, backends.cudnn.conv, backends.cudnn.rnn)
    # Made when torch is imported, which a type checker cannot see.
    on_processor = (getattr(backends.mkldnn, name) for name in ("matmul", "conv"))
    name = "fp32_precision"
    return [
        *((owner, name, "ieee", "tf32") for owner in on_gpu),
        *((owner, name, "ieee", "ieee") for owner in on_processor),
    ]
