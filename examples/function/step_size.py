"""Gradient descent on a noisy quadratic: the trial function of ``step_size.toml``."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from harness import Trial


def descend(params: Mapping[str, Any], seed: int, trial: "Trial") -> dict[str, float]:
    """Descend for some steps; equal seeds start at the same point and meet the same noise."""
    position = trial.rng("init").normal(size=10)
    noise = trial.rng("noise")
    for step in range(params["steps"]):
        gradient = 2 * position + noise.normal(scale=0.1, size=10)
        position = position - params["step_size"] * gradient
        trial.report(step, loss=float(position @ position))
    return {"loss": float(position @ position)}
