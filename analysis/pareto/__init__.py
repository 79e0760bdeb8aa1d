"""Trade-offs between objectives: which configurations no other beats, and how sure that is."""

from analysis.pareto.analysis import pareto
from analysis.pareto.front import non_dominated
from analysis.pareto.hypervolume import hypervolume
from analysis.pareto.knee import knee_point
from analysis.pareto.result import Configuration, Hypervolume, ParetoFront

__all__ = [
    "Configuration",
    "Hypervolume",
    "ParetoFront",
    "hypervolume",
    "knee_point",
    "non_dominated",
    "pareto",
]
