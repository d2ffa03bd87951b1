"""A PNG with fewer bytes and the same look, so that a notebook of figures at twice the pixels stays small."""

from __future__ import annotations

from io import BytesIO

import numpy as np
from PIL import Image

#: The largest change of a channel (of 255) that a palette may bring; nobody sees a step of this size.
INVISIBLE = 8


def smaller(png: bytes) -> bytes:
    """The same picture on a palette of 256 colours where no eye can tell, else with its three channels kept.

    Args:
        png: a picture without transparency, as figures on white ground are; what shines through becomes white.

    >>> from helpers.plots import new_figure, to_png
    >>> original = to_png(new_figure(width=2, height=1))
    >>> len(smaller(original)) <= len(original)
    True
    """
    drawn = Image.open(BytesIO(png)).convert("RGBA")
    opaque = Image.alpha_composite(Image.new("RGBA", drawn.size, "white"), drawn).convert("RGB")
    reduced = opaque.quantize(256, method=Image.Quantize.MAXCOVERAGE, dither=Image.Dither.NONE)
    _keep_white(reduced)
    change = np.asarray(reduced.convert("RGB")).astype(int) - np.asarray(opaque)
    return _encoded(reduced if np.abs(change).max() <= INVISIBLE else opaque)


def _keep_white(image: Image.Image) -> None:
    """Set the palette's lightest colour to white where it is nearly white, so that a picture's ground is exact."""
    colours = np.array(image.getpalette()).reshape(-1, 3)
    lightest = colours.sum(axis=1).argmax()
    if colours[lightest].min() >= 255 - INVISIBLE:
        colours[lightest] = 255
        image.putpalette(colours.ravel().tolist())


def _encoded(image: Image.Image) -> bytes:
    buffer = BytesIO()
    image.save(buffer, format="PNG", optimize=True)
    return buffer.getvalue()
