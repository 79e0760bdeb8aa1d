"""MobileNet-V2s built from their shape, K of them in one program.

Names of what a network stores, whatever form its layers have: ``blocks.B.units.U`` and then
``kernel.weight`` of a convolution, or ``norm.scale``, ``norm.shift``, ``norm.running_mean`` and
``norm.running_variance`` of the BatchNorm behind it; ``head.weight`` and ``head.bias``. B is the
block and U the unit in it, both from 0. A student has exactly the names of the teacher's first
blocks. Every tensor has the networks as its first dimension.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple, Self

import numpy as np
import torch
from torch import Tensor, nn

from studies.distillation.architecture import Architecture, BlockShape
from studies.distillation.layers import Kernel, Layers, Norm, form_of_layers, relu6_

HEAD_DEVIATION = 0.01
CPU = torch.device("cpu")

# What a single network stores, by name, without the dimension of networks.
Weights = Mapping[str, Tensor]


class Output(NamedTuple):
    """What networks give for their batches.

    Attributes:
        logits: ``(K, n, classes)``; of a :class:`SingleNetwork` ``(n, classes)``.
        features: ``(K, channels, n, positions)``, the output of the block that was asked for; of a
            :class:`SingleNetwork` ``(channels, n, positions)``.
    """

    logits: Tensor
    features: Tensor | None


class Unit(nn.Module):
    """A convolution and the BatchNorm behind it, with ReLU6 or without.

    In evaluation the BatchNorm is folded into the convolution: its running values are no more than
    a factor and an offset of each channel.
    """

    _frozen_weight: Tensor | None
    _frozen_bias: Tensor | None

    def __init__(self, kernel: Kernel, norm: Norm) -> None:
        super().__init__()
        self.kernel = kernel
        self.norm = norm
        self.register_buffer("_frozen_weight", None, persistent=False)
        self.register_buffer("_frozen_bias", None, persistent=False)

    def forward(self, x: Tensor) -> Tensor:
        """Convolve and normalise activations."""
        if self.training:
            normalised: Tensor = self.norm(self.kernel(x))
            return normalised
        weight, bias = self._frozen_weight, self._frozen_bias
        if weight is None or bias is None:
            weight, bias = self._fold()
        convolved = self.kernel.convolve(x, weight, bias)
        return relu6_(convolved) if self.norm.activated else convolved

    def freeze(self) -> None:
        """Fold now, and for good: the unit no longer follows what becomes of its weights."""
        self._frozen_weight, self._frozen_bias = self._fold()

    @torch.no_grad()
    def _fold(self) -> tuple[Tensor, Tensor]:
        factor, weight = self.norm.factor(), self.kernel.weight
        folded = weight * factor.view(*factor.shape, *[1] * (weight.dim() - 2))
        return folded, self.norm.shift - self.norm.running_mean * factor


class Block(nn.Module):
    """Some units one after the other; the block's input is added if the shape allows it."""

    def __init__(self, units: Sequence[Unit], *, has_residual: bool) -> None:
        super().__init__()
        self.units = nn.ModuleList(units)
        self.has_residual = has_residual

    def forward(self, x: Tensor) -> Tensor:
        """Map activations of the block's input shape to those of its output shape."""
        y = x
        for unit in self.units:
            y = unit(y)
        return x + y if self.has_residual else y


class Head(nn.Module):
    """A linear layer for each network; weights ``(K, classes, inputs)``, bias ``(K, classes)``."""

    def __init__(self, networks: int, inputs: int, classes: int) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.zeros(networks, classes, inputs))
        self.bias = nn.Parameter(torch.zeros(networks, classes))

    def forward(self, x: Tensor) -> Tensor:
        """Map ``(K, n, inputs)`` to ``(K, n, classes)``."""
        return torch.baddbmm(self.bias.unsqueeze(1), x, self.weight.transpose(1, 2))


