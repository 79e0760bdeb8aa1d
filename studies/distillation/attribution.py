"""Integrated gradients of the teacher's true-class logit (Sundararajan et al. 2017)."""

from dataclasses import dataclass

import torch
from torch import Tensor

from studies.distillation.network import Network

STEPS = 50

# 16 images at 50 steps are a batch of 800, whose widest activation in the digits teacher takes
# 3.3 MB. The 1,437 maps of the pool took 6.9 s of one core at 16, 11.7 s at 4 and 14.2 s at 128.
IMAGES_AT_ONCE = 16


@dataclass(frozen=True, slots=True, eq=False)
class Attributions:
    """Where the teacher found its evidence.

    Attributes:
        maps: absolute attributions summed over channels, ``(n, 1, h, w)``, in logits.
        logit_gain: ``(n,)``, the image's logit minus the baseline's, which is what the signed
            attributions of an exact integral sum up to.
        completeness_error: ``(n,)``, in logits: how far that sum is from the gain.
    """

    maps: Tensor
    logit_gain: Tensor
    completeness_error: Tensor


def integrated_gradients(
    network: Network,
    images: Tensor,
    labels: Tensor,
    *,
    steps: int = STEPS,
    images_at_once: int = IMAGES_AT_ONCE,
) -> Attributions:
    """Integrate along the straight path from the zero image, by Gauss-Legendre quadrature.

    Args:
        network: in evaluation mode.
        images: ``(n, c, h, w)``, normalised, so that zero is the mean image.
        labels: ``(n,)``, the class whose logit is explained.
        steps: points of the quadrature.
        images_at_once: bounds the memory; has no influence on the result beyond rounding.
    """
    parts = [
        _attribute(network, some_images, some_labels, steps)
        for some_images, some_labels in zip(
            torch.split(images, images_at_once), torch.split(labels, images_at_once), strict=True
        )
    ]
    signed = torch.cat(parts)
    with torch.no_grad():
        gain = _logits(network, images, labels) - _logits(network, torch.zeros_like(images), labels)
    return Attributions(
        maps=signed.abs().sum(dim=1, keepdim=True),
        logit_gain=gain,
        completeness_error=(signed.sum((1, 2, 3)) - gain).abs(),
    )


def _attribute(network: Network, images: Tensor, labels: Tensor, steps: int) -> Tensor:
    from captum.attr import IntegratedGradients

    # Gradients of a sum are the gradients of its terms, as no image influences another one in
    # evaluation mode. Captum would otherwise differentiate every image and step separately.
    def summed(points: Tensor, classes: Tensor) -> Tensor:
        return _logits(network, points, classes).sum().view(1)

    attributed: Tensor = IntegratedGradients(summed).attribute(
        images, additional_forward_args=labels, n_steps=steps, method="gausslegendre"
    )
    return attributed.detach()


def _logits(network: Network, images: Tensor, classes: Tensor) -> Tensor:
    logits: Tensor = network(images).logits
    return logits.gather(1, classes.view(-1, 1)).squeeze(1)
