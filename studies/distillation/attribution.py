"""Integrated gradients of the teacher's true-class logit (Sundararajan et al. 2017).

The integral runs along the straight path from the zero image; Gauss-Legendre quadrature turns it
into a weighted sum of gradients at ``steps`` points. Captum computes the same, and is what this is
tested against; its options leave it slower and larger than it has to be. With an internal batch it
wants the same step of all images together, so that images come in small groups or not at all, and
each group works out the quadrature anew; without one it holds all points of all images at once.
Here images and steps are cut into tiles that pass through the network one by one, each on one
thread, and no more than the running sum of a tile's images is kept.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from studies.distillation.cores import on_single_threads
from studies.distillation.network import Output
from studies.distillation.tiling import Tile

Explained = Callable[[Tensor], Output]


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


class Quadrature(NamedTuple):
    """Where a function on [0, 1] is evaluated, and what each value counts.

    Attributes:
        points: ``(steps,)``, rising.
        weights: ``(steps,)``; they sum up to 1.
    """

    points: Tensor
    weights: Tensor

    def split(self, steps: int) -> list["Quadrature"]:
        """Parts of so many steps, the last one perhaps of fewer."""
        parts = zip(*(torch.split(each, steps) for each in self), strict=True)
        return [Quadrature(*part) for part in parts]


def integrated_gradients(
    network: Explained,
    images: Tensor,
    labels: Tensor,
    *,
    steps: int,
    tile: Tile,
    threads: int = 1,
    done: Callable[[int], None] = lambda _: None,
) -> Attributions:
    """Integrate along the straight path from the zero image.

    Args:
        network: in evaluation mode, so that no image influences another one, and with fixed
            weights, so that only the gradient of its input is computed.
        images: ``(n, c, h, w)``, normalised, so that zero is the mean image.
        labels: ``(n,)``, the class whose logit is explained.
        steps: points of the quadrature, at least 1.
        tile: images and steps that pass through the network together; bounds the memory, and has no
            influence on the result beyond rounding.
        threads: how many tiles are computed at a time, each on one thread, so that their number
            changes no bit of the result.
        done: told how many images are finished, whenever some are.
    """
    signed = signed_attributions(
        network, images, labels, steps=steps, tile=tile, threads=threads, done=done
    )
    gain = _logit_gains(network, images, labels, tile, threads)
    return Attributions(
        maps=signed.abs().sum(dim=1, keepdim=True),
        logit_gain=gain,
        completeness_error=(signed.sum((1, 2, 3)) - gain).abs(),
    )


def signed_attributions(
    network: Explained,
    images: Tensor,
    labels: Tensor,
    *,
    steps: int,
    tile: Tile,
    threads: int = 1,
    done: Callable[[int], None] = lambda _: None,
) -> Tensor:
    """What each intensity adds to its image's logit, ``(n, c, h, w)``.

    Args:
        network: see :func:`integrated_gradients`, as for all others.
        images: ``(n, c, h, w)``.
        labels: ``(n,)``.
        steps: at least 1.
        tile: images and steps that pass through the network together.
        threads: how many tiles are computed at a time.
        done: told how many images are finished.
    """
    parts = gauss_legendre(steps, images).split(tile.steps)
    attribute = partial(_attributions_of_few, network, parts)
    pairs = zip(*(torch.split(each, tile.images) for each in (images, labels)), strict=True)
    found: list[Tensor] = []
    for few in on_single_threads(attribute, pairs, threads):
        found.append(few)
        done(min(len(images), len(found) * tile.images))
    return torch.cat(found)


def gauss_legendre(steps: int, like: Tensor) -> Quadrature:
    """Exact for polynomials of degrees up to ``2 · steps - 1``; in the type of ``like``."""
    points, weights = np.polynomial.legendre.leggauss(steps)
    # From [-1, 1] to [0, 1].
    return Quadrature(like.new_tensor((1 + points) / 2), like.new_tensor(weights / 2))


def _attributions_of_few(
    network: Explained, parts: Sequence[Quadrature], pair: tuple[Tensor, Tensor]
) -> Tensor:
    images, labels = pair
    gradient = torch.zeros_like(images)
    for part in parts:
        gradient += _weighted_gradient(network, images, labels, part)
    return images * gradient


def _weighted_gradient(
    network: Explained, images: Tensor, labels: Tensor, part: Quadrature
) -> Tensor:
    """The part's share of the integral of the gradient along each image's path, ``(n, c, h, w)``.

    The points of all images are one batch. As no image influences another one, one pass backward
    gives the gradients of all points; it starts from the weights of the quadrature.
    """
    count, steps = len(images), len(part.points)
    points = (images.unsqueeze(1) * part.points.view(-1, 1, 1, 1)).flatten(0, 1)
    with torch.enable_grad():
        points.requires_grad_()
        logits = _true_class(network(points).logits, labels.repeat_interleave(steps))
    (gradient,) = torch.autograd.grad(logits, points, part.weights.repeat(count))
    return gradient.view(count, steps, *images.shape[1:]).sum(dim=1)


def _logit_gains(
    network: Explained, images: Tensor, labels: Tensor, tile: Tile, threads: int
) -> Tensor:
    def logits(inputs: Tensor) -> Tensor:
        with torch.no_grad():
            return network(inputs).logits

    batches = torch.split(images, tile.points)
    (baseline,) = on_single_threads(logits, [torch.zeros_like(images[:1])], 1)
    return _true_class(torch.cat([*on_single_threads(logits, batches, threads)]) - baseline, labels)


def _true_class(logits: Tensor, labels: Tensor) -> Tensor:
    return logits.gather(1, labels.view(-1, 1)).squeeze(1)
