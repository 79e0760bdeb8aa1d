"""A MobileNet-V2 built from its shape, with weights drawn from a stream that the caller names.

Names of what a network stores, whatever form its layers have: ``blocks.B.L`` in the first and last
block and ``blocks.B.layers.L`` in the others, then ``weight`` of a convolution, or ``scale``,
``shift``, ``running_mean`` and ``running_variance`` of a BatchNorm; ``head.weight`` and
``head.bias``. B is the block and L the layer in it, ReLUs included, both from 0. A student has
exactly the names of the teacher's first blocks.
"""

from itertools import chain
from typing import NamedTuple, cast

import numpy as np
import torch
from torch import Tensor, nn

from studies.distillation.architecture import Architecture, BlockShape
from studies.distillation.layers import Kernel, Layers, layers_for

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
    """Feature blocks, global average pooling, one linear layer.

    Attributes:
        image_shape: channels, height and width of the images that it takes.
    """

    def __init__(self, architecture: Architecture) -> None:
        super().__init__()
        stem = architecture.blocks[0]
        self.image_shape = (stem.inputs, stem.size, stem.size)
        self._layers = layers_for(stem.size)
        self.blocks = nn.ModuleList(_block(shape, self._layers) for shape in architecture.blocks)
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
                features = self._layers.features(x)
        return Output(self.head(self._layers.pooled(x)), features)


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
            if isinstance(module, Kernel):
                _fill_normal(module.weight, (2.0 / module.fan_out) ** 0.5, rng)
        _fill_normal(network.head.weight, HEAD_DEVIATION, rng)
        network.head.bias.zero_()
    return network


class InvertedResidual(nn.Module):
    """Widen, convolve each channel, narrow linearly, and add the input if the shape allows it."""

    def __init__(self, shape: BlockShape, layers: Layers) -> None:
        super().__init__()
        widen = [layers.pointwise(shape.inputs, shape.hidden)] if shape.expands else []
        depthwise = layers.depthwise(shape.hidden, shape.size, shape.stride)
        narrow = [layers.pointwise(shape.hidden, shape.outputs), layers.norm(shape.outputs)]
        wide = [_activated(kernel, shape.hidden, layers) for kernel in (*widen, depthwise)]
        self.layers = nn.Sequential(*chain(*wide, narrow))
        self.has_residual = shape.has_residual

    def forward(self, x: Tensor) -> Tensor:
        """Map activations of the block's input shape to those of its output shape."""
        y = cast("Tensor", self.layers(x))
        return x + y if self.has_residual else y


def _block(shape: BlockShape, layers: Layers) -> nn.Module:
    if shape.kind == "inverted_residual":
        return InvertedResidual(shape, layers)
    if shape.kind == "stem":
        kernel = layers.convolution(shape.inputs, shape.outputs, shape.size, shape.stride)
    else:
        kernel = layers.pointwise(shape.inputs, shape.outputs)
    return nn.Sequential(*_activated(kernel, shape.outputs, layers))


def _activated(kernel: nn.Module, channels: int, layers: Layers) -> list[nn.Module]:
    return [kernel, layers.norm(channels), layers.activation()]


def _fill_normal(weight: Tensor, deviation: float, rng: np.random.Generator) -> None:
    values = rng.standard_normal(tuple(weight.shape)) * deviation
    weight.copy_(torch.from_numpy(values))
