"""Write ``docs/errors.md``, "If you see this error", from what the lessons say: ``python -m tools.errors``.

A lesson explains a mistake in a paragraph with two opening words in bold, *It means* and *The fix*. One such paragraph
belongs to each cell tagged ``raises-exception``, under the same heading and in the same order. A mistake that raises
nothing has a paragraph that begins with *You see*. The page repeats these paragraphs with the stored errors.

``tools/errors_more.md`` explains in the same form what lessons catch and print, and what learners meet though no
lesson shows it. Each error that a lesson prints must be explained in one of the two.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple
from urllib.parse import quote

from tools import notebooks
from tools.notebooks import ROOT

PAGE = "docs/errors.md"
MORE = ROOT / "tools" / "errors_more.md"
BROKEN = "Broken on purpose"

_SAID = re.compile(
    r"(?:\*\*You see\*\* (?P<see>.+?) )?\*\*It means\*\* (?P<means>.+?) \*\*The fix\*\* (?P<fix>.+)", re.DOTALL
)
_LABEL = re.compile(r"\*\*(?:You see|It means|The fix)\*\*")
_FENCED = re.compile(r"^(```|~~~).*?^\1", re.MULTILINE | re.DOTALL)
_HEADING = re.compile(r"(#{1,6}) +(.+)")
_NOISE = re.compile(  # what TensorFlow and Keras put around the line that tells
    r"Detected at node|<stack traces|\[\[|tf2xla conversion|Arguments received by|•"
)
_NODES = [
    (re.compile(r" for '\{\{node .*?\}\}[^']*'"), " …"),
    (re.compile(r"\{\{(?:function_)?node .*?\}\} ?"), ""),
    (re.compile(r" \[Op:[^\]]*\](?: name:)?"), ""),
]

INTRODUCTION = """\
# If you see this error

Search this page for four or five words of your error that stand together, without the names and numbers in it: those
are yours. Where several entries have them, compare the whole line. Most of these mistakes are made on purpose in a
lesson, which the entry names.

