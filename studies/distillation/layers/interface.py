"""What every form of layers offers, and what kernels and normalisations have in common.

A layer holds the numbers of K networks of one shape, and maps the activations of all K at once. How
activations are arranged is each form's own affair: only :meth:`Layers.enter`, :meth:`Layers.pooled`
and :meth:`Layers.features` meet the outside.
"""

from abc import ABC, abstractmethod

import torch
from torch import Tensor, nn

MOMENTUM = 0.1
EPSILON = 1e-5


class Kernel(nn.Module, ABC):
    """The weights of a convolution of K networks.

    Their shape does not depend on the form of the layer, so that neither the draw of initial
    weights nor a stored network does: ``(K, outputs, inputs)`` for a 1×1 convolution,
    ``(K, outputs, inputs, 9)`` for a 3×3 convolution, ``(K, channels, 9)`` for one of each channel
    by itself; taps in row-major order.

    Attributes:
        weight: as above; zeros at first.
        fan_out: outputs that each input is connected with, by the count that torchvision's
            MobileNet-V2 initialises with: taps times output channels.
    """

    def __init__(self, networks: int, *shape: int, fan_out: int) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.zeros(networks, *shape))
        self.fan_out = fan_out

    def forward(self, x: Tensor) -> Tensor:
        """Convolve the activations of all networks."""
        return self.convolve(x, self.weight, None)

    @abstractmethod
    def convolve(self, x: Tensor, weight: Tensor, bias: Tensor | None) -> Tensor:
        """Convolve activations with weights that may be others than the layer's own.

        Args:
            x: activations of the form that the layer belongs to.
            weight: of the shape of the layer's own.
            bias: ``(K, output channels)``, added to every position; None for none.
        """


class PointwiseKernel(Kernel):
    """A 1×1 convolution; weights ``(K, outputs, inputs)``."""

    def __init__(self, networks: int, inputs: int, outputs: int) -> None:
        super().__init__(networks, outputs, inputs, fan_out=outputs)


class DepthwiseKernel(Kernel):
    """A 3×3 convolution of each channel by itself; weights ``(K, channels, 9)``.

    Attributes:
        size: height and width of the input maps, in pixels; padded by one zero on each side.
        stride: 1 or 2.
    """

    def __init__(self, networks: int, channels: int, size: int, stride: int) -> None:
        super().__init__(networks, channels, 9, fan_out=9 * channels)
        self.size, self.stride = size, stride


class FullKernel(Kernel):
    """A full 3×3 convolution, which a network begins with; weights ``(K, outputs, inputs, 9)``.

    Attributes:
        stride: 1 or 2. The images are padded by one zero on each side.
    """

    def __init__(self, networks: int, inputs: int, outputs: int, stride: int) -> None:
        super().__init__(networks, outputs, inputs, 9, fan_out=9 * outputs)
        self.stride = stride


class Norm(nn.Module, ABC):
    """Batch normalisation of each network's channels (Ioffe and Szegedy 2015), and what follows it.

    Attributes:
        scale: trained, ``(K, channels)``.
        shift: trained, ``(K, channels)``.
        running_mean: followed in training, ``(K, channels)``.
        running_variance: followed in training, ``(K, channels)``.
        activated: whether ReLU6 follows.
    """

    running_mean: Tensor
    running_variance: Tensor

    def __init__(self, networks: int, channels: int, *, activated: bool) -> None:
        super().__init__()
        self.scale = nn.Parameter(torch.ones(networks, channels))
        self.shift = nn.Parameter(torch.zeros(networks, channels))
        self.register_buffer("running_mean", torch.zeros(networks, channels))
        self.register_buffer("running_variance", torch.ones(networks, channels))
        self.activated = activated

    @abstractmethod
    def forward(self, x: Tensor) -> Tensor:
        """Normalise by the batch, follow its mean and variance, then ReLU6 if wanted."""

    def factor(self) -> Tensor:
        """What running values multiply each channel by in evaluation, ``(K, channels)``."""
        return self.scale * torch.rsqrt(self.running_variance + EPSILON)


class Layers(ABC):
    """One arrangement of the activations of K networks, and the layers that work on it.

    Attributes:
        networks: K.
        convolution: the 3×3 convolution of this form that a network begins with.
        depthwise: its 3×3 convolution of each channel by itself.
        pointwise: its 1×1 convolution.
        norm: its batch normalisation, with ReLU6 or without.
        pads_single: whether a single network has to be trained beside a copy of itself, because a
            library would otherwise take another path with other rounding.
    """

    convolution: type[FullKernel]
    depthwise: type[DepthwiseKernel]
    pointwise: type[PointwiseKernel]
    norm: type[Norm]
    pads_single = False

    def __init__(self, networks: int) -> None:
        self.networks = networks

    @abstractmethod
    def enter(self, images: Tensor) -> Tensor:
        """Images ``(K, n, channels, height, width)`` as the first convolution takes them."""

    @abstractmethod
    def features(self, x: Tensor) -> Tensor:
        """Activations as ``(K, channels, n, positions)``, positions in row-major order."""

    @abstractmethod
    def pooled(self, x: Tensor) -> Tensor:
        """Activations averaged over all positions, ``(K, n, channels)``."""
