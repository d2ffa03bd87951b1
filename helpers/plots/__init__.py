"""Figures of the course: one module a subject; ``show`` puts a figure on the page with its alt text and caption."""

from __future__ import annotations

from io import BytesIO

from matplotlib.axes import Axes
from matplotlib.figure import Figure

#: Okabe and Ito's palette, which readers with colour-blindness can tell apart (https://jfly.uni-koeln.de/color/).
COLOURS = {
    "black": "#000000",
    "orange": "#E69F00",
    "sky": "#56B4E9",
    "green": "#009E73",
    "yellow": "#F0E442",
    "blue": "#0072B2",
    "red": "#D55E00",
    "pink": "#CC79A7",
    "grey": "#888888",
}
#: Colour and line style of the first, second, … curve of a figure: each pair differs in both.
CURVES = (
    ("#0072B2", "-"),
    ("#D55E00", "--"),
    ("#009E73", "-."),
    ("#CC79A7", ":"),
    ("#000000", (0, (5, 1))),
    ("#E69F00", (0, (3, 1, 1, 1))),
    ("#56B4E9", (0, (1, 1))),
)


def new_figure(*, width: float = 8.0, height: float = 3.6) -> Figure:
    """An empty figure, ``width`` × ``height`` inches, that pyplot does not know, so it never shows twice.

    >>> float(new_figure(width=6).get_figwidth())
    6.0
    """
    return Figure(figsize=(width, height))


def axes_of(ax: Axes | None, *, width: float = 8.0, height: float = 3.6) -> Axes:
    """``ax``, or the axes of a new figure when it is None."""
    return new_figure(width=width, height=height).subplots() if ax is None else ax


def show(fig: Figure, *, alt: str, caption: str) -> None:
    """Show a figure as a PNG with alternative text, its caption below, and release it.

    Args:
        fig: a Matplotlib figure.
        alt: one or two sentences for a reader who cannot see the figure; stored in the output's metadata.
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
    from IPython.display import Markdown, display

    png = to_png(fig)
    display(
        {"image/png": png, "text/plain": f"Figure: {alt}"},
        metadata={"image/png": {"alt": alt}},
        raw=True,
    )
    display(Markdown(f"*{caption.strip()}*"))
    fig.clear()


def to_png(fig: Figure) -> bytes:
    """The figure drawn as a PNG on white ground."""
    buffer = BytesIO()
    fig.savefig(buffer, format="png", metadata={"Software": None})
    return buffer.getvalue()
