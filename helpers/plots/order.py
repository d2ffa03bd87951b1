"""Figures of the lesson on order: which model reads which construct."""

from __future__ import annotations

from collections.abc import Mapping

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from helpers.plots import axes_of, figure_of


def accuracy_map(accuracy: Mapping[str, Mapping[str, float]], *, ax: Axes | None = None) -> Figure:
    """Accuracies as a table of colours with the numbers in it: models in columns, constructs in rows.

    Args:
        accuracy: model to construct to accuracy, 0 to 1; the same constructs for all models.
        ax: axes to draw on; new ones when None.

    Raises:
        ValueError: there is no model, the constructs differ, or a value is no accuracy.
    """
    models = list(accuracy)
    constructs = list(accuracy[models[0]]) if models else []
    if not constructs or any(list(values) != constructs for values in accuracy.values()):
        raise ValueError("accuracy holds no model, or models with different constructs; expected the same for all.")
    grid = [[float(accuracy[model][construct]) for model in models] for construct in constructs]
    if not all(0 <= value <= 1 for row in grid for value in row):
        raise ValueError(f"got {grid}; expected accuracies between 0 and 1.")
    ax = axes_of(ax, width=9.0, height=0.6 + 0.3 * len(constructs))
    ax.imshow(grid, cmap="cividis", vmin=0, vmax=1, aspect="auto")
    for row, values in enumerate(grid):
        for column, value in enumerate(values):
            colour = "black" if value > 0.6 else "white"
            ax.text(column, row, f"{value:.2f}", ha="center", va="center", fontsize=11, color=colour)
    ax.set_xticks(range(len(models)), [model.replace(" ", "\n", 1) for model in models])
    ax.set_yticks(range(len(constructs)), constructs)
    ax.xaxis.tick_top()
    ax.tick_params(length=0)
    ax.grid(False)
    return figure_of(ax)