Nothing is raised? [Nothing is raised, and yet](#nothing-is-raised-and-yet). The loss is `nan`? [loss: nan](#loss-nan).
The code is from an older book? [Code for Keras 2](#code-for-keras-2). There is more about
[a graphics card](#a-graphics-card) and about [a kernel that dies](#the-kernel-dies).

*Made by `make index` from the lessons and from `tools/errors_more.md`. To change a sentence, change it there.*
"""


class Said(NamedTuple):
    """What a lesson says of a mistake: what one sees where nothing is raised, what it means and how to fix it."""

    see: str | None
    means: str
    fix: str


class Part(NamedTuple):
    """What stands under one heading: errors stored by cells that raise on purpose, and what is said of mistakes."""

    section: str  # the heading of the second level above
    title: str
    errors: list[str]
    said: list[Said]
    damaged: list[str]  # paragraphs with some of the opening words, not in their form
    has_code: bool


def message(error) -> str:
    """Return a stored error as one to three lines to search for, without what differs from machine to machine."""
    text = notebooks.plain(error["evalue"])
    lines = [line for line in map(str.strip, text.split("\n")) if line and not _NOISE.match(line)]
    text = "\n".join(lines[:3])
    for pattern, kept in _NODES:
        text = pattern.sub(kept, text)
    return f"{error['ename']}: {text}".strip()


def read_said(paragraph: str) -> Said | None:
    """Return what a paragraph says of a mistake, or None where it does not have that form.

    >>> read_said("**It means** that the name is unknown. **The fix** is to define it:")
    Said(see=None, means='that the name is unknown.', fix='is to define it.')
    """
    found = _SAID.fullmatch(" ".join(paragraph.split()))
    if not found or len(_LABEL.findall(paragraph)) != 2 + bool(found["see"]):
        return None
    return Said(found["see"], found["means"], found["fix"].rstrip(":.") + ".")


def parts(nb) -> list[Part]:
    """Return the parts of a lesson, from heading to heading of the third level or above."""
    found = [Part("", "", [], [], [], False)]
    section = ""
    for cell in nb.cells:
        tags = cell.metadata.get("tags", [])
        if cell.cell_type == "code":
            if not {"exercise", "check"} & set(tags):
                found[-1] = found[-1]._replace(has_code=True)
            if "raises-exception" in tags:
                found[-1].errors.extend(message(output) for output in cell.outputs if output.output_type == "error")
            continue
        for paragraph in re.split(r"\n\s*\n", _FENCED.sub("", cell.source)):
            heading = _HEADING.match(paragraph)
            if heading and len(heading[1]) <= 3:
                section = heading[2].strip() if len(heading[1]) < 3 else section
                found.append(Part(section, heading[2].strip(), [], [], [], False))
            if said := read_said(paragraph):
                found[-1].said.append(said)
            elif _LABEL.search(paragraph):
                found[-1].damaged.append(" ".join(paragraph.split()))
    return found


def faults(nb) -> list[str]:
    """Return what keeps a lesson's mistakes out of the page, in words."""
    found = []
    for part in parts(nb):
        explained = [said for said in part.said if said.see is None]
        found += [
            f"'{text[:60]}…' must be a paragraph of its own, '**It means** … **The fix** …', "
            "with '**You see** …' before them where nothing is raised"
            for text in part.damaged
        ]
        if len(explained) != len(part.errors):
            found.append(
                f"under '{part.title}' {len(part.errors)} cells raise an error and {len(explained)} paragraphs "
                "'**It means** … **The fix** …' explain one; there must be as many, in the same order"
            )
        if BROKEN in part.section and part.has_code and not part.said:
            found.append(f"'{part.title}' breaks something and no paragraph says '**It means** … **The fix** …'")
    return found


def link(path: Path, nb, section: str) -> str:
    """Return a Markdown link to a section of a lesson, as seen from the page."""
    title = nb.cells[0].source.splitlines()[0].removeprefix("# ")
    return f"[{title}, {section}](../notebooks/{path.name}#{anchor(section)})"


def anchor(heading: str) -> str:
    """Return the address of a heading within its notebook, as JupyterLab and nbviewer make it.

    >>> anchor("10 Broken on purpose")
    '10-Broken-on-purpose'
    """
    return quote(re.sub(r"[*`$]", "", heading).strip().replace(" ", "-"), safe="-_.,:;()'!?")


def more() -> tuple[dict[str, str], str]:
    """Return what ``MORE`` explains, error to explanation, and its further sections.

    Raises:
        ValueError: an error in it is not followed by its paragraph.
    """
    text = MORE.read_text(encoding="utf-8")
    entries, heading, sections = text.partition("\n## ")
    explained = {}
    for error, paragraph in re.findall(r"```text\n(.+?)\n```\n\n(.+?)(?:\n\n|\n?$)", entries, re.DOTALL):
        where = re.search(r" \((Lessons? [^)]+)\)$", paragraph)
        said = read_said(paragraph.removesuffix(where[0]) if where else paragraph)
        if said is None:
            raise ValueError(
                f"{MORE.name}: expected '**It means** … **The fix** …' after {error!r}, got {paragraph!r}."
            )
        explained[error] = f"It means {said.means} The fix {said.fix}" + (where[0] if where else "")
    return explained, f"{heading.lstrip()}{sections}"


def printed(nb) -> list[str]:
    """Return the errors that a lesson's code cells print as text, most often after catching them.

    >>> import nbformat
    >>> cell = nbformat.v4.new_code_cell(outputs=[nbformat.v4.new_output("stream", text="build: KeyError: 'x'\\n")])
    >>> printed(nbformat.v4.new_notebook(cells=[cell]))
    ["KeyError: 'x'"]
    """
    texts = [
        output.get("text") or output.get("data", {}).get("text/plain", "")
        for cell in nb.cells
        if cell.cell_type == "code" and not {"exercise", "check"} & set(cell.metadata.get("tags", []))
        for output in cell.outputs
        if output.output_type != "error"
    ]
    return [found for text in texts for found in re.findall(r"\b[A-Z]\w*(?:Error|Exception): .+", text)]


def is_explained(error: str, explained: Iterable[str]) -> bool:
    """Whether one of the ``explained`` errors has the words of this one: the first six that are no name or number."""
    words = _words(error)
    return any(_words(other)[: len(words)] == words[: len(_words(other))] for other in explained)


def _words(error: str) -> list[str]:
    plain = re.sub(r"'[^']*'|\"[^\"]*\"|`[^`]*`|\{.*?\}|\d+", "…", error.partition("\n")[0])
    return re.findall(r"[\w()]+|…", plain)[:7]


def page(paths: list[Path]) -> str:
    """Return the page that the given notebooks and ``MORE`` make."""
    raised: dict[str, list[str]] = {}  # by the error's name
    silent = []
    for path in paths:
        nb = notebooks.read(path)
        for part in parts(nb):
            where = link(path, nb, part.title if BROKEN in part.title else part.section)
            explained = [said for said in part.said if said.see is None]
            for error, said in zip(part.errors, explained, strict=True):
                text = f"```text\n{error}\n```\n\nIt means {said.means} The fix {said.fix} ({where})\n"
                raised.setdefault(error.split(":")[0], []).append(text)
            for said in part.said:
                if said.see is not None:
                    silent.append(f"- **You see** {said.see} It means {said.means} The fix {said.fix} ({where})\n")
    entries, sections = more()
    for error, text in entries.items():
        raised.setdefault(error.split(":")[0], []).append(f"```text\n{error}\n```\n\n{text}\n")
    blocks = [INTRODUCTION, "## Errors\n"]
    for kind in sorted(raised, key=str.lower):
        blocks += [f"### {kind}\n", *raised[kind]]
    return "\n".join([*blocks, "## Nothing is raised, and yet\n", *silent, sections])


def unexplained(paths: list[Path]) -> list[str]:
    """Return the errors that lessons print and neither a lesson nor ``MORE`` explains, in words."""
    known = [
        *more()[0],
        *(error for path in paths for part in parts(notebooks.read(path)) for error in part.errors),
    ]
    return [
        f"{path.name} prints {error[:80]!r} and nobody explains it: add it to tools/{MORE.name}"
        for path in paths
        for error in printed(notebooks.read(path))
        if not is_explained(error, known)
    ]


def main(root: Path = ROOT) -> int:
    paths = notebooks.find(root=root)
    wrong = [f"{path.name}: {fault}" for path in paths for fault in faults(notebooks.read(path))]
    wrong += unexplained(paths)
    if wrong:
        print("\n".join([f"{PAGE} is left as it was:", *wrong]), file=sys.stderr)
        return 1
    (root / PAGE).parent.mkdir(exist_ok=True)
    notebooks.write_text(root / PAGE, page(paths))
    print(f"wrote {PAGE} from {len(paths)} lessons")
    return 0


if __name__ == "__main__":
    sys.exit(main())
