"""How teachers are trained: one recipe for each family of networks."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass, fields, replace
from typing import Literal

import torch
from torch import nn

from harness.canonical import JSON

# Fields of a recipe that are part of every teacher's address.
_ALWAYS_IN_KEY = ("epochs", "batch_size", "learning_rate", "weight_decay")


@dataclass(frozen=True, slots=True)
class TeacherRecipe:
    """How a teacher is trained; the learning rate falls along a half cosine to zero.

    The defaults are for digits. They were chosen by the accuracy on a fifth of the pool that was
    held out; the test set had no part in it.

    Attributes:
        epochs: passes over the pool.
        batch_size: images a step.
        learning_rate: at the start.
        weight_decay: decoupled with AdamW (Loshchilov and Hutter 2019); added to the gradient with
            SGD.
        optimizer: AdamW, or stochastic gradient descent with Nesterov's momentum.
        momentum: of SGD; AdamW has its own.
        max_steps: steps after which training ends; 0 for no such end.
    """

    epochs: int = 30
    batch_size: int = 64
    learning_rate: float = 0.01
    weight_decay: float = 0.1
    optimizer: Literal["adamw", "sgd"] = "adamw"
    momentum: float = 0.0
    max_steps: int = 0

    def key(self) -> dict[str, JSON]:
        """The recipe as part of a teacher's address.

        What came later than the first teachers is left out where it has its default, so that those
        keep their addresses, and with them their random streams.
        """
        defaults = {field.name: field.default for field in fields(self)}
        return {
            name: value
            for name, value in asdict(self).items()
            if name in _ALWAYS_IN_KEY or value != defaults[name]
        }

    def optimizer_of(self, parameters: Iterable[nn.Parameter]) -> torch.optim.Optimizer:
        """The optimizer at its start."""
        if self.optimizer == "adamw":
            return torch.optim.AdamW(
                parameters, self.learning_rate, weight_decay=self.weight_decay, fused=True
            )
        return torch.optim.SGD(
            parameters,
            self.learning_rate,
            momentum=self.momentum,
            weight_decay=self.weight_decay,
            nesterov=True,
            fused=True,
        )


RECIPES: dict[str, TeacherRecipe] = {
    "digits": TeacherRecipe(),
    "cifar": TeacherRecipe(
        epochs=200,
        batch_size=128,
        learning_rate=0.1,
        weight_decay=5e-4,
        optimizer="sgd",
        momentum=0.9,
    ),
}


def teacher_recipe(family: str, epochs: int = 0, max_steps: int = 0) -> TeacherRecipe:
    """The family's recipe, shortened where asked for.

    The recipe for 32×32 images is a common one for MobileNet-V2 on CIFAR-10. It was not run here at
    its length of 200 epochs, and nothing in it was tuned.

    Args:
        family: of the networks.
        epochs: passes over the pool; 0 takes the recipe's own number.
        max_steps: steps after which training ends; 0 for no such end.
    """
    recipe = RECIPES[family]
    return replace(recipe, epochs=epochs or recipe.epochs, max_steps=max_steps)
