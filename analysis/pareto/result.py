"""What a Pareto analysis returns: frozen, printable, and without rounding."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import pandas as pd

from analysis.errors import AnalysisError, nearest
from analysis.inference.student_t import MeanInterval
from analysis.protocol import Direction
from analysis.runs import Cell

Resampling = Literal["blocks", "runs", "none"]
"""What the bootstrap drew: blocks that all configurations share, runs within each, or nothing."""


@dataclass(frozen=True, slots=True)
class Configuration:
    """One configuration and its place in the trade-off.

    Attributes:
        label: the configuration in a few words, such as "kd (blocks_removed = 5)".
        key: its (column, level) pairs.
        n: runs with a finite value in every objective; all numbers come from these.
        missing: runs left out because an objective was missing or infinite.
        means: for each objective its mean, spread and t interval. The ends of the interval are
            None when n < 2, and when all runs have the same value: a constant has no sampling
            error.
        on_front: whether no other configuration dominates its means; false when n = 0.
        probability_on_front: share of bootstrap resamples in which it is on the front, in [0, 1];
            None when n < 2.
        dominated_by: labels of the configurations whose means dominate its means.
        is_knee: whether it is the front's knee.
    """

    label: str
    key: Cell
    n: int
    missing: int
    means: Mapping[str, MeanInterval]
    on_front: bool
    probability_on_front: float | None
    dominated_by: tuple[str, ...]
    is_knee: bool = False


@dataclass(frozen=True, slots=True)
class Hypervolume:
    """How much the configurations' means dominate, up to a reference point.

    The hypervolume of means with noise is larger than that of the true means on average, the more
    so the more configurations lie near the front; the interval corrects for it in part.

    Attributes:
        value: >= 0, in the product of the objectives' units.
        low: lower end of its bootstrap interval (BCa); None when nothing was resampled.
        high: upper end of it.
        reference: the reference point, by objective.
        chosen: how the reference point was chosen, in words.
    """

    value: float
    low: float | None
    high: float | None
    reference: Mapping[str, float]
    chosen: str


@dataclass(frozen=True, slots=True)
class ParetoFront:
    """Configurations, which of them are on the Pareto front, and how sure that is.

    Attributes:
        objectives: the direction of each objective.
        configurations: all of them, in the order of their names' first appearance; those on the
            front are `front`.
        hypervolume: of all means; None when no configuration has a complete run.
        knee: label of the front's knee; None when the front has none.
        level: of every interval, in (0, 1).
        resamples: bootstrap resamples made; 0 when nothing was resampled.
        resampling: what was resampled.
        seed: of the bootstrap.
        warnings: what a reader has to know before trusting the numbers, one sentence each.
    """

    objectives: Mapping[str, Direction]
    configurations: tuple[Configuration, ...]
    hypervolume: Hypervolume | None
    knee: str | None
    level: float
    resamples: int
    resampling: Resampling
    seed: int
    warnings: tuple[str, ...] = ()

    @property
    def front(self) -> tuple[Configuration, ...]:
        """The configurations on the front by their means, best in the first objective first."""
        first, direction = next(iter(self.objectives.items()))
        sign = -1.0 if direction == "maximize" else 1.0
        members = [each for each in self.configurations if each.on_front]
        return tuple(sorted(members, key=lambda each: sign * (each.means[first].mean or 0.0)))

    def configuration(self, label: str) -> Configuration:
        """Look a configuration up by its label.

        Raises:
            AnalysisError: there is none of that label.
        """
        for each in self.configurations:
            if each.label == label:
                return each
        known = [each.label for each in self.configurations]
        guess = nearest(label, known)
        hint = f" Did you mean {guess!r}?" if guess else ""
        listed = ", ".join(map(repr, known))
        raise AnalysisError(f"No configuration is called {label!r}; there are: {listed}.{hint}")

    def to_frame(self) -> pd.DataFrame:
        """Return one row a configuration, values not rounded."""
        from analysis.pareto.export import as_frame

        return as_frame(self)

    def to_dict(self) -> dict[str, object]:
        """Return everything as plain dictionaries, lists, numbers, strings and None."""
        from analysis.pareto.export import as_dict

        return as_dict(self)

    def to_json(self, indent: int | None = 2) -> str:
        """Return everything as JSON: values not rounded, and null where there is none."""
        from analysis.pareto.export import as_json

        return as_json(self, indent)

    def __str__(self) -> str:
        from analysis.pareto.text import as_text

        return as_text(self)
