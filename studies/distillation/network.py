"""A MobileNet-V2 built from its shape, with weights drawn from a stream that the caller names."""

from typing import NamedTuple, cast

import numpy as np
import torch
from torch import Tensor, nn

from studies.distillation.architecture import Architecture, BlockShape
from studies.distillation.layers import BatchNorm, Convolution, Depthwise, Pointwise

HEAD_DEVIATION = 0.01


class Output(NamedTuple):
    """What a network gives for a batch.

    Attributes:
        logits: ``(n, classes)``.
        features: ``(channels, n, positions)``, the output of the block that was asked for.
    """

    logits: Tensor
    features: Tensor | None


class Network(nn.Module):
    """Feature blocks, global average pooling, one linear layer."""

    def __init__(self, architecture: Architecture) -> None:
        super().__init__()
        self.blocks = nn.ModuleList(_block(shape) for shape in architecture.blocks)
        self.head = nn.Linear(
            architecture.blocks[-1].outputs, architecture.classes, device="meta"
        ).to_empty(device="cpu")

    def forward(self, images: Tensor, features_of: int | None = None) -> Output:
        """Classify images, and keep one block's output on the way.

        Args:
            images: ``(n, channels, height, width)``.
            features_of: number of the block, from 0, whose output is wanted.
        """
        x, features = images, None
        for number, block in enumerate(self.blocks):
            x = block(x)
            if number == features_of:
                features = x
        return Output(self.head(x.mean(dim=2).t()), features)


def build_network(architecture: Architecture, rng: np.random.Generator) -> Network:
    """A network with the initial weights that this stream gives.

    As in MobileNet-V2's usual implementation: convolutions are normal with variance
    ``2 / fan_out`` (He et al. 2015), BatchNorm starts as the identity, the linear layer is normal
    with deviation 0.01 and no bias. Weights are drawn block after block and the linear layer last,
    so that networks of different depth have equal first blocks.
    """
    network = Network(architecture)
    with torch.no_grad():
        for module in network.modules():
            if isinstance(module, Convolution | Depthwise | Pointwise):
                _fill_normal(module.weight, (2.0 / module.fan_out) ** 0.5, rng)
        _fill_normal(network.head.weight, HEAD_DEVIATION, rng)
        network.head.bias.zero_()
    return network


class InvertedResidual(nn.Module):
    """Widen, convolve each channel, narrow linearly, and add the input if the shape allows it."""

    def __init__(self, shape: BlockShape) -> None:
        super().__init__()
        widen = _convolved(Pointwise(shape.inputs, shape.hidden), shape.hidden)
        depthwise = Depthwise(shape.hidden, shape.size, shape.stride)
        narrow = [Pointwise(shape.hidden, shape.outputs), BatchNorm(shape.outputs)]
        layers = [*(widen if shape.expands else []), *_convolved(depthwise, shape.hidden), *narrow]
        self.layers = nn.Sequential(*layers)
        self.has_residual = shape.has_residual

    def forward(self, x: Tensor) -> Tensor:
        """Map ``(inputs, n, p)`` to ``(outputs, n, output positions)``."""
        y = cast("Tensor", self.layers(x))
        return x + y if self.has_residual else y


def _block(shape: BlockShape) -> nn.Module:
    if shape.kind == "stem":
        stem = Convolution(shape.inputs, shape.outputs, shape.size, shape.stride)
        return nn.Sequential(*_convolved(stem, shape.outputs))
    if shape.kind == "last":
        return nn.Sequential(*_convolved(Pointwise(shape.inputs, shape.outputs), shape.outputs))
    return InvertedResidual(shape)


def _convolved(convolution: nn.Module, channels: int) -> list[nn.Module]:
    return [convolution, BatchNorm(channels), nn.ReLU6()]


def _fill_normal(weight: Tensor, deviation: float, rng: np.random.Generator) -> None:
    values = rng.standard_normal(tuple(weight.shape)) * deviation
    weight.copy_(torch.from_numpy(values))
