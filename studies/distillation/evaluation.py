"""How a trained network does on labelled images."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from studies.distillation.architecture import FLOAT32_BYTES, Architecture
from studies.distillation.device import choose_device
from studies.distillation.images import DeviceImages
from studies.distillation.network import Network

# What a network sees of raw images.
View = Callable[[Tensor], Tensor]

# An image's widest map takes 3 kB in the digits networks and 590 kB in those for 32×32 pixels. On
# the processor all digits are evaluated in one go, and 13 of the larger images: one core took 1.1 s
# for 320 of them at 16 at once, 1.6 s at 64, 2.0 s at 160 and 2.7 s at 320.
WIDEST_MAP_BYTES = {"cpu": 8_000_000, "cuda": 1_000_000_000}


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


def logits_of(network: Network, images: Tensor, view: View, at_once: int) -> Tensor:
    """The logits of raw images; the network is left in evaluation mode.

    Args:
        network: any network.
        images: raw intensities, ``(n, c, h, w)``.
        view: what the network is to see of them.
        at_once: how many images pass through it together.

    Returns:
        ``(n, classes)``.
    """
    network.eval()
    with torch.inference_mode():
        return torch.cat([network(view(part)).logits for part in torch.split(images, at_once)])


def evaluate(network: Network, pixels: DeviceImages, view: View, at_once: int) -> Evaluation:
    """Compare predictions with labels; the network is left in evaluation mode.

    Args:
        network: any network.
        pixels: labelled images.
        view: what the network is to see of them.
        at_once: how many images pass through it together.
    """
    return judge(logits_of(network, pixels.images, view, at_once), pixels.labels)


def judge(logits: Tensor, labels: Tensor) -> Evaluation:
    """Compare the classes with the largest logits with the labels.

    Args:
        logits: ``(n, classes)``.
        labels: ``(n,)``.
    """
    predicted = logits.argmax(dim=1)
    correct = (predicted == labels).cpu().numpy()
    return Evaluation(predicted.cpu().numpy(), correct, bool(logits.isfinite().all()))
