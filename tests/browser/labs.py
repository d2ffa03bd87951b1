"""A lab in the page: its picture and its controls, moved as hands move them."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from playwright.sync_api import Error, Locator, Page

from tests.browser.jupyterlab import wait_for_kernel, wait_for_new_picture

#: Milliseconds within which a control that changes the picture has done so; the slowest redraw takes a tenth of it.
PATIENCE = 3_000
#: Milliseconds after which a picture that stayed the same is the last one.
STEADY = 300


#: What a hand finds in a lab, below each other: tasks, controls, buttons, picture, sentence.
CONTROLS = "xpath=../*[contains(@class, 'widget-hbox')][1]/*"
#: Pixels that a slider's track must have.
TRACK = 100
#: What must have room for its text.
LABELS = ".widget-readout, .widget-label, .widget-button, .widget-toggle-button, .widget-checkbox label"
#: Whether text is wider than its element, or reaches over an edge of what clips it, also on the left, where nothing
#: scrolls.
CUT = """one => {
    const range = document.createRange();
    range.selectNodeContents(one);
    const text = range.getBoundingClientRect();
    let cut = one.scrollWidth > one.clientWidth;
    for (let box = one; box && !box.matches('.jp-OutputArea'); box = box.parentElement) {
        const {left, right} = box.getBoundingClientRect();
        const clips = getComputedStyle(box).overflowX !== 'visible';
        cut ||= text.width && clips && (text.left < left - 0.1 || text.right > right + 0.1);
    }
    return cut;
}"""
#: Goes through all that holds text of its own, a field's included. What shines through, of letters as of grounds, is
#: mixed with what lies below it. A control that cannot be used is grey on purpose.
CONTRAST = """area => {
    const SHOWN = {visibilityProperty: true, opacityProperty: true};
    const part = value => (value /= 255) <= 0.03928 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
    const numbers = colour => colour.match(/[\\d.]+/g).map(Number);
    const light = ([r, g, b]) => 0.2126 * part(r) + 0.7152 * part(g) + 0.0722 * part(b);
    const over = ([r, g, b, alpha = 1], below) => [r, g, b].map((one, at) => alpha * one + (1 - alpha) * below[at]);
    const lineage = element => element ? [element, ...lineage(element.parentElement)] : [];
    const ground = element => lineage(element)
        .map(above => numbers(getComputedStyle(above).backgroundColor))
        .reduceRight((below, colour) => over(colour, below), [255, 255, 255]);
    const isField = element => element.matches('textarea, input:not([type=checkbox])');
    const text = element => isField(element)
        ? element.value || element.placeholder
        : [...element.childNodes].filter(node => node.nodeType === 3).map(node => node.data).join('').trim();
    const colour = (element, below) => {
        const letters = getComputedStyle(element, isField(element) && !element.value ? '::placeholder' : null);
        const [r, g, b, alpha = 1] = numbers(letters.color);
        const opaque = lineage(element).reduce((all, above) => all * getComputedStyle(above).opacity, alpha);
        return over([r, g, b, opaque], below);
    };
    const ratio = element => {
        const below = ground(element);
        const [one, other] = [light(colour(element, below)), light(below)];
        return (Math.max(one, other) + 0.05) / (Math.min(one, other) + 0.05);
    };
    return [...area.querySelectorAll('*')]
        .filter(element => text(element) && element.checkVisibility(SHOWN) && !element.closest(':disabled'))
        .filter(element => ratio(element) < 4.5)
        .map(element => `${text(element).slice(0, 40)} (${ratio(element).toFixed(1)})`);
}"""


class LabInPage:
    """The lab that a cell shows.

    Args:
        page: the page of the lesson.
        cell: the cell in it.
    """

    def __init__(self, page: Page, cell: Locator) -> None:
        self.page, self.cell = page, cell
        self.picture = cell.locator("img.widget-image").first
        self.picture.scroll_into_view_if_needed()

    def moves(self, how: str) -> Iterator[tuple[str, Callable[[], None], Callable[[], str]]]:
        """Each control as (name, a move, its present value).

        Args:
            how: "keyboard" or "mouse"; "number" for sliders alone, whose number is then typed over.

        Raises:
            AssertionError: a control is of no kind that is known here.
        """
        kinds = (
            ("noUi-target", self._slide, _slider_value),
            ("widget-toggle-buttons", self._press_button, _pressed_button),
            ("widget-checkbox", self._tick, _is_ticked),
            ("widget-text", self._write, _written),
        )
        for place, control in enumerate(self.picture.locator(CONTROLS).all()):
            known = False
            for kind, move, value in kinds[: 1 if how == "number" else None]:
                for part in control.locator(f"xpath=descendant-or-self::*[contains(@class, '{kind}')]").all():
                    known = True
                    yield f"{kind}[{place}]", lambda m=move, p=part: m(p, how), lambda v=value, p=part: v(p)
            if control.get_by_role("button", name="another").count():
                for move in (self._take_another, self._swap_words):
                    yield (
                        f"{move.__name__}[{place}]",
                        lambda m=move, c=control: m(c, how),
                        lambda c=control: _written(c),
                    )
            assert known or how == "number", f"nobody knows how to move control {place} of this lab by {how}"

    def changes(self, move: Callable[[], None]) -> bool:
        """Make a move; tells whether the picture changed."""
        before = self.picture.get_attribute("src")
        move()
        try:
            wait_for_new_picture(self.page, self.picture, before, timeout=PATIENCE)
        except Error:
            return False
        return True

    def reset(self) -> None:
        """Press Reset, and wait until the first picture has come back."""
        self.cell.get_by_role("button", name="Reset", exact=True).click()
        self.settle()

    def settle(self) -> None:
        """Wait until the kernel has nothing to do and the picture has stayed the same: what was moved is drawn."""
        shown = None
        while shown != (shown := self.picture.get_attribute("src")):
            self.page.wait_for_timeout(STEADY)
            wait_for_kernel(self.page)

    def shows(self) -> tuple[str | None, str, str]:
        """The picture, the sentence under it, and the message: all that answers to a hand."""
        return self.picture.get_attribute("src"), self.reading(), self.says()

    def picture_size(self) -> tuple[int, int]:
        """Width and height of the picture in its own pixels."""
        decode = "async img => { await img.decode(); return [img.naturalWidth, img.naturalHeight] }"
        return tuple(self.picture.evaluate(decode))

    def says(self) -> str:
        """The lab's message, empty when all is well."""
        return self.cell.locator("[role=status]").inner_text()

    def cut_labels(self) -> list[str]:
        """What stands before, on and beside the controls and has not room enough."""
        return self.cell.locator(LABELS).evaluate_all(f"found => found.filter({CUT}).map(one => one.textContent)")

    def short_tracks(self) -> list[str]:
        """Sliders, by what stands before and beside them, on whose track a hand hardly finds a value."""
        long = "(track => Math.max(track.clientWidth, track.clientHeight))(one.querySelector('.noUi-target'))"
        short = f"found => found.filter(one => {long} < {TRACK}).map(one => one.textContent)"
        return self.cell.locator(".widget-hslider, .widget-vslider").evaluate_all(short)

    def hard_to_read(self) -> list[str]:
        """Words of the lab that ``hard_to_read`` finds."""
        return hard_to_read(self.picture.locator("xpath=ancestor::*[contains(@class, 'jp-OutputArea-output')][1]"))

    def reading(self) -> str:
        """The sentence under the picture."""
        return self.cell.locator(".widget-html").last.inner_text()

    def trains(self, how: str) -> bool:
        """Press Reset and Train, see a new picture, and press Stop; False for a lab that has nothing to train."""
        train = self.cell.get_by_role("button", name="Train", exact=True)
        if not train.count():
            return False
        self.reset()  # what was set before may be refused
        before = self.picture.get_attribute("src")
        _press(train, how)
        wait_for_new_picture(self.page, self.picture, before, timeout=60_000)  # a first epoch, compilation included
        stop = self.cell.get_by_role("button", name="Stop", exact=True)
        stop.evaluate("button => button.click()")  # at once: a training that has just ended by itself disables it
        self.page.wait_for_function("b => !b.disabled", arg=train.element_handle(), timeout=30_000)
        return True

    def _slide(self, control: Locator, how: str) -> None:
        handle = control.locator(".noUi-handle").first
        if how == "number":
            readout = _readout(control)
            if readout.get_attribute("contenteditable"):  # a slider over names has none to type
                readout.fill(str(float(handle.get_attribute("aria-valuemax")) / 2))
                readout.press("Enter")
            return
        if how == "keyboard":
            before = _slider_value(control)
            for key in ("ArrowRight", "ArrowLeft"):  # a slider at its end goes back
                handle.press(key)
                self.page.wait_for_timeout(100)
                if _slider_value(control) != before:
                    return
            return
        handle.scroll_into_view_if_needed()
        track, knob = control.bounding_box(), handle.bounding_box()
        x, y = knob["x"] + knob["width"] / 2, knob["y"] + knob["height"] / 2
        right, down = x < track["x"] + track["width"] / 2, y < track["y"] + track["height"] / 2
        upright = track["height"] > track["width"]
        across = 0 if upright else (1 if right else -1) * 0.4 * track["width"]
        along = (1 if down else -1) * 0.4 * track["height"] if upright else 0
        self.page.mouse.move(x, y)
        self.page.mouse.down()
        self.page.mouse.move(x + across, y + along, steps=8)
        self.page.mouse.up()

    def _press_button(self, control: Locator, how: str) -> None:
        button = control.locator("button:not(.mod-active)").last  # the first is often much like the chosen one
        _press(button, how)

    def _tick(self, control: Locator, how: str) -> None:
        _press(control.locator("input"), how)

    def _take_another(self, control: Locator, how: str) -> None:
        _press(control.get_by_role("button", name="another"), how)

    def _swap_words(self, control: Locator, how: str) -> None:
        """Choose the second word and move it to the left."""
        _press(control.locator(".widget-hbox").first.locator("button").nth(1), how)
        self.page.wait_for_timeout(200)  # until the kernel knows
        _press(control.get_by_role("button", name="← move"), how)

    def _write(self, control: Locator, how: str) -> None:
        field = control.locator("input")
        if how == "mouse":
            field.click(click_count=3)
        field.press("End")
        field.press_sequentially(" 법" if how == "keyboard" else "x")
        field.press("Enter")


def hard_to_read(areas: Locator) -> list[str]:
    """Words within areas whose colour stands out from the ground by less than 4.5 to 1 (WCAG's, level AA)."""
    return areas.evaluate_all(f"areas => areas.flatMap({CONTRAST})")


def _press(button: Locator, how: str) -> None:
    button.press("Space") if how == "keyboard" else button.click()


def _slider_value(control: Locator) -> str:
    """What stands beside the slider: its own ``aria-valuenow`` has one decimal."""
    return _readout(control).inner_text()


def _readout(control: Locator) -> Locator:
    slider = "xpath=ancestor::*[contains(@class, 'widget-hslider') or contains(@class, 'widget-vslider')][1]"
    return control.locator(slider).locator(".widget-readout")


def _pressed_button(control: Locator) -> str:
    return control.locator("button.mod-active").first.inner_text()


def _is_ticked(control: Locator) -> str:
    return str(control.locator("input").is_checked())


def _written(control: Locator) -> str:
    return control.locator("input").input_value()
