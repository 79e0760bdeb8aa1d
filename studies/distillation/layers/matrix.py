"""Layers on activations laid out as (networks × channels, images, positions).

On maps of 8×8 pixels and less, a call of torch's convolution costs about 0.3 ms of bookkeeping on
the CPU, far more than its arithmetic. With channels first and the image flattened, a 1×1
convolution is one matrix product a network, and a 3×3 convolution of each channel a product with a
matrix that holds each weight at the positions that it connects. The results are those of a
convolution. The matrix grows with the square of the number of positions, so this is for small
images only.

Every product is a batched one, a matrix a network: what is added up for one network, and in which
order, is then the same whichever others share the batch.
"""

from functools import cache

import torch
import torch.nn.functional as F  # noqa: N812 - the name that torch's own documentation uses
from torch import Tensor

from studies.distillation.layers.interface import (
    EPSILON,
    MOMENTUM,
    DepthwiseKernel,
    FullKernel,
    Layers,
    Norm,
    PointwiseKernel,
)
from studies.distillation.layers.row_norm import normalise_rows


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


class Convolution(FullKernel):
    """A full 3×3 convolution; weights ``(K, outputs, inputs, 9)``.

    The images are spread out so that each column holds what the taps read at one position.
    """

    def convolve(self, x: Tensor, weight: Tensor, bias: Tensor | None) -> Tensor:
        """Map images ``(K, n, inputs, h, w)`` to ``(K · outputs, n, output positions)``."""
        networks, images = x.shape[:2]
        taps = _taps_in_columns(x, self.stride)
        convolved = torch.bmm(weight.flatten(2), taps)
        return _biased(convolved, bias).view(networks * weight.shape[1], images, -1)


class Pointwise(PointwiseKernel):
    """A 1×1 convolution; weights ``(K, outputs, inputs)``."""

    def convolve(self, x: Tensor, weight: Tensor, bias: Tensor | None) -> Tensor:
        """Map ``(K · inputs, n, p)`` to ``(K · outputs, n, p)``."""
        networks, outputs, inputs = weight.shape
        mixed = torch.bmm(weight, x.view(networks, inputs, -1))
        return _biased(mixed, bias).view(networks * outputs, *x.shape[1:])


class Depthwise(DepthwiseKernel):
    """A 3×3 convolution of each channel by itself; weights ``(K, channels, 9)``."""

    taps: Tensor

    def __init__(self, networks: int, channels: int, size: int, stride: int) -> None:
        super().__init__(networks, channels, size, stride)
        matrix = shift_matrix(size, stride)
        self.positions = matrix.shape[1]
        self.register_buffer("taps", matrix.flatten(1), persistent=False)

    def convolve(self, x: Tensor, weight: Tensor, bias: Tensor | None) -> Tensor:
        """Map ``(K · channels, n, p)`` to ``(K · channels, n, output positions)``."""
        # One product for all networks would add up the gradient in an order that depends on K.
        spread = torch.bmm(weight, self.taps.expand(len(weight), -1, -1))
        convolved = torch.bmm(x, spread.view(x.shape[0], self.positions, -1))
        return convolved if bias is None else convolved.add_(bias.view(-1, 1, 1))


class RowNorm(Norm):
    """Batch normalisation where each channel of each network is a row."""

    def forward(self, x: Tensor) -> Tensor:
        """Normalise ``(K · channels, n, p)``, in the type of the layer's own numbers."""
        # Products in bfloat16 come here; on a GPU the kernel takes numbers of one type only.
        x = x.to(self.scale.dtype)
        normalised = normalise_rows(
            x.flatten(1), self.scale.flatten(), self.shift.flatten(), activated=self.activated
        )
        self._follow(normalised.mean, normalised.inverse_deviation, x.shape[1] * x.shape[2])
        return normalised.values.view(x.shape)

    @torch.no_grad()
    def _follow(self, mean: Tensor, inverse_deviation: Tensor, count: int) -> None:
        shape = self.running_mean.shape
        variance = inverse_deviation.pow(-2).sub_(EPSILON).mul_(count / (count - 1))
        self.running_mean.lerp_(mean.view(shape), MOMENTUM)
        self.running_variance.lerp_(variance.view(shape), MOMENTUM)


class MatrixLayers(Layers):
    """Activations are ``(K · channels, n, positions)``."""

    convolution, depthwise, pointwise, norm = Convolution, Depthwise, Pointwise, RowNorm

    def enter(self, images: Tensor) -> Tensor:
        """See :class:`Layers`."""
        return images

    def features(self, x: Tensor) -> Tensor:
        """See :class:`Layers`."""
        return x.view(self.networks, -1, *x.shape[1:])

    def pooled(self, x: Tensor) -> Tensor:
        """See :class:`Layers`."""
        return self.features(x).mean(dim=3).transpose(1, 2)


def _biased(x: Tensor, bias: Tensor | None) -> Tensor:
    """Activations ``(K, channels, columns)`` with a bias for each channel, added in place."""
    return x if bias is None else x.add_(bias.unsqueeze(2))


def _taps_in_columns(images: Tensor, stride: int) -> Tensor:
    """What each tap of a 3×3 kernel reads, ``(K, inputs · 9, n · output positions)``."""
    padded = F.pad(images, (1, 1, 1, 1))
    # Networks, images, inputs, rows and columns of the output, rows and columns of taps.
    windows = padded.unfold(3, 3, stride).unfold(4, 3, stride)
    ordered = windows.permute(0, 2, 5, 6, 1, 3, 4)
    return ordered.reshape(images.shape[0], images.shape[2] * 9, -1)
