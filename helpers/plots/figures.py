"""Figures that pyplot does not know, and how one reaches the page: as an image with alternative text and a caption."""

from __future__ import annotations

from io import BytesIO
from typing import cast

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from helpers.plots import html
from helpers.plots.png import smaller

#: CSS pixels per inch of a figure on the page, and how many pixels of the image lie in one CSS pixel.
CSS_PER_INCH, SHARPNESS = 100, 2


def new_figure(*, width: float = 8.0, height: float = 3.6) -> Figure:
    """An empty figure, ``width`` × ``height`` inches, that pyplot does not know, so it never shows twice.

    >>> float(new_figure(width=6).get_figwidth())
    6.0
    """
    return Figure(figsize=(width, height))


def axes_of(ax: Axes | None, *, width: float = 8.0, height: float = 3.6) -> Axes:
    """``ax``, or the axes of a new figure when it is None."""
    return new_figure(width=width, height=height).subplots() if ax is None else ax


def figure_of(ax: Axes) -> Figure:
    """The figure that ``ax`` is on, at the top if it stands on a part of one."""
    return cast(Figure, ax.figure)


def show(fig: Figure, *, alt: str, caption: str) -> None:
    """Show a figure with alternative text, at twice the pixels of its size on the page, its caption below; release it.

    Args:
        fig: a Matplotlib figure; an inch of it is 100 CSS pixels on the page.
        alt: one or two sentences for a reader who cannot see the figure.
        caption: one line on the page that says what to look at.

    Raises:
        TypeError: ``fig`` is not a figure, ``alt`` or ``caption`` not a text.
        ValueError: ``alt`` or ``caption`` is empty.
    """
    if not isinstance(fig, Figure):
        raise TypeError(f"show got {type(fig).__name__}; expected a Matplotlib Figure, such as the plots return.")
    for name, text in (("alt", alt), ("caption", caption)):
        if not isinstance(text, str):
            raise TypeError(f"{name} is {text!r}; expected a sentence that says what the figure shows.")
        if not text.strip():
            raise ValueError(f"{name} is empty; say in a sentence what the figure shows.")
    png = to_png(fig, dpi=CSS_PER_INCH * SHARPNESS)
    image = html.picture(png, alt=alt, width=round(html.pixels_wide(png) / SHARPNESS))
    from IPython.display import Markdown, display

    display({"text/html": image, "text/plain": f"Figure: {alt}"}, raw=True)
    display(Markdown(f"*{caption.strip()}*"))
    fig.clear()


def to_png(fig: Figure, *, dpi: float = CSS_PER_INCH) -> bytes:
    """The figure drawn as a PNG on white ground, ``dpi`` pixels per inch."""
    buffer = BytesIO()
    fig.savefig(buffer, format="png", dpi=dpi, metadata={"Software": None})
    return smaller(buffer.getvalue())
