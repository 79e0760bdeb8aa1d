"""Images as a network sees them: scaled, normalised, cropped, overlaid with attribution maps."""

import numpy as np
import numpy.typing as npt
import torch
import torch.nn.functional as F  # noqa: N812 - the name that torch's own documentation uses
from torch import Tensor

from studies.distillation.datasets import Augmentation, DataSet, Examples
from studies.distillation.plan import EpochPlan


def unit_images(examples: Examples, dataset: DataSet) -> Tensor:
    """Intensities on the scale [0, 1], as a student sees them; float32 ``(n, c, h, w)``."""
    return torch.from_numpy(examples.images).float() / dataset.full_scale


def normalise(images: Tensor, dataset: DataSet) -> Tensor:
    """Images of [0, 1] with the pool's mean taken off and its deviation divided out.

    This is what the teacher sees.
    """
    mean = torch.tensor(dataset.mean, dtype=images.dtype).view(-1, 1, 1)
    deviation = torch.tensor(dataset.deviation, dtype=images.dtype).view(-1, 1, 1)
    return (images - mean) / deviation


def augment(images: Tensor, plan: EpochPlan, augmentation: Augmentation) -> Tensor:
    """Crop, and mirror where that is allowed, as planned.

    Args:
        images: ``(n, c, h, w)``, the examples in the order in which the plan visits them.
        plan: of this epoch.
        augmentation: of the data set.
    """
    cropped = _crop(images, plan.corners, augmentation.crop_padding)
    if not augmentation.horizontal_flip:
        return cropped
    flips = torch.from_numpy(plan.flips).view(-1, 1, 1, 1)
    return torch.where(flips, cropped.flip(-1), cropped)


def sharpened_maps(maps: Tensor, exponents: npt.NDArray[np.float64]) -> Tensor:
    """Attribution maps raised to a power each, then stretched to [0, 1] each.

    A larger power leaves only the strongest attributions visible. A constant map becomes zero.

    Args:
        maps: ``(n, 1, h, w)``, not negative.
        exponents: ``(n,)``.
    """
    powers = torch.from_numpy(exponents).to(maps.dtype).view(-1, 1, 1, 1)
    raised = maps.pow(powers)
    low, high = raised.amin((1, 2, 3), keepdim=True), raised.amax((1, 2, 3), keepdim=True)
    return (raised - low) / torch.where(high > low, high - low, 1.0)


def overlay(images: Tensor, maps: Tensor, overlaid: Tensor) -> Tensor:
    """Where chosen, the mean of image and map (Hernandez et al. 2025); elsewhere the image.

    Args:
        images: ``(n, c, h, w)`` on the scale [0, 1].
        maps: ``(n, 1, h, w)`` on the same scale.
        overlaid: ``(n,)``, true where an image is to be overlaid.
    """
    return torch.where(overlaid.view(-1, 1, 1, 1), 0.5 * images + 0.5 * maps, images)


def _crop(images: Tensor, corners: npt.NDArray[np.int64], padding: int) -> Tensor:
    height, width = images.shape[-2:]
    padded = F.pad(images, (padding,) * 4)
    top, left = torch.from_numpy(corners).unbind(1)
    rows = top.view(-1, 1, 1) + torch.arange(height).view(1, -1, 1)
    columns = left.view(-1, 1, 1) + torch.arange(width).view(1, 1, -1)
    image = torch.arange(len(images)).view(-1, 1, 1)
    return padded[image, :, rows, columns].permute(0, 3, 1, 2).contiguous()
