"""The students as anyone would write them: torch's own modules, one network, one loss, one loop.

What the batched program is measured against, and, in float64, what it must agree with.
"""

from collections.abc import Iterable
from itertools import chain
from typing import NamedTuple

import torch
import torch.nn.functional as F  # noqa: N812 - the name that torch's own documentation uses
from torch import Tensor, nn

from studies.distillation.architecture import Architecture, BlockShape
from studies.distillation.network import Weights


class PlainNetwork(nn.Module):
    """A MobileNet-V2 of ``Conv2d``, ``BatchNorm2d``, ``ReLU6`` and ``Linear``."""

    def __init__(self, architecture: Architecture) -> None:
        super().__init__()
        self.blocks = nn.ModuleList(PlainBlock(shape) for shape in architecture.blocks)
        self.head = nn.Linear(architecture.blocks[-1].outputs, architecture.classes)

    def forward(self, images: Tensor, features_of: int | None = None) -> tuple[Tensor, Tensor]:
        """Logits ``(n, classes)``, and the output ``(n, channels, h, w)`` of a block."""
        x = features = images
        for number, block in enumerate(self.blocks):
            x = block(x)
            features = x if number == features_of else features
        return self.head(x.mean(dim=(2, 3))), features

    @torch.no_grad()
    def load(self, stored: Weights) -> None:
        """Take over what a network of the batched program stores."""
        ending = "kernel.weight"
        units = [name.removesuffix(ending) for name in stored if name.endswith(ending)]
        convolutions = [each for each in self.modules() if isinstance(each, nn.Conv2d)]
        norms = [each for each in self.modules() if isinstance(each, nn.BatchNorm2d)]
        for unit, convolution, norm in zip(units, convolutions, norms, strict=True):
            convolution.weight.copy_(stored[f"{unit}{ending}"].view_as(convolution.weight))
            norm.load_state_dict(
                {
                    "weight": stored[f"{unit}norm.scale"],
                    "bias": stored[f"{unit}norm.shift"],
                    "running_mean": stored[f"{unit}norm.running_mean"],
                    "running_var": stored[f"{unit}norm.running_variance"],
                    "num_batches_tracked": torch.tensor(0),
                }
            )
        self.head.weight.copy_(stored["head.weight"])
        self.head.bias.copy_(stored["head.bias"])


class PlainBlock(nn.Module):
    """One feature block."""

    def __init__(self, shape: BlockShape) -> None:
        super().__init__()
        self.layers = nn.Sequential(*_layers(shape))
        self.has_residual = shape.has_residual

    def forward(self, x: Tensor) -> Tensor:
        """Map activations of the block's input shape to those of its output shape."""
        y: Tensor = self.layers(x)
        return x + y if self.has_residual else y


class Taught(NamedTuple):
    """What a student's loss is made of, for one batch.

    Attributes:
        labels: ``(n,)``.
        logits: the teacher's, ``(n, classes)``; None without distillation.
        attention: the teacher's, ``(n, positions)``; None without attention transfer.
    """

    labels: Tensor
    logits: Tensor | None = None
    attention: Tensor | None = None


class Arm(NamedTuple):
    """The weights of an arm's loss; zero leaves a part out."""

    kd_weight: float = 0.0
    temperature: float = 2.5
    attention_weight: float = 0.0


def plain_loss(logits: Tensor, features: Tensor, taught: Taught, arm: Arm) -> Tensor:
    """The loss of one student on one batch."""
    loss = F.cross_entropy(logits, taught.labels)
    if taught.logits is not None:
        student = F.log_softmax(logits / arm.temperature, 1)
        teacher = F.log_softmax(taught.logits / arm.temperature, 1)
        divergence = F.kl_div(student, teacher, reduction="batchmean", log_target=True)
        loss = arm.kd_weight * arm.temperature**2 * divergence + (1 - arm.kd_weight) * loss
    if taught.attention is not None:
        ours = F.normalize(features.square().mean(1).flatten(1), dim=1)
        loss = loss + arm.attention_weight * F.mse_loss(ours, taught.attention)
    return loss


def plain_epoch(
    network: PlainNetwork,
    optimizer: torch.optim.Optimizer,
    batches: Iterable[tuple[Tensor, Taught]],
    arm: Arm,
    features_of: int | None = None,
) -> None:
    """One step a batch."""
    network.train()
    for images, taught in batches:
        logits, features = network(images, features_of)
        loss = plain_loss(logits, features, taught, arm)
        optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        optimizer.step()


def _layers(shape: BlockShape) -> list[nn.Module]:
    if shape.kind == "stem":
        return _unit(shape.inputs, shape.outputs, size=3, stride=shape.stride)
    if shape.kind == "last":
        return _unit(shape.inputs, shape.outputs)
    widen = _unit(shape.inputs, shape.hidden) if shape.expands else []
    depthwise = _unit(shape.hidden, shape.hidden, size=3, stride=shape.stride, groups=shape.hidden)
    narrow = _unit(shape.hidden, shape.outputs)[:-1]
    return list(chain(widen, depthwise, narrow))


def _unit(
    inputs: int, outputs: int, *, size: int = 1, stride: int = 1, groups: int = 1
) -> list[nn.Module]:
    convolution = nn.Conv2d(
        inputs, outputs, size, stride, padding=size // 2, groups=groups, bias=False
    )
    return [convolution, nn.BatchNorm2d(outputs), nn.ReLU6(inplace=True)]
