"""What the tests in a browser call hard to read."""

from __future__ import annotations

import pytest

from tests.browser.labs import hard_to_read

pytestmark = pytest.mark.browser

#: A page's body, and what of it is hard to read: black letters of 38 % on white stand out by 2.7 to 1.
PAGES = {
    "black on white": ("<p style='color: black'>word</p>", []),
    "light grey on white": ("<p style='color: #ccc'>word</p>", ["word (1.6)"]),
    "letters that shine through": ("<p style='color: rgba(0, 0, 0, 0.38)'>word</p>", ["word (2.7)"]),
    "letters that hardly shine through": ("<p style='color: rgba(0, 0, 0, 0.87)'>word</p>", []),
    "a faint element": ("<div style='opacity: 0.38'><p style='color: black'>word</p></div>", ["word (2.7)"]),
    "white on a dark ground above": ("<div style='background: #111'><p style='color: white'>word</p></div>", []),
    "a ground that shines through": (
        "<div style='background: black'><p style='color: #777; background: rgba(255, 255, 255, 0.3)'>word</p></div>",
        ["word (1.9)"],
    ),
    "a faint placeholder": (
        "<style>::placeholder { color: #ccc; opacity: 1 }</style><input style='background: white' placeholder='word'>",
        ["word (1.6)"],
    ),
    "a control that cannot be used": ("<button disabled style='color: #ccc; background: white'>word</button>", []),
    "what is not shown": ("<p style='color: #ccc; display: none'>word</p>", []),
    "what shows when it is pointed at": ("<p>a heading <a style='visibility: hidden; color: #ccc'>¶</a></p>", []),
}


@pytest.mark.parametrize("name", PAGES)
def test_contrast(name, browser):
    content, hard = PAGES[name]
    page = browser.new_page()
    try:
        page.set_content(content)
        assert hard_to_read(page.locator("body")) == hard
    finally:
        page.close()
