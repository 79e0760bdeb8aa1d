"""How trained networks do on labelled images."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from studies.distillation.architecture import FLOAT32_BYTES, Architecture
from studies.distillation.device import choose_device
from studies.distillation.images import DeviceImages
from studies.distillation.network import Networks
from studies.distillation.params import FLOAT32
from studies.distillation.precision import forward

# What a network sees of raw images.
View = Callable[[Tensor], Tensor]

# An image's widest map takes 3 kB in the digits networks and 590 kB in those for 32×32 pixels. On
# the processor all digits are evaluated in one go, and 13 of the larger images: one core took 1.1 s
# for 320 of them at 16 at once, 1.6 s at 64, 2.0 s at 160 and 2.7 s at 320. A GPU holds such a map
# for each of 64 networks, 6.4 GB in all.
WIDEST_MAP_BYTES = {"cpu": 8_000_000, "cuda": 100_000_000}


@dataclass(frozen=True, slots=True, eq=False)
class Evaluation:
    """How a network does on labelled images.

    Attributes:
        predicted: ``(n,)``, the class with the largest logit.
        correct: ``(n,)``, whether each prediction is right.
        finite: whether every logit is a number; a network that diverged predicts nothing.
    """

    predicted: npt.NDArray[np.int64]
    correct: npt.NDArray[np.bool_]
    finite: bool

    @property
    def accuracy(self) -> float:
        """Share of right predictions, in [0, 1]; NaN for a network that diverged."""
        return float(self.correct.mean()) if self.finite else float("nan")


def images_at_once(architecture: Architecture) -> int:
    """How many images may pass through a network together on its device; at least 1."""
    widest = max(max(block.inputs, block.hidden) * block.size**2 for block in architecture.blocks)
    return max(1, WIDEST_MAP_BYTES[choose_device().type] // (FLOAT32_BYTES * widest))


def logits_of_each(
    networks: Networks,
    images: Sequence[Tensor],
    view: View,
    at_once: int,
    precision: str = FLOAT32,
) -> Tensor:
    """The logits of each network for its own raw images; the networks are put in evaluation mode.

    Args:
        networks: K of them.
        images: raw intensities for each, K times ``(n, c, h, w)``.
        view: what the networks are to see of them.
        at_once: how many images of each pass through it together.
        precision: of the products.

    Returns:
        ``(K, n, classes)``.
    """
    networks.eval()
    if networks.count == 1 and networks.pads_single:
        # Beside a copy of itself, as in training.
        pair = networks.chosen([0, 0])
        return logits_of_each(pair, [*images, *images], view, at_once, precision)[:1]
    dtype = networks.head.weight.dtype
    with torch.inference_mode():
        parts = zip(*(torch.split(each, at_once) for each in images), strict=True)
        seen = (torch.stack([view(part) for part in together]).to(dtype) for together in parts)
        outputs = (forward(networks, inputs, None, precision) for inputs in seen)
        return torch.cat([output.logits for output in outputs], dim=1)


def evaluate_each(
    networks: Networks,
    images: Sequence[DeviceImages],
    view: View,
    at_once: int,
    precision: str = FLOAT32,
) -> list[Evaluation]:
    """Compare each network's predictions with its labels; all are put in evaluation mode.

    Args:
        networks: K of them.
        images: labelled images for each, the same number.
        view: what the networks are to see of them.
        at_once: how many images of each pass through it together; it decides on the rounding, and
            so must not depend on K.
        precision: of the products.
    """
    raw = [each.images for each in images]
    logits = logits_of_each(networks, raw, view, at_once, precision)
    return [judge(*pair) for pair in zip(logits, (each.labels for each in images), strict=True)]


def judge(logits: Tensor, labels: Tensor) -> Evaluation:
    """Compare the classes with the largest logits with the labels.

    Args:
        logits: ``(n, classes)``.
        labels: ``(n,)``.
    """
    predicted = logits.argmax(dim=1)
    correct = (predicted == labels).cpu().numpy()
    return Evaluation(predicted.cpu().numpy(), correct, bool(logits.isfinite().all()))
