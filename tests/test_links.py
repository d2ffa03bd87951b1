"""The course's address is carried from one place to all others; the bootstrap cell finds or fetches the course."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest

from tests.notebook_form import LESSONS, headings
from tools import errors, links, notebooks

HERE = links.Address("OWNER/REPO", "v0.1.0")
THERE = links.Address("lee/course.ko", "v1.2.0")
PAGES = [links.ROOT / "README.md", *sorted((links.ROOT / "docs").glob("*.md"))]


def dead_links(page):
    """Return the links within the course that lead to no file, or to no heading of the notebook."""
    dead = []
    for target in re.findall(r"\]\(([^)\s]+)\)", page.read_text(encoding="utf-8")):
        if re.match(r"[a-z]+:", target):
            continue
        name, _, heading = target.partition("#")
        path = page.parent / name
        if not path.exists():
            dead.append(target)
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


def test_buttons_name_the_notebook():
    for lesson in LESSONS:
        assert links.badges(f"{lesson}.ipynb", HERE).count(f"{lesson}.ipynb") == 2


@pytest.fixture
def course(tmp_path):
    root = tmp_path / "course"
    (root / "notebooks").mkdir(parents=True)
    shutil.copy(links.ROOT / "pyproject.toml", root)
    address = links.read_address()
    (root / "README.md").write_text(links.badges("00_start_here.ipynb", address), encoding="utf-8")
    cells = [
        nbformat.v4.new_markdown_cell(f"# Start\n\n{links.badges('00_start_here.ipynb', address)}", id="a"),
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
    assert links.badges("00_start_here.ipynb", address) in nb.cells[0].source
    assert nb.cells[1].source == links.bootstrap(address)
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


# The bootstrap cell, run as a reader would: in another folder, with or without Colab, with git answering from a folder.

RUN = """
import sys
try:
    exec(sys.argv[1])
except Exception as error:
    print(type(error).__name__, error)
else:
    print("started from", sys.path[0])
"""


def run_cell(address, folder, *, colab=False, source=None):
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("GIT_", "PYTHON"))}
    if colab:
        package = folder.parent / "packages" / "google" / "colab"
        package.mkdir(parents=True, exist_ok=True)
        (package / "__init__.py").touch()
        environment["PYTHONPATH"] = str(package.parent.parent)
    environment |= {
        "GIT_CONFIG_COUNT": "1",
        "GIT_CONFIG_KEY_0": f"url.{source or folder / 'nowhere'}.insteadOf",
        "GIT_CONFIG_VALUE_0": f"https://github.com/{address.repository}",
    }
    command = [sys.executable, "-c", RUN, links.bootstrap(address)]
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, timeout=120)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


@pytest.fixture
def content(tmp_path):
    folder = tmp_path / "content"
    folder.mkdir()
    return folder


@pytest.fixture(scope="module")
def published(tmp_path_factory):
    """A repository with the course's helpers at the tag."""
    root = tmp_path_factory.mktemp("published")
    shutil.copytree(links.ROOT / "helpers", root / "helpers", ignore=shutil.ignore_patterns("__pycache__", "data"))
    shutil.copy(links.ROOT / "pyproject.toml", root)
    git = ["git", "-c", "user.name=a", "-c", "user.email=a@b.c", "-c", "init.defaultBranch=main"]
    for step in (["init", "-q"], ["add", "."], ["commit", "-qm", "all"], ["tag", THERE.tag]):
        subprocess.run([*git, *step], cwd=root, check=True)
    return root


def test_cell_finds_the_course_from_its_own_folder_and_from_below(tmp_path):
    deep = links.ROOT / "tests"
    assert run_cell(HERE, deep) == f"started from {links.ROOT}"


def test_cell_says_what_to_do_where_there_is_no_course(content):
    assert run_cell(HERE, content) == (
        "CourseNotFound No helpers folder here or above: get the whole course and open this notebook inside it."
    )


def test_cell_clones_nothing_on_colab_while_the_address_is_the_placeholder(content):
    assert run_cell(HERE, content, colab=True).startswith("CourseNotFound This copy has no address")
    assert list(content.iterdir()) == []


def test_cell_fetches_the_course_once_on_colab(content, published):
    fetched = content / f"course-{THERE.tag}"
    half = Path(f"{fetched}.part")
    half.mkdir()
    (half / "left by a run that was stopped").touch()
    assert run_cell(THERE, content, colab=True, source=published) == f"started from {fetched}"
    assert not half.exists()
    assert run_cell(THERE, content, colab=True, source="nowhere") == f"started from {fetched}"


@pytest.mark.parametrize("trouble", ["no network", "no such tag"])
def test_cell_says_in_one_sentence_that_the_course_could_not_be_fetched(content, published, trouble):
    address = THERE if trouble == "no network" else THERE._replace(tag="v9")
    said = run_cell(address, content, colab=True, source=None if trouble == "no network" else published)
    assert said == (
        f"CourseNotFound https://github.com/lee/course.ko at {address.tag} could not be fetched: "
        "check the network, then run this cell again."
    )
    assert not (content / f"course-{address.tag}").exists()


def test_cell_shows_the_sentence_without_a_traceback(content):
    from IPython.core.interactiveshell import InteractiveShell

    class Shell(InteractiveShell):
        def _showtraceback(self, etype, evalue, stb):
            self.shown = stb

    shell = Shell()
    here = Path.cwd()
    os.chdir(content)
    try:
        assert not shell.run_cell(links.bootstrap(HERE)).success
    finally:
        os.chdir(here)
    assert len(shell.shown) == 1
    assert shell.shown[0].startswith("No helpers folder here or above")


def test_cell_never_installs_anything():
    assert "pip" not in links.bootstrap(HERE)
