"""Layers on activations laid out as (images, networks × channels, height, width), for a GPU.

The convolutions of all networks are one convolution in groups, channels last in memory, so that a
device is kept busy by networks that are each too small for it. With two groups or more each group
is computed alike, however many there are; a single group would take another path of the library,
with other rounding, which is why a single network is trained beside a copy of itself.
"""

import torch
import torch.nn.functional as F  # noqa: N812 - the name that torch's own documentation uses
from torch import Tensor

from studies.distillation.layers.activation import relu6_
from studies.distillation.layers.interface import (
    EPSILON,
    MOMENTUM,
    DepthwiseKernel,
    FullKernel,
    Layers,
    Norm,
    PointwiseKernel,
)


class Pointwise(PointwiseKernel):
    """A 1×1 convolution; weights ``(K, outputs, inputs)``."""

    def convolve(self, x: Tensor, weight: Tensor, bias: Tensor | None) -> Tensor:
        """Map ``(n, K · inputs, h, w)`` to ``(n, K · outputs, h, w)``."""
        kernels = weight.flatten(0, 1)[..., None, None]
        return F.conv2d(x, kernels, _flat(bias), groups=len(weight))


class Depthwise(DepthwiseKernel):
    """A 3×3 convolution of each channel by itself; weights ``(K, channels, 9)``."""

    def convolve(self, x: Tensor, weight: Tensor, bias: Tensor | None) -> Tensor:
        """Map ``(n, K · channels, h, w)`` to ``(n, K · channels, output h, output w)``."""
        kernels = weight.view(-1, 1, 3, 3)
        return F.conv2d(x, kernels, _flat(bias), self.stride, padding=1, groups=len(kernels))


class Convolution(FullKernel):
    """A full 3×3 convolution; weights ``(K, outputs, inputs, 9)``."""

    def convolve(self, x: Tensor, weight: Tensor, bias: Tensor | None) -> Tensor:
        """Map images ``(n, K · inputs, h, w)`` to ``(n, K · outputs, h, w)``."""
        kernels = weight.view(-1, weight.shape[2], 3, 3)
        return F.conv2d(x, kernels, _flat(bias), self.stride, padding=1, groups=len(weight))


class BatchNorm(Norm):
    """Batch normalisation of each channel of each network over images and positions."""

    def forward(self, x: Tensor) -> Tensor:
        """Normalise ``(n, K · channels, h, w)``."""
        values = F.batch_norm(
            x,
            self.running_mean.flatten(),
            self.running_variance.flatten(),
            self.scale.flatten(),
            self.shift.flatten(),
            self.training,
            MOMENTUM,
            EPSILON,
        )
        return relu6_(values) if self.activated else values


class GroupedLayers(Layers):
    """Activations are ``(n, K · channels, height, width)``, channels last in memory."""

    pads_single = True
    convolution, depthwise, pointwise, norm = Convolution, Depthwise, Pointwise, BatchNorm

    def enter(self, images: Tensor) -> Tensor:
        """See :class:`Layers`."""
        together = images.transpose(0, 1).flatten(1, 2)
        return together.contiguous(memory_format=torch.channels_last)

    def features(self, x: Tensor) -> Tensor:
        """See :class:`Layers`."""
        return _by_network(x, self.networks).permute(1, 2, 0, 3, 4).flatten(3)

    def pooled(self, x: Tensor) -> Tensor:
        """See :class:`Layers`."""
        # Averaged as they lie, channels last, positions are added up in an order that depends on K.
        return self.features(x).contiguous().mean(dim=3).transpose(1, 2)


def _by_network(x: Tensor, networks: int) -> Tensor:
    """``(n, K · channels, …)`` as ``(n, K, channels, …)``."""
    return x.reshape(len(x), networks, -1, *x.shape[2:])


def _flat(bias: Tensor | None) -> Tensor | None:
    return None if bias is None else bias.flatten()
