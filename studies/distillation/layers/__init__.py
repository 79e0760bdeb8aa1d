"""The layers of K networks of one shape, in the form that suits their images and the device.

All forms have the same weights under the same names, and compute the same functions; only the
arrangement of activations in memory differs, and with it the time that a step takes.
"""

import torch

from studies.distillation.layers.activation import relu6_
from studies.distillation.layers.grouped import GroupedLayers
from studies.distillation.layers.interface import Kernel, Layers, Norm
from studies.distillation.layers.matrix import MatrixLayers
from studies.distillation.layers.separate import SeparateLayers

__all__ = [
    "GroupedLayers",
    "Kernel",
    "Layers",
    "MatrixLayers",
    "Norm",
    "SeparateLayers",
    "form_of_layers",
    "relu6_",
]

# Matrices grow with the fourth power of the size: a depthwise kernel takes 16 kB a channel at 8×8,
# and 4 MB a channel at 32×32.
LARGEST_MATRIX_SIZE = 8


def form_of_layers(image_size: int, device: torch.device) -> type[Layers]:
    """The form of layers that suits square images of this size, in pixels, on this device."""
    if image_size <= LARGEST_MATRIX_SIZE:
        return MatrixLayers
    return SeparateLayers if device.type == "cpu" else GroupedLayers
