"""Integrated gradients of the teacher's true-class logit (Sundararajan et al. 2017)."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from studies.distillation.architecture import FLOAT32_BYTES, Architecture, BlockShape
from studies.distillation.network import Output

# 16 images at 50 steps are 800 points, whose widest map in the digits teacher takes 3.3 MB. The
# 1,437 attributions of the pool took 6.9 s of one core at 16 images, 11.7 s at 4 and 14.2 s at 128.
IMAGES_AT_ONCE = 16
POINTS_AT_ONCE = 800

# What the activations may take that a gradient goes back through. A point's take 0.1 MB in the
# digits teacher and 19 MB in the one for 32×32 pixels. There 16 images at 10 steps took 2.1 s and
# 0.3 GB with 16 points at once, 2.7 s and 0.7 GB with 33, and 3.6 s and 1.6 GB with 85.
GRADIENT_BYTES = {"cpu": 400_000_000, "cuda": 10_000_000_000}


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

    @classmethod
    def join(cls, parts: Sequence["Attributions"]) -> "Attributions":
        """The attributions of all parts' images, one part after the other."""
        return cls(
            maps=torch.cat([part.maps for part in parts]),
            logit_gain=torch.cat([part.logit_gain for part in parts]),
            completeness_error=torch.cat([part.completeness_error for part in parts]),
        )

    @property
    def relative_error(self) -> float:
        """Mean completeness error over mean absolute gain: 0 for an exact integral.

        A ratio of means, not a mean of ratios, which images without any gain would rule.
        """
        return float(self.completeness_error.mean() / self.logit_gain.abs().mean())


def integrated_gradients(
    network: Callable[[Tensor], Output],
    images: Tensor,
    labels: Tensor,
    *,
    steps: int,
    points_at_once: int = POINTS_AT_ONCE,
) -> Attributions:
    """Integrate along the straight path from the zero image, by Gauss-Legendre quadrature.

    Args:
        network: in evaluation mode, so that no image influences another one.
        images: ``(n, c, h, w)``, normalised, so that zero is the mean image.
        labels: ``(n,)``, the class whose logit is explained.
        steps: points of the quadrature, at least 1.
        points_at_once: images times points that pass through the network together, at least
            ``n``; bounds the memory, and has no influence on the result beyond rounding. One call
            for several images is quicker than one for each, as every call works out the
            quadrature anew.
    """
    signed = _attribute(network, images, labels, steps, points_at_once)
    with torch.no_grad():
        baseline = network(torch.zeros_like(images[:1])).logits.squeeze(0)
        gain = _logits(network, images, labels) - baseline[labels]
    return Attributions(
        maps=signed.abs().sum(dim=1, keepdim=True),
        logit_gain=gain,
        completeness_error=(signed.sum((1, 2, 3)) - gain).abs(),
    )


def points_at_once(architecture: Architecture, device: torch.device) -> int:
    """How many images times points may pass through a network together; at least 1."""
    return max(1, min(POINTS_AT_ONCE, GRADIENT_BYTES[device.type] // gradient_bytes(architecture)))


def gradient_bytes(architecture: Architecture) -> int:
    """About how much one image's activations take that a gradient goes back through.

    Every convolution, BatchNorm and ReLU keeps its output, in float32.
    """
    return FLOAT32_BYTES * sum(_kept_numbers(block) for block in architecture.blocks)


def _kept_numbers(block: BlockShape) -> int:
    before, after = block.size**2, block.output_size**2
    if block.kind != "inverted_residual":
        return 3 * block.outputs * after
    expansion = 3 * block.hidden * before if block.expands else 0
    return expansion + 3 * block.hidden * after + 2 * block.outputs * after


def _attribute(
    network: Callable[[Tensor], Output],
    images: Tensor,
    labels: Tensor,
    steps: int,
    points_at_once: int,
) -> Tensor:
    from captum.attr import IntegratedGradients

    # Gradients of a sum are the gradients of its terms, as no image influences another one in
    # evaluation mode. Captum would otherwise differentiate every image and step separately.
    def summed(points: Tensor, classes: Tensor) -> Tensor:
        return _logits(network, points, classes).sum().view(1)

    attributed: Tensor = IntegratedGradients(summed).attribute(
        images,
        additional_forward_args=labels,
        n_steps=steps,
        method="gausslegendre",
        internal_batch_size=points_at_once if len(images) * steps > points_at_once else None,
    )
    return attributed.detach()


def _logits(network: Callable[[Tensor], Output], images: Tensor, classes: Tensor) -> Tensor:
    logits = network(images).logits
    return logits.gather(1, classes.view(-1, 1)).squeeze(1)
