"""Figures of the course, one module for each subject; ``show`` puts one on the page with its alt text and caption."""

from __future__ import annotations

from helpers.plots.figures import axes_of, figure_of, new_figure, show, to_png
from helpers.plots.style import COLOURS, CURVES

__all__ = ["COLOURS", "CURVES", "axes_of", "figure_of", "new_figure", "show", "to_png"]
