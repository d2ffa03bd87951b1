"""Every lesson's page in JupyterLab, in both themes, as it is stored: what a reader sees before running anything."""

from __future__ import annotations

import pytest

from tests.browser.jupyterlab import ARTIFACTS, stored, use_theme
from tests.browser.labs import hard_to_read
from tools import notebooks

pytestmark = [pytest.mark.browser, pytest.mark.all_lessons]

#: What a lesson says: its prose, and tables and checks among its outputs; the colours of ``summary`` are Keras' own.
PROSE = ".jp-RenderedMarkdown, .jp-OutputArea-output.jp-RenderedHTML:not(:has(> pre))"
#: The code of a cell, and what a reader shall not see in it.
SOURCE = ".jp-CodeCell .jp-InputArea-editor"
MACHINERY = ("scores.record(", "scores.claim(", "scores.grid(", "training.forget(", "runtime.is_study(", "bootstrap")
LESSONS = sorted(path.stem for path in notebooks.find())


@pytest.mark.parametrize("lesson", LESSONS)
def test_a_lesson_as_it_is_stored_is_legible_and_shows_no_machinery(lesson, server, browser):
    with stored(lesson, server, browser) as page:
        assert (
            page.locator(".jp-Notebook img").evaluate_all("found => found.filter(one => !one.naturalWidth).length") == 0
        )
        sources = "\n".join(page.locator(f"{SOURCE}:visible").all_inner_texts())
        assert "keras" in sources.lower()
        assert [word for word in MACHINERY if word in sources] == []
        assert hard_to_read(page.locator(PROSE)) == []
        page.screenshot(path=ARTIFACTS / f"{lesson}-light.png")
        use_theme(page, "JupyterLab Dark")
        assert hard_to_read(page.locator(PROSE)) == [], "in the dark theme"
        page.screenshot(path=ARTIFACTS / f"{lesson}-dark.png")
        use_theme(page, "JupyterLab Light")
