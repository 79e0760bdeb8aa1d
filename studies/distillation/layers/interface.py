"""What every form of layers offers, and what all kernels have in common."""

from abc import ABC, abstractmethod

import torch
import torch.nn.functional as F  # noqa: N812 - the name that torch's own documentation uses
from torch import Tensor, nn

MOMENTUM = 0.1
EPSILON = 1e-5


class Kernel(nn.Module):
    """The weight of a convolution without bias.

    Its shape does not depend on the form of the layer, so that neither the draw of initial weights
    nor a stored network does: ``(outputs, inputs)`` for a 1×1 convolution, ``(outputs, inputs, 9)``
    for a 3×3 convolution, ``(channels, 9)`` for one of each channel by itself; taps in row-major
    order.

    Attributes:
        weight: as above; zeros at first.
        fan_out: outputs that each input is connected with, by the count that torchvision's
            MobileNet-V2 initialises with: taps times output channels.
    """

    def __init__(self, *shape: int, fan_out: int) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.zeros(shape))
        self.fan_out = fan_out


class Norm(nn.Module):
    """The numbers of a batch normalisation of each channel (Ioffe and Szegedy 2015).

    Attributes:
        scale: trained, ``(channels,)``.
        shift: trained, ``(channels,)``.
        running_mean: followed in training, ``(channels,)``.
        running_variance: followed in training, ``(channels,)``.
    """

    running_mean: Tensor
    running_variance: Tensor

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.scale = nn.Parameter(torch.ones(channels))
        self.shift = nn.Parameter(torch.zeros(channels))
        self.register_buffer("running_mean", torch.zeros(channels))
        self.register_buffer("running_variance", torch.ones(channels))

    def normalise(self, x: Tensor) -> Tensor:
        """Normalise ``(n, channels, …)`` by the batch in training, by running values otherwise."""
        return F.batch_norm(
            x,
            self.running_mean,
            self.running_variance,
            self.scale,
            self.shift,
            self.training,
            MOMENTUM,
            EPSILON,
        )


class Layers(ABC):
    """One arrangement of activations in memory, and the layers that work on it."""

    @abstractmethod
    def convolution(self, inputs: int, outputs: int, size: int, stride: int) -> nn.Module:
        """A 3×3 convolution that a network begins with.

        Args:
            inputs: channels of the images.
            outputs: channels of the result.
            size: height and width of the images, in pixels; padded by one zero on each side.
            stride: 1 or 2.

        Returns:
            A module from images ``(n, inputs, size, size)`` to activations of this arrangement.
        """

    @abstractmethod
    def depthwise(self, channels: int, size: int, stride: int) -> nn.Module:
        """A 3×3 convolution of each channel by itself, of maps of ``size`` × ``size`` pixels."""

    @abstractmethod
    def pointwise(self, inputs: int, outputs: int) -> nn.Module:
        """A 1×1 convolution."""

    @abstractmethod
    def norm(self, channels: int) -> nn.Module:
        """A batch normalisation of each channel over images and positions."""

    @abstractmethod
    def activation(self) -> nn.Module:
        """ReLU6: what lies outside [0, 6] is moved to the nearer end."""

    @abstractmethod
    def features(self, x: Tensor) -> Tensor:
        """Activations as ``(channels, n, positions)``, positions in row-major order."""

    @abstractmethod
    def pooled(self, x: Tensor) -> Tensor:
        """Activations averaged over all positions, ``(n, channels)``."""
