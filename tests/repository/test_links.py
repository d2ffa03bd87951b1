"""The course's address is carried from one place to all others; every link leads somewhere."""

from __future__ import annotations

import re
import shutil

import nbformat
import pytest

from tests.lessons.form import LESSONS, headings
from tools import errors, links, notebooks

HERE = links.Address("OWNER/REPO", "v0.1.0")
THERE = links.Address("lee/course.ko", "v1.2.0")
PAGES = [links.ROOT / "README.md", *sorted((links.ROOT / "docs").glob("*.md"))]


def dead_links(page):
    """Return the links within the course that lead to no file, or to no heading of the page or notebook."""
    dead = []
    text = page.read_text(encoding="utf-8")
    here = {re.sub(r"[^\w -]", "", title).lower().replace(" ", "-") for title in re.findall(r"^#+ (.+)$", text, re.M)}
    for target in re.findall(r"\]\(([^)\s]+)\)", text):
        if re.match(r"[a-z]+:", target):
            continue
        name, _, heading = target.partition("#")
        path = page.parent / name
        if not path.exists():
            dead.append(target)
        elif not name:
            dead += [target] if heading not in here else []
        elif heading:
            there = {errors.anchor(title) for _, title in headings(notebooks.read(path))}
            dead += [target] if heading not in there else []
    return dead


@pytest.mark.parametrize("page", PAGES, ids=lambda path: path.name)
def test_every_link_of_a_page_leads_somewhere(page):
    assert dead_links(page) == []


def test_the_readme_leads_to_every_page():
    readme = PAGES[0].read_text(encoding="utf-8")
    assert [page.name for page in PAGES[1:] if f"(docs/{page.name})" not in readme] == []


def test_a_link_to_no_file_or_to_no_heading_is_dead(course):
    nb = notebooks.read(course / "notebooks" / "00_start_here.ipynb")
    nb.cells[0].source += "\n\n## 3 A `seed`, and more"
    notebooks.write_text(course / "notebooks" / "00_start_here.ipynb", notebooks.dump(nb))
    page = course / "docs.md"
    wrong = ["notebooks/99_x.ipynb", "notebooks/00_start_here.ipynb#4-A-seed"]
    right = ["notebooks/00_start_here.ipynb#3-A-seed,-and-more", "notebooks/00_start_here.ipynb", "https://keras.io/x"]
    page.write_text(" ".join(f"[x]({target})" for target in wrong + right), encoding="utf-8")
    assert dead_links(page) == wrong


def test_no_badge_or_address_differs_from_pyproject():
    repository, tag = links.read_address()
    texts = {page.name: page.read_text(encoding="utf-8") for page in PAGES}
    for path in notebooks.find():
        texts[path.name] = "\n".join(cell.source for cell in notebooks.read(path).cells)
    for name, text in texts.items():
        assert links.relink(text, links.read_address()) == text, name
        for address in re.findall(r"(?:colab\.research\.google\.com/github|mybinder\.org/v2/gh)/([^\s)]+)", text):
            assert address.startswith((f"{repository}/blob/{tag}/notebooks/", f"{repository}/{tag}?")), name


def test_relink_changes_buttons_and_addresses_and_nothing_else():
    text = f"{links.badges('01_sequences.ipynb', HERE)} git clone https://github.com/OWNER/REPO.git"
    other = " see https://github.com/keras-team/keras and https://github.com/OWNER/REPORT"
    moved = links.relink(text + other, THERE)
    assert moved == f"{links.badges('01_sequences.ipynb', THERE)} git clone https://github.com/lee/course.ko.git{other}"


def test_buttons_and_launch_links_name_the_notebook():
    for lesson in LESSONS:
        assert links.badges(f"{lesson}.ipynb", HERE).count(f"{lesson}.ipynb") == 2
        assert links.launch(f"{lesson}.ipynb", THERE).count(f"{lesson}.ipynb") == 2


def test_a_lesson_has_no_launch_link_before_the_course_has_an_address():
    assert links.launch("01_sequences.ipynb", HERE) == ""
    assert links.with_launch("# Title\n\nA promise.", "01_sequences.ipynb", HERE) == "# Title\n\nA promise."


def test_the_launch_line_is_the_last_of_the_opening_without_a_picture_and_written_once():
    once = links.with_launch("# Title\n\nA promise.", "01_sequences.ipynb", THERE)
    promise, launch = once.split(f"\n\n{links.LAUNCH[0]}\n")
    assert promise == "# Title\n\nA promise."
    assert launch.endswith(f"\n{links.LAUNCH[1]}")
    assert "![" not in launch
    assert links.with_launch(once, "01_sequences.ipynb", THERE) == once
    moved = links.with_launch(once, "01_sequences.ipynb", links.Address("kim/course", "v2.0.0"))
    assert "lee/course.ko" not in moved
    assert links.with_launch(moved, "01_sequences.ipynb", HERE) == promise


@pytest.fixture
def course(tmp_path):
    root = tmp_path / "course"
    (root / "notebooks").mkdir(parents=True)
    shutil.copy(links.ROOT / "pyproject.toml", root)
    address = links.read_address()
    (root / "README.md").write_text(links.badges("00_start_here.ipynb", address), encoding="utf-8")
    cells = [
        nbformat.v4.new_markdown_cell("# Start", id="a"),
        nbformat.v4.new_code_cell("damaged", metadata={"tags": ["bootstrap"]}, id="b"),
    ]
    nb = notebooks.normalise(nbformat.v4.new_notebook(cells=cells))
    notebooks.write_text(root / "notebooks" / "00_start_here.ipynb", notebooks.dump(nb))
    return root


def test_links_writes_every_place_once(course, capsys):
    assert links.main(["lee/course.ko"], root=course) == 0
    address = links.read_address(course)
    assert address.repository == "lee/course.ko"
    nb = notebooks.read(course / "notebooks" / "00_start_here.ipynb")
    assert nb.cells[0].source == f"# Start\n\n{links.launch('00_start_here.ipynb', address)}"
    assert nb.cells[1].source == links.bootstrap(address, "00")
    assert (course / "README.md").read_text(encoding="utf-8") == links.badges("00_start_here.ipynb", address)
    capsys.readouterr()
    assert links.main(["lee/course.ko"], root=course) == 0
    assert "0 files changed" in capsys.readouterr().out
    assert links.main([], root=course) == 0


@pytest.mark.parametrize("wrong", ["course", "https://github.com/lee/course", "lee/course/more", "lee /course"])
def test_links_refuses_what_is_no_address(course, wrong):
    before = (course / "pyproject.toml").read_bytes()
    assert links.main([wrong], root=course) == 2
    assert (course / "pyproject.toml").read_bytes() == before
