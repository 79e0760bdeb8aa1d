"""Layers on activations laid out as (channels, images, positions).

On maps of 8×8 pixels and less, a call of torch's convolution costs about 0.3 ms of bookkeeping on
the CPU, far more than its arithmetic. With channels first and the image flattened, a 1×1
convolution is one matrix product, and a 3×3 convolution is a matrix product with a matrix that
holds each weight at the positions that it connects. The results are those of a convolution; the
step of training takes a little more than half the time. The matrix grows with the square of the
number of positions, so this is for small images only.
"""

from functools import cache

import torch
from torch import Tensor, nn

from studies.distillation.layers.interface import Kernel, Layers, Norm


@cache
def shift_matrix(size: int, stride: int) -> Tensor:
    """Which input position each tap of a 3×3 kernel reads, for every output position.

    Args:
        size: height and width of the input map, in pixels; it is padded by one zero on each side.
        stride: 1 or 2.

    Returns:
        Zeros and ones of shape ``(9, positions, output positions)``; taps and positions in
        row-major order.
    """
    out = (size - 1) // stride + 1
    # Whoever asks first may be in inference mode, and what is made there cannot be trained with.
    with torch.inference_mode(mode=False):
        matrix = torch.zeros(9, size, size, out, out)
    for tap in range(9):
        for row in range(out):
            for column in range(out):
                y, x = row * stride + tap // 3 - 1, column * stride + tap % 3 - 1
                if 0 <= y < size and 0 <= x < size:
                    matrix[tap, y, x, row, column] = 1.0
    return matrix.reshape(9, size * size, out * out)


class MatrixLayers(Layers):
    """Activations are ``(channels, n, positions)``."""

    def convolution(self, inputs: int, outputs: int, size: int, stride: int) -> nn.Module:
        """See :class:`Layers`."""
        return Convolution(inputs, outputs, size, stride)

    def depthwise(self, channels: int, size: int, stride: int) -> nn.Module:
        """See :class:`Layers`."""
        return Depthwise(channels, size, stride)

    def pointwise(self, inputs: int, outputs: int) -> nn.Module:
        """See :class:`Layers`."""
        return Pointwise(inputs, outputs)

    def norm(self, channels: int) -> nn.Module:
        """See :class:`Layers`."""
        return BatchNorm(channels)

    def activation(self) -> nn.Module:
        """See :class:`Layers`."""
        return nn.ReLU6()

    def features(self, x: Tensor) -> Tensor:
        """See :class:`Layers`."""
        return x

    def pooled(self, x: Tensor) -> Tensor:
        """See :class:`Layers`."""
        return x.mean(dim=2).t()


class Pointwise(Kernel):
    """A 1×1 convolution without bias; weight of shape ``(outputs, inputs)``."""

    def __init__(self, inputs: int, outputs: int) -> None:
        super().__init__(outputs, inputs, fan_out=outputs)

    def forward(self, x: Tensor) -> Tensor:
        """Map ``(inputs, n, p)`` to ``(outputs, n, p)``."""
        return (self.weight @ x.flatten(1)).view(-1, *x.shape[1:])


class Spatial(Kernel):
    """What 3×3 convolutions share: the matrix that spreads nine taps over all positions."""

    taps: Tensor

    def __init__(self, *shape: int, fan_out: int, size: int, stride: int) -> None:
        super().__init__(*shape, fan_out=fan_out)
        matrix = shift_matrix(size, stride)
        self.positions = matrix.shape[1]
        self.register_buffer("taps", matrix.flatten(1), persistent=False)


class Depthwise(Spatial):
    """A 3×3 convolution of each channel by itself, without bias; weight ``(channels, 9)``."""

    def __init__(self, channels: int, size: int, stride: int) -> None:
        super().__init__(channels, 9, fan_out=9 * channels, size=size, stride=stride)

    def forward(self, x: Tensor) -> Tensor:
        """Map ``(channels, n, p)`` to ``(channels, n, output positions)``."""
        matrices = (self.weight @ self.taps).view(x.shape[0], self.positions, -1)
        return torch.bmm(x, matrices)


class Convolution(Spatial):
    """A full 3×3 convolution without bias; weight of shape ``(outputs, inputs, 9)``."""

    def __init__(self, inputs: int, outputs: int, size: int, stride: int) -> None:
        super().__init__(outputs, inputs, 9, fan_out=9 * outputs, size=size, stride=stride)

    def forward(self, x: Tensor) -> Tensor:
        """Map images ``(n, inputs, height, width)`` to ``(outputs, n, output positions)``."""
        outputs, inputs, _ = self.weight.shape
        matrices = (self.weight @ self.taps).view(outputs, inputs * self.positions, -1)
        return torch.matmul(x.flatten(1), matrices)


class BatchNorm(Norm):
    """Batch normalisation of each channel over images and positions."""

    def forward(self, x: Tensor) -> Tensor:
        """Normalise ``(channels, n, p)``."""
        return self.normalise(x.flatten(1).unsqueeze(0)).view(x.shape)
