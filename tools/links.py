"""Write the course's address and tag into launch links and bootstrap cells: ``python -m tools.links [owner/name]``.

The address stands in ``pyproject.toml`` (``tool.course.repository``) and the tag is ``v`` and the version there. This
tool carries both into the notebooks and the README; run again, it changes nothing.
"""

from __future__ import annotations

import re
import sys
import tomllib
from pathlib import Path
from typing import NamedTuple

from tools import notebooks
from tools.notebooks import ROOT

BOOTSTRAP = Path(__file__).with_name("bootstrap.py")
PLACEHOLDER = "OWNER/REPO"
LAUNCH = ("<!-- launch -->", "<!-- /launch -->")

_NAME = r"[A-Za-z0-9][A-Za-z0-9_.-]*"
_LAUNCH_LINE = re.compile(rf"\n*{LAUNCH[0]}.*?{LAUNCH[1]}", re.DOTALL)
_REPOSITORY_LINE = re.compile(r'^(repository = )"[^"]*"', re.MULTILINE)


class Address(NamedTuple):
    """Where the course is published, and at which tag."""

    repository: str
    tag: str


def read_address(root: Path = ROOT) -> Address:
    """Return the address and tag that ``pyproject.toml`` states."""
    project = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))
    return Address(project["tool"]["course"]["repository"], f"v{project['project']['version']}")


def bootstrap(address: Address, lesson: str) -> str:
    """Return the text of the bootstrap cell of the notebook whose name begins with ``lesson``, such as "03"."""
    text = BOOTSTRAP.read_text(encoding="utf-8").rstrip("\n")
    line = f'REPOSITORY, TAG = "{address.repository}", "{address.tag}"'
    text = re.sub(r"^REPOSITORY, TAG = .*$", line, text, flags=re.MULTILINE)
    return re.sub(r'lesson="[0-9]*"', f'lesson="{lesson}"', text)


def launch(name: str, address: Address) -> str:
    """Return the line that opens the notebook called ``name`` (with ``.ipynb``) elsewhere; none without an address.

    Plain links: a picture from the network is broken where there is none.
    """
    if address.repository == PLACEHOLDER:
        return ""
    colab, binder = _services(name, address)
    return f"{LAUNCH[0]}\nOpen this lesson in [Colab]({colab}) or [Binder]({binder}).\n{LAUNCH[1]}"


def with_launch(opening: str, name: str, address: Address) -> str:
    """Return the text of a lesson's first cell with its launch line at the end, in place of one that stood there."""
    text = _LAUNCH_LINE.sub("", opening).rstrip("\n")
    line = launch(name, address)
    return f"{text}\n\n{line}" if line else text


def badges(name: str, address: Address) -> str:
    """Return the launch buttons of the notebook called ``name`` (with ``.ipynb``) for the README, as Markdown."""
    colab, binder = _services(name, address)
    return (
        f"[![Open in Colab](https://colab.research.google.com/assets/colab-badge.svg)]({colab}) "
        f"[![Open in Binder](https://mybinder.org/badge_logo.svg)]({binder})"
    )


def _services(name: str, address: Address) -> tuple[str, str]:
    repository, tag = address
    return (
        f"https://colab.research.google.com/github/{repository}/blob/{tag}/notebooks/{name}",
        f"https://mybinder.org/v2/gh/{repository}/{tag}?labpath=notebooks%2F{name}",
    )


def relink(text: str, address: Address, former: str = PLACEHOLDER) -> str:
    """Return ``text`` with every address of the course in it, launch buttons included, set to ``address``."""
    repository, tag = address
    text = re.sub(
        rf"(colab\.research\.google\.com/github/){_NAME}/{_NAME}/blob/[^/\s)]+/",
        rf"\g<1>{repository}/blob/{tag}/",
        text,
    )
    text = re.sub(rf"(mybinder\.org/v2/gh/){_NAME}/{_NAME}/[^?\s)]+", rf"\g<1>{repository}/{tag}", text)
    return re.sub(rf"(?<![\w.])(github\.com/){re.escape(former)}(?![\w-])", rf"\g<1>{repository}", text)


def link_notebook(nb, name: str, address: Address, former: str = PLACEHOLDER):
    """Return the notebook called ``name`` with ``address`` in its opening, its text cells and its bootstrap cell."""
    nb.cells[0].source = with_launch(nb.cells[0].source, name, address)
    for cell in nb.cells:
        if "bootstrap" in cell.metadata.get("tags", []):
            cell.source = bootstrap(address, name[:2])
        elif cell.cell_type == "markdown":
            cell.source = relink(cell.source, address, former)
    return nb


def main(arguments: list[str], root: Path = ROOT) -> int:
    if len(arguments) > 1 or not all(re.fullmatch(rf"{_NAME}/{_NAME}", name) for name in arguments):
        print(f"Expected one address as owner/name, got: {' '.join(arguments)}", file=sys.stderr)
        return 2
    former = read_address(root).repository
    project = root / "pyproject.toml"
    changed = []
    if arguments:
        text = project.read_text(encoding="utf-8")
        changed += _write(project, _REPOSITORY_LINE.sub(rf'\g<1>"{arguments[0]}"', text))
    address = read_address(root)
    readme = root / "README.md"
    if readme.is_file():
        changed += _write(readme, relink(readme.read_text(encoding="utf-8"), address, former))
    for path in notebooks.find(root=root):
        changed += _write(path, notebooks.dump(link_notebook(notebooks.read(path), path.name, address, former)))
    for path in changed:
        print(f"wrote {path.relative_to(root)}")
    print(f"{address.repository} at {address.tag}: {len(changed)} files changed")
    return 0


def _write(path: Path, text: str) -> list[Path]:
    if path.read_text(encoding="utf-8") == text:
        return []
    notebooks.write_text(path, text)
    return [path]


if __name__ == "__main__":
    sys.exit(main([argument for argument in sys.argv[1:] if argument]))