class Networks(nn.Module):
    """K networks of one shape: feature blocks, global average pooling, one linear layer each.

    Attributes:
        architecture: the shape.
        count: K.
        image_shape: channels, height and width of the images that they take.
    """

    def __init__(self, architecture: Architecture, count: int, device: torch.device = CPU) -> None:
        super().__init__()
        stem = architecture.blocks[0]
        self.architecture, self.count = architecture, count
        self.image_shape = (stem.inputs, stem.size, stem.size)
        self.layers = form_of_layers(stem.size, device)(count)
        self.blocks = nn.ModuleList(_block(shape, self.layers) for shape in architecture.blocks)
        self.head = Head(count, architecture.blocks[-1].outputs, architecture.classes)
        self.to(device)

    def forward(self, images: Tensor, features_of: int | None = None) -> Output:
        """Classify each network's images, and keep one block's output on the way.

        Args:
            images: ``(K, n, channels, height, width)``.
            features_of: number of the block, from 0, whose output is wanted.
        """
        x, features = self.layers.enter(images), None
        for number, block in enumerate(self.blocks):
            x = block(x)
            if number == features_of:
                features = self.layers.features(x)
        return Output(self.head(self.layers.pooled(x)), features)

    @property
    def pads_single(self) -> bool:
        """Whether a single network has to be computed beside a copy of itself.

        A form of layers may say so; and on a GPU a batched matrix product of one matrix takes
        another path than of two.
        """
        return self.layers.pads_single or self.head.weight.device.type == "cuda"

    def kernels(self) -> Iterator[Kernel]:
        """All convolutions, from input to output."""
        return (module for module in self.modules() if isinstance(module, Kernel))

    def weights_of(self, number: int) -> dict[str, Tensor]:
        """A copy of what one network stores, by name."""
        return {name: tensor[number].clone() for name, tensor in self.state_dict().items()}

    def load(self, stored: Sequence[Weights]) -> None:
        """Take over what K networks store, in their order."""
        names = stored[0]
        self.load_state_dict({name: torch.stack([one[name] for one in stored]) for name in names})

    def chosen(self, numbers: Sequence[int]) -> "Networks":
        """A copy of some of the networks, in the order in which they are named."""
        some = Networks(self.architecture, len(numbers), self.head.weight.device)
        some.to(self.head.weight.dtype)
        index = torch.tensor(numbers, device=self.head.weight.device)
        some.load_state_dict({name: each[index] for name, each in self.state_dict().items()})
        return some.train(self.training)

    def frozen(self) -> Self:
        """The networks themselves, from now on for evaluation only, with fixed weights."""
        for module in self.modules():
            if isinstance(module, Unit):
                module.freeze()
        return self.eval().requires_grad_(requires_grad=False)


class SingleNetwork(nn.Module):
    """One of K networks, for images without a dimension of networks."""

    def __init__(self, networks: Networks, number: int = 0) -> None:
        super().__init__()
        self._networks = networks if networks.count == 1 else networks.chosen([number])
        self.image_shape = networks.image_shape
        self.train(networks.training)

    def forward(self, images: Tensor, features_of: int | None = None) -> Output:
        """Classify images ``(n, channels, height, width)``; see :class:`Networks`."""
        output = self._networks(images.unsqueeze(0), features_of)
        features = None if output.features is None else output.features[0]
        return Output(output.logits[0], features)


def build_networks(
    architecture: Architecture, streams: Sequence[np.random.Generator], device: torch.device = CPU
) -> Networks:
    """Networks with the initial weights that these streams give, one each.

    As in MobileNet-V2's usual implementation: convolutions are normal with variance
    ``2 / fan_out`` (He et al. 2015), BatchNorm starts as the identity, the linear layer is normal
    with deviation 0.01 and no bias. Weights are drawn block after block and the linear layer last,
    so that networks of different depth have equal first blocks.
    """
    networks = Networks(architecture, len(streams), device)
    with torch.no_grad():
        for kernel in networks.kernels():
            _fill_normal(kernel.weight, (2.0 / kernel.fan_out) ** 0.5, streams)
        _fill_normal(networks.head.weight, HEAD_DEVIATION, streams)
    return networks


def inference_network(
    architecture: Architecture, stored: Weights, device: torch.device
) -> SingleNetwork:
    """One trained network, ready for evaluation, with its weights fixed."""
    networks = Networks(architecture, 1, device)
    networks.load([stored])
    return SingleNetwork(networks.frozen())


def _block(shape: BlockShape, layers: Layers) -> Block:
    if shape.kind == "inverted_residual":
        return Block(_inverted_residual(shape, layers), has_residual=shape.has_residual)
    kernel: Kernel
    if shape.kind == "stem":
        kernel = layers.convolution(layers.networks, shape.inputs, shape.outputs, shape.stride)
    else:
        kernel = layers.pointwise(layers.networks, shape.inputs, shape.outputs)
    return Block([_unit(kernel, shape.outputs, layers)], has_residual=False)


def _inverted_residual(shape: BlockShape, layers: Layers) -> list[Unit]:
    """Widen, convolve each channel, narrow linearly (Sandler et al. 2018)."""
    widen = [layers.pointwise(layers.networks, shape.inputs, shape.hidden)] if shape.expands else []
    depthwise = layers.depthwise(layers.networks, shape.hidden, shape.size, shape.stride)
    narrow = layers.pointwise(layers.networks, shape.hidden, shape.outputs)
    wide = [_unit(kernel, shape.hidden, layers) for kernel in (*widen, depthwise)]
    return [*wide, _unit(narrow, shape.outputs, layers, activated=False)]


def _unit(kernel: Kernel, channels: int, layers: Layers, *, activated: bool = True) -> Unit:
    return Unit(kernel, layers.norm(layers.networks, channels, activated=activated))


def _fill_normal(weight: Tensor, deviation: float, streams: Sequence[np.random.Generator]) -> None:
    for number, stream in enumerate(streams):
        values = stream.standard_normal(tuple(weight.shape[1:])) * deviation
        weight[number] = torch.from_numpy(values)
