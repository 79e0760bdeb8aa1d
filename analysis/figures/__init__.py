"""Figures for papers and pages; importing this loads matplotlib and seaborn."""

from analysis.figures.arms import distributions
from analysis.figures.forest import differences
from analysis.figures.style import INK, MOST_PANELS, WIDTH_INCHES

__all__ = ["INK", "MOST_PANELS", "WIDTH_INCHES", "differences", "distributions"]
