"""What a study weighs against each other: the objectives of its Pareto analysis."""

from pydantic import model_validator

from analysis.protocol import Direction
from harness.study.parts import Part
from harness.study.problems import GrammarError, shown


class ParetoSettings(Part):
    """Metrics of which an arm may be better in one and worse in another.

    Attributes:
        objectives: each metric with the direction in which it gets better; at least two.
    """

    objectives: dict[str, Direction]

    @model_validator(mode="after")
    def _something_to_weigh(self) -> "ParetoSettings":
        if len(self.objectives) < 2:
            raise GrammarError(
                "weighs at least two objectives against each other",
                key="objectives",
                given=shown(self.objectives),
                remedy='write { compression_factor = "maximize", test_accuracy = "maximize" }',
            )
        return self
