"""The layers of which a network consists, in the form that suits the size of its images.

Both forms have the same weights under the same names, and compute the same functions; only the
arrangement of activations in memory differs, and with it the time that a step takes.
"""

from studies.distillation.layers.convolution import ConvolutionLayers
from studies.distillation.layers.interface import Kernel, Layers
from studies.distillation.layers.matrix import MatrixLayers

__all__ = ["Kernel", "Layers", "layers_for"]

# Matrices grow with the fourth power of the size: a depthwise kernel takes 16 kB a channel at 8×8,
# and 4 MB a channel at 32×32.
LARGEST_MATRIX_SIZE = 8


def layers_for(image_size: int) -> Layers:
    """The form of layers that suits square images of this size, in pixels."""
    return MatrixLayers() if image_size <= LARGEST_MATRIX_SIZE else ConvolutionLayers()
