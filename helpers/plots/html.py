"""A picture as HTML: the one form in which every front end reads the alternative text.

JupyterLab, Notebook 7, Colab and nbconvert ignore ``alt`` in the metadata of an ``image/png`` output; all of them show
an ``<img>`` of a ``text/html`` output with its ``alt`` and ``width``.
"""

from __future__ import annotations

import base64
import html
import struct


def picture(png: bytes, *, alt: str, width: int) -> str:
    """An ``<img>`` that carries its PNG, shown ``width`` CSS pixels wide, and narrower where the page is.

    Args:
        png: the picture, with as many pixels as the screen may show: twice ``width`` for a sharp one.
        alt: what the picture shows, for a reader who cannot see it.
        width: in CSS pixels.

    Raises:
        ValueError: ``alt`` is empty, or ``png`` is no PNG.

    >>> picture(b"no png", alt="A line.", width=800)
    Traceback (most recent call last):
    ValueError: the picture is no PNG; draw it with Figure.savefig(…, format="png").
    """
    if not alt.strip():
        raise ValueError("alt is empty; say in a sentence what the picture shows.")
    if not png.startswith(b"\x89PNG\r\n\x1a\n"):
        raise ValueError('the picture is no PNG; draw it with Figure.savefig(…, format="png").')
    data = base64.b64encode(png).decode("ascii")
    text = html.escape(" ".join(alt.split()))
    return f'<img alt="{text}" width="{width}" style="max-width: 100%" src="data:image/png;base64,{data}">'


def pixels_wide(png: bytes) -> int:
    """How many pixels a PNG is wide, read from its head."""
    return struct.unpack(">I", png[16:20])[0]
