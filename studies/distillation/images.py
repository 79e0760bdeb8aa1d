"""Images as a network sees them: scaled, normalised, cropped, overlaid with attribution maps.

On the device images stay as they are stored, a byte an intensity; what a network sees is made of
them a part at a time.
"""

from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
import torch.nn.functional as F  # noqa: N812 - the name that torch's own documentation uses
from torch import Tensor

from studies.distillation.data import Augmentation, DataSet, Examples
from studies.distillation.one_copy import OneCopy
from studies.distillation.plan import EpochPlan

# 50,000 images of 32×32 pixels in colour would take 614 MB as float32; all digits take 0.4 MB.
INPUT_BYTES = 64_000_000


@dataclass(frozen=True, slots=True, eq=False, weakref_slot=True)
class DeviceImages:
    """Examples on the device where networks live.

    Attributes:
        images: raw intensities, uint8 ``(n, channels, height, width)``.
        labels: classes counted from 0, int64 ``(n,)``.
    """

    images: Tensor
    labels: Tensor

    @classmethod
    def of(cls, examples: Examples, device: torch.device) -> "DeviceImages":
        """The examples on the device, in their order: one copy for all who hold it."""
        return _COPIES.of(examples, device, partial(cls._copied, examples, device))

    @classmethod
    def _copied(cls, examples: Examples, device: torch.device) -> "DeviceImages":
        return cls(on_device(examples.images, device), on_device(examples.labels, device))


_COPIES: OneCopy[DeviceImages] = OneCopy()


def on_device(values: npt.NDArray[Any], device: torch.device) -> Tensor:
    """Numbers on a device, which goes on with what it does meanwhile.

    A copy that blocks waits for every step that was begun before it.
    """
    return torch.from_numpy(values).to(device, non_blocking=True)


def inputs_at_once(dataset: DataSet) -> int:
    """How many images may be made into a network's inputs together; at least 1."""
    return max(1, INPUT_BYTES // (4 * int(dataset.pool.images[0].size)))


def unit_images(images: Tensor, dataset: DataSet) -> Tensor:
    """Raw intensities on the scale [0, 1], as a student sees them; float32 of the same shape."""
    return images.float() / dataset.full_scale


def normalise(images: Tensor, dataset: DataSet) -> Tensor:
    """Images of [0, 1] with the pool's mean taken off and its deviation divided out."""
    mean = images.new_tensor(dataset.mean).view(-1, 1, 1)
    deviation = images.new_tensor(dataset.deviation).view(-1, 1, 1)
    return (images - mean) / deviation


def normalised_images(images: Tensor, dataset: DataSet) -> Tensor:
    """Raw intensities as the teacher sees them; float32 of the same shape."""
    return normalise(unit_images(images, dataset), dataset)


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
    flips = on_device(plan.flips, images.device).view(-1, 1, 1, 1)
    return torch.where(flips, cropped.flip(-1), cropped)


def sharpened_maps(maps: Tensor, exponents: npt.NDArray[np.float64]) -> Tensor:
    """Attribution maps raised to a power each, then stretched to [0, 1] each.

    A larger power leaves only the strongest attributions visible. A constant map becomes zero.

    Args:
        maps: ``(n, 1, h, w)``, not negative.
        exponents: ``(n,)``.
    """
    powers = on_device(exponents, maps.device).to(maps.dtype).view(-1, 1, 1, 1)
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
    if padding == 0:
        return images
    height, width = images.shape[-2:]
    padded = F.pad(images, (padding,) * 4)
    top, left = on_device(corners, images.device).unbind(1)
    down, across = (torch.arange(size, device=images.device) for size in (height, width))
    rows = top.view(-1, 1, 1) + down.view(1, -1, 1)
    columns = left.view(-1, 1, 1) + across.view(1, 1, -1)
    image = torch.arange(len(images), device=images.device).view(-1, 1, 1)
    return padded[image, :, rows, columns].permute(0, 3, 1, 2).contiguous()
