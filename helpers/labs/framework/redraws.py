"""When a lab's picture is drawn: at once for a cell, in another thread for a hand, sharp when nothing moves."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from helpers.labs.framework import canvas, cells, turns

#: A picture that was not redrawn for so long is drawn once more, with `AT_REST` pixels to a CSS pixel.
SETTLE_SECONDS = 0.3
AT_REST = canvas.SHARP

#: Worker threads for redraws, so that the kernel keeps receiving slider messages; the second one draws what runs a
#: model or builds layers, and waits until no cell runs.
drawer, patient_drawer = ThreadPoolExecutor(max_workers=1), ThreadPoolExecutor(max_workers=1)


class Redraws:
    """The picture of a lab as its controls and data are.

    Args:
        picture: what draws.
        data: what the lab shows.
        values: of the controls, by name.
        on_release: the controls whose redraw must not overlap a cell.
        lock: guards the picture and the data.
        done: called with None after a redraw, or with what it has raised.
        waits: called when a redraw waits for a cell.
        settled: called when a picture at rest has been sharpened.
    """

    def __init__(
        self,
        picture: canvas.Canvas,
        data: Any,
        values: dict[str, Any],
        *,
        on_release: Iterable[str],
        lock: threading.RLock,
        done: Callable[[Exception | None], None],
        waits: Callable[[], None],
        settled: Callable[[], None],
    ) -> None:
        self._picture, self._on_release, self._lock = picture, set(on_release), lock
        self._done, self._waits, self._settled = done, waits, settled
        self.data, self.values = data, values
        #: Whether there are moves that are not drawn yet, and one among them that waits until no cell runs.
        self.moved = self._must_wait = False
        self._moving = threading.Lock()
        self._settling: threading.Timer | None = None
        self._closed = False
        self.reading = picture.update(data, values)
        self._png, self._scale, self._drawn_at = picture.png(), 1, 0.0
        self._is_whole = True

    def note(self, values: Mapping[str, Any]) -> None:
        """Take over new values of controls; `follow` draws them."""
        waits = any(name in self._on_release and value != self.values[name] for name, value in values.items())
        with self._moving:
            self.values = {**self.values, **values}
            self.moved, self._must_wait = True, self._must_wait or waits

    def follow(self, *, at_rest: bool) -> None:
        """Draw the moves: at once for a cell, in another thread for a hand."""
        if not cells.in_message():
            self._draw_moves(at_rest=at_rest, even_heavy=True)
        elif self._must_wait:
            if turns.cell_runs():
                self._waits()
            patient_drawer.submit(self._draw_between_cells)
        else:
            drawer.submit(self._draw_moves)

    def draw(self, values: Mapping[str, Any], *, at_rest: bool) -> None:
        """Draw, with the pixels of a picture at rest or with one to a CSS pixel; ``done`` hears how it went."""
        with self._lock:
            if self._closed:
                return
            self._is_whole = False  # refused settings may have moved half of the artists
            try:
                reading = self._picture.update(self.data, values)
                scale = AT_REST if at_rest else 1
                self._png, self._scale, self.reading = self._picture.png(scale), scale, reading
            except Exception as problem:
                self._done(problem)
                return
            self._drawn_at, self._is_whole = time.monotonic(), True
            self._done(None)

    @property
    def png(self) -> bytes:
        """The picture as it was last drawn."""
        return self._png

    @property
    def is_sharp(self) -> bool:
        """Whether it has the pixels of a picture at rest, or cannot have them."""
        return self._scale == AT_REST or not self._is_whole

    def sharpen(self) -> bytes:
        """The picture with the pixels of one at rest; the artists stay as they are set."""
        with self._lock:
            if not self.is_sharp:
                self._png, self._scale = self._picture.png(AT_REST), AT_REST
            return self._png

    def settle_soon(self) -> None:
        """Sharpen the picture as soon as nothing has moved for a while."""
        if not self.is_sharp and self._settling is None:
            self._settle_in(SETTLE_SECONDS)

    def close(self) -> None:
        """Let go of the picture and the data, and draw nothing any more."""
        with self._lock:
            self._closed = True
            del self._picture
            self.data = None
            self._png = b""
            if self._settling is not None:
                self._settling.cancel()

    def _draw_between_cells(self) -> None:
        if self.moved and not self._closed:
            with turns.between_cells(lambda: self._closed):
                self._draw_moves(even_heavy=True)

    def _draw_moves(self, *, at_rest: bool = False, even_heavy: bool = False) -> None:
        """Draw where the controls are now; moves that came during a drawing are one move."""
        with self._moving:
            if not self.moved or (self._must_wait and not even_heavy):
                return
            self.moved = self._must_wait = False
            values = self.values
        self.draw(values, at_rest=at_rest)

    def _settle_in(self, seconds: float) -> None:
        self._settling = threading.Timer(seconds, self._settle)
        self._settling.daemon = True
        self._settling.start()

    def _settle(self) -> None:
        with self._lock:
            self._settling = None
            if self._closed or self.is_sharp:
                return
            left = self._drawn_at + SETTLE_SECONDS - time.monotonic()
            if left > 0 or self.moved:
                self._settle_in(max(left, turns.PAUSE))
            else:
                self.sharpen()
                self._settled()
