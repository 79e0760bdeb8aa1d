"""Adam for K networks in one program (Kingma and Ba 2015), each with a learning rate of its own."""

from collections.abc import Sequence

import torch
from torch import Tensor, nn

from studies.distillation.network import Networks

MEAN_DECAY, SQUARE_DECAY, EPSILON = 0.9, 0.999, 1e-8


class BatchedAdam:
    """The optimizer of all networks: one pass over their weights, whatever layer they are of.

    The weights of a network depend on nothing but its own gradients and learning rate.
    """

    def __init__(self, networks: Networks, learning_rates: Sequence[float]) -> None:
        self._parameters = list(networks.parameters())
        self._weights = _gathered(self._parameters)
        self._mean, self._square = (torch.zeros_like(self._weights) for _ in range(2))
        self._rates = _spread(learning_rates, self._parameters)
        self._steps = 0

    def step(self, loss: Tensor) -> None:
        """Go one step down the gradient of a loss that is a sum over networks."""
        gradients = torch.autograd.grad(loss, self._parameters)
        gradient = torch.cat([each.reshape(-1) for each in gradients])
        self._steps += 1
        self._mean.lerp_(gradient, 1 - MEAN_DECAY)
        self._square.mul_(SQUARE_DECAY).addcmul_(gradient, gradient, value=1 - SQUARE_DECAY)
        correction = (1 - SQUARE_DECAY**self._steps) ** 0.5
        update = self._mean / self._square.sqrt().div_(correction).add_(EPSILON)
        rates = self._rates / (1 - MEAN_DECAY**self._steps)
        self._weights.sub_(update.mul_(rates))

    def chosen(self, networks: Networks, numbers: Sequence[int]) -> "BatchedAdam":
        """The optimizer of a copy of some of the networks, where this one has come to.

        Args:
            networks: as :meth:`Networks.chosen` gives them.
            numbers: which of this optimizer's networks they are.
        """
        some = BatchedAdam(networks, [0.0] * len(numbers))
        pairs = ((some._mean, self._mean), (some._square, self._square), (some._rates, self._rates))
        for to, source in pairs:
            for mine, theirs in zip(some._parts(to), self._parts(source), strict=True):
                mine.copy_(theirs[list(numbers)])
        some._steps = self._steps
        return some

    def _parts(self, flat: Tensor) -> list[Tensor]:
        return _parts(flat, self._parameters)


@torch.no_grad()
def _gathered(parameters: Sequence[nn.Parameter]) -> Tensor:
    """One array of all weights, of which each parameter becomes a part."""
    flat = torch.cat([each.reshape(-1) for each in parameters])
    for parameter, part in zip(parameters, _parts(flat, parameters), strict=True):
        parameter.data = part
    return flat


def _parts(flat: Tensor, parameters: Sequence[nn.Parameter]) -> list[Tensor]:
    """The parts of an array that belong to each parameter, in its shape."""
    sizes = [each.numel() for each in parameters]
    pieces = torch.split(flat, sizes)
    return [piece.view_as(each) for piece, each in zip(pieces, parameters, strict=True)]


def _spread(learning_rates: Sequence[float], parameters: Sequence[nn.Parameter]) -> Tensor:
    """The learning rate of every weight."""
    rates = parameters[0].new_tensor(learning_rates)
    each = [rates.view(-1, *[1] * (one.dim() - 1)).expand_as(one) for one in parameters]
    return torch.cat([one.reshape(-1) for one in each])
