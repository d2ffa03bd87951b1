"""A lab on a page without a kernel: its tasks, its picture and its reading as HTML."""

from __future__ import annotations

import html
from collections.abc import Sequence

from helpers.plots.html import picture


def head(title: str, tasks: Sequence[str]) -> str:
    """The lab's name, and its tasks as a numbered list.

    >>> head("fit", ["Train < 9 epochs."])
    "<b>Lab: fit</b><ol style='margin: 0.2em 0'><li>Train &lt; 9 epochs.</li></ol>"
    """
    items = "".join(f"<li>{html.escape(task)}</li>" for task in tasks)
    return f"<b>Lab: {html.escape(title)}</b><ol style='margin: 0.2em 0'>{items}</ol>"


def page(title: str, tasks: Sequence[str], png: bytes, reading: str, *, width: int) -> str:
    """The whole lab, for a notebook's ``text/html`` output.

    Args:
        title: the lab's name.
        tasks: what to try.
        png: the picture.
        reading: the sentence under it, which is also its alternative text.
        width: of the picture in CSS pixels.
    """
    shown = picture(png, alt=f"Lab {title}: {reading}", width=width)
    return f"<div>{head(title, tasks)}{shown}<p style='font-size: 115%'>{html.escape(reading)}</p></div>"
