"""Figures for papers and pages; importing this loads matplotlib and seaborn."""

from analysis.figures.arms import distributions
from analysis.figures.best_of_n import best_of_n
from analysis.figures.critical_difference import critical_difference
from analysis.figures.forest import differences
from analysis.figures.learning_curves import learning_curves
from analysis.figures.pareto_front import pareto_front
from analysis.figures.power_curve import power_curve
from analysis.figures.saving import save_figure
from analysis.figures.style import INK, MOST_PANELS, WIDTH_INCHES

__all__ = [
    "INK",
    "MOST_PANELS",
    "WIDTH_INCHES",
    "best_of_n",
    "critical_difference",
    "differences",
    "distributions",
    "learning_curves",
    "pareto_front",
    "power_curve",
    "save_figure",
]
