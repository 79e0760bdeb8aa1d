"""Layers on activations laid out as (images, channels, height, width), channels last in memory.

One image after the other, and in it one position after the other with all its channels, is what
convolutions of the CPU are fastest on: the 32×32 teacher took 199 ms instead of 389 ms to classify
64 images, and 0.93 s instead of 1.35 s for a step of training (one core, torch 2.15).
"""

import torch
import torch.nn.functional as F  # noqa: N812 - the name that torch's own documentation uses
from torch import Tensor, nn

from studies.distillation.layers.interface import Kernel, Layers, Norm


class ConvolutionLayers(Layers):
    """Activations are ``(n, channels, height, width)``, channels last in memory."""

    def convolution(self, inputs: int, outputs: int, size: int, stride: int) -> nn.Module:  # noqa: ARG002
        """See :class:`Layers`."""
        return Convolution(inputs, outputs, stride)

    def depthwise(self, channels: int, size: int, stride: int) -> nn.Module:  # noqa: ARG002
        """See :class:`Layers`."""
        return Depthwise(channels, stride)

    def pointwise(self, inputs: int, outputs: int) -> nn.Module:
        """See :class:`Layers`."""
        return Pointwise(inputs, outputs)

    def norm(self, channels: int) -> nn.Module:
        """See :class:`Layers`."""
        return BatchNorm(channels)

    def activation(self) -> nn.Module:
        """See :class:`Layers`."""
        # In place, because nothing else needs what a BatchNorm gave: new memory for the 38 MB that
        # 64 images take in the widest layers made the teacher's inference a quarter slower.
        return nn.ReLU6(inplace=True)

    def features(self, x: Tensor) -> Tensor:
        """See :class:`Layers`."""
        return x.transpose(0, 1).flatten(2)

    def pooled(self, x: Tensor) -> Tensor:
        """See :class:`Layers`."""
        return x.mean(dim=(2, 3))


class Pointwise(Kernel):
    """A 1×1 convolution without bias; weight of shape ``(outputs, inputs)``."""

    def __init__(self, inputs: int, outputs: int) -> None:
        super().__init__(outputs, inputs, fan_out=outputs)

    def forward(self, x: Tensor) -> Tensor:
        """Map ``(n, inputs, h, w)`` to ``(n, outputs, h, w)``."""
        return F.conv2d(x, self.weight[:, :, None, None])


class Depthwise(Kernel):
    """A 3×3 convolution of each channel by itself, without bias; weight ``(channels, 9)``."""

    def __init__(self, channels: int, stride: int) -> None:
        super().__init__(channels, 9, fan_out=9 * channels)
        self.stride = stride

    def forward(self, x: Tensor) -> Tensor:
        """Map ``(n, channels, h, w)`` to ``(n, channels, output h, output w)``."""
        kernels = self.weight.view(-1, 1, 3, 3)
        return F.conv2d(x, kernels, stride=self.stride, padding=1, groups=len(kernels))


class Convolution(Kernel):
    """A full 3×3 convolution without bias; weight of shape ``(outputs, inputs, 9)``."""

    def __init__(self, inputs: int, outputs: int, stride: int) -> None:
        super().__init__(outputs, inputs, 9, fan_out=9 * outputs)
        self.stride = stride

    def forward(self, x: Tensor) -> Tensor:
        """Map images ``(n, inputs, h, w)`` to ``(n, outputs, output h, output w)``."""
        images = x.contiguous(memory_format=torch.channels_last)
        kernels = self.weight.view(*self.weight.shape[:2], 3, 3)
        return F.conv2d(images, kernels, stride=self.stride, padding=1)


class BatchNorm(Norm):
    """Batch normalisation of each channel over images and positions."""

    def forward(self, x: Tensor) -> Tensor:
        """Normalise ``(n, channels, h, w)``."""
        return self.normalise(x)
