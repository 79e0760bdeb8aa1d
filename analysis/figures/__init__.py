"""Figures for papers and pages; importing this loads matplotlib and seaborn."""

from analysis.figures.arms import distributions
from analysis.figures.best_of_n import best_of_n
from analysis.figures.critical_difference import critical_difference
from analysis.figures.forest import differences
from analysis.figures.heat_map import heat_map
from analysis.figures.histograms import histograms
from analysis.figures.images import Picture, image_grid
from analysis.figures.learning_curves import learning_curves
from analysis.figures.pareto_front import pareto_front
from analysis.figures.power_curve import power_curve
from analysis.figures.saving import save_figure
from analysis.figures.search_history import search_history
from analysis.figures.style import INK, MOST_PANELS, WIDTH_INCHES
from analysis.figures.sweep import sweep
from analysis.figures.trade_off import trade_off
from analysis.presentation.points import Reference

__all__ = [
    "INK",
    "MOST_PANELS",
    "WIDTH_INCHES",
    "Picture",
    "Reference",
    "best_of_n",
    "critical_difference",
    "differences",
    "distributions",
    "heat_map",
    "histograms",
    "image_grid",
    "learning_curves",
    "pareto_front",
    "power_curve",
    "save_figure",
    "search_history",
    "sweep",
    "trade_off",
]
