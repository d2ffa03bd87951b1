"""Draw a lab's picture: lay out once, then blit only what moved."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from io import BytesIO
from typing import Any

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axis import Axis
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.image import AxesImage
from PIL import Image

Draw = Callable[[Figure, Any], Mapping[str, Any]]
Update = Callable[..., str]

#: CSS pixels to an inch, and pixels to a CSS pixel of a picture that nobody moves: as sharp as the screens of today.
DPI, SHARP = 100, 2


def render(draw: Draw, update: Update, data: Any, *, size: tuple[float, float], **controls: Any) -> Figure:
    """The lab's picture on a fresh figure: ``draw`` and ``update``, without widgets.

    Args:
        draw: lays the axes out and returns the artists that move, by name.
        update: sets the artists' data for the controls and returns the reading.
        data: what the lab shows.
        size: width and height in inches.
        controls: a value for every control.

    Returns:
        A figure whose ``canvas.draw()`` gives the pixels that the widget shows while a hand drags; after
        ``set_dpi(SHARP * DPI)`` those of a widget at rest.
    """
    canvas, artists = _lay_out(draw, data, size)
    update(artists, data, **controls)
    return canvas.figure


def picture(
    draw: Draw,
    update: Update,
    data: Any,
    controls: Mapping[str, Any],
    *,
    size: tuple[float, float],
    scale: int = SHARP,
) -> tuple[bytes, str]:
    """A PNG of the lab's picture on a fresh figure, and its reading, without widgets; arguments as for `render`.

    Args:
        draw: lays the axes out and returns the artists that move, by name.
        update: sets the artists' data for the controls and returns the reading.
        data: what the lab shows.
        controls: a value for every control.
        size: width and height in inches.
        scale: pixels to a CSS pixel.
    """
    made = Canvas(draw, update, data, size=size)
    reading = made.update(data, controls)
    return made.png(scale), reading


class Canvas:
    """Keeps one figure and redraws it for new controls.

    What ``draw`` returned is drawn last, over a saved picture of everything else. That background is drawn again
    only when an axis changes its limits, scale, ticks, title or labels, or is hidden. A legend needs a fixed place:
    ``loc="best"`` follows the data in a full draw and not in a blit.
    """

    def __init__(self, draw: Draw, update: Update, data: Any, *, size: tuple[float, float]) -> None:
        self._update = update
        self._canvas, self._artists = _lay_out(draw, data, size)
        self._fig = self._canvas.figure
        self._moving = _flat(self._artists.values())
        for artist in self._moving:
            artist.set_animated(True)
        #: By scale: what the axes looked like, and the background drawn for it.
        self._backgrounds: dict[int, tuple[tuple, Any]] = {}

    def update(self, data: Any, controls: Mapping[str, Any]) -> str:
        """Set the artists for these controls; returns the reading.

        Raises:
            TypeError: the lab's ``update`` returned something other than a text.
        """
        reading = self._update(self._artists, data, **controls)
        if not isinstance(reading, str):
            raise TypeError(f"update returned {reading!r}; expected the reading, a sentence with the numbers shown.")
        return reading

    def png(self, scale: int = 1) -> bytes:
        """A PNG of the artists as they are set, with ``scale`` pixels to a CSS pixel."""
        if self._fig.dpi != scale * DPI:
            self._fig.set_dpi(scale * DPI)
        frame = _frame(self._fig)
        drawn_for, background = self._backgrounds.get(scale, ((), None))
        if background is None or drawn_for != frame:
            self._backgrounds[scale] = (frame, self._draw_background())
        else:
            self._canvas.restore_region(background)
        for artist in self._moving:
            if artist.axes is None or artist.axes.get_visible():  # as a full draw does
                self._fig.draw_artist(artist)
        return encode(self._canvas)

    def _draw_background(self) -> Any:
        """Draw all but what moves, and keep it.

        Matplotlib before 3.11 draws images though they are animated, and where a map grows transparent one would see
        what it was: so they are hidden.
        """
        images = [artist for artist in self._moving if isinstance(artist, AxesImage) and artist.get_visible()]
        for image in images:
            image.set_visible(False)
        try:
            self._canvas.draw()
        finally:
            for image in images:
                image.set_visible(True)
        return self._canvas.copy_from_bbox(self._fig.bbox)


def encode(canvas: FigureCanvasAgg) -> bytes:
    """The canvas' pixels as a PNG; compressed lightly, since it is made at every move of a control."""
    buffer, size = BytesIO(), canvas.get_width_height()
    image = Image.frombuffer("RGBA", size, canvas.buffer_rgba(), "raw", "RGBA", 0, 1)
    image.convert("RGB").save(buffer, format="PNG", compress_level=1)  # a third quicker than cutting alpha in NumPy
    return buffer.getvalue()


def pixels(canvas: FigureCanvasAgg) -> np.ndarray:
    """The canvas' colours, (height, width, 3) from 0 to 255."""
    return np.asarray(canvas.buffer_rgba())[..., :3]


def _lay_out(draw: Draw, data: Any, size: tuple[float, float]) -> tuple[FigureCanvasAgg, Mapping[str, Any]]:
    fig = Figure(figsize=size, dpi=DPI, layout="constrained")
    canvas = FigureCanvasAgg(fig)
    artists = draw(fig, data)
    moving = _flat(artists.values())
    for rank, artist in enumerate(sorted(moving, key=Artist.get_zorder)):
        artist.set_zorder(100 + rank)  # above all that stands still, so that blitting and drawing agree
    fig.draw_without_rendering()
    fig.set_layout_engine("none")
    return canvas, artists


def _flat(artists: Iterable[Any]) -> list[Artist]:
    flat: list[Artist] = []
    for artist in artists:
        if isinstance(artist, str) or not isinstance(artist, (Artist, Iterable)):
            raise TypeError(f"draw returned {artist!r}; expected Matplotlib artists, or lists or dicts of them.")
        if isinstance(artist, Artist):
            flat.append(artist)
        else:
            flat.extend(_flat(artist.values() if isinstance(artist, Mapping) else artist))
    return sorted(flat, key=Artist.get_zorder)


def _frame(fig: Figure) -> tuple:
    """All that an update may change besides the moving artists."""
    return tuple(
        (
            ax.get_xlim(),
            ax.get_ylim(),
            *(_ticks(axis) for axis in (ax.xaxis, ax.yaxis)),
            *(ax.get_title(loc=loc) for loc in ("left", "center", "right")),
            ax.get_xscale(),
            ax.get_yscale(),
            ax.get_xlabel(),
            ax.get_ylabel(),
            ax.get_visible(),
        )
        for ax in fig.axes
    )


def _ticks(axis: Axis) -> tuple:
    places = axis.get_majorticklocs()
    labels = axis.get_major_formatter().format_ticks(places)  # type: ignore[arg-type]  # a log scale needs an array
    return tuple(places), tuple(labels)
