"""What a study depends on, as one number: the code of a notebook that makes its results, and of its helpers."""

from __future__ import annotations

import ast
import hashlib
import io
import tokenize
from collections.abc import Iterable
from pathlib import Path

import nbformat

ROOT = Path(__file__).resolve().parent.parent
#: Helpers that define data and models; the others draw, check or report.
DEFINING = {"series", "baselines", "arima", "layers", "text", "review_grammar", "review_templates", "language"}
#: Cells that no result depends on.
IDLE_TAGS = {"bootstrap", "figure", "lab", "exercise", "check"}


def fingerprint(notebook: Path, *, root: Path = ROOT) -> str:
    """SHA-256 over the code that the results of ``notebook`` depend on, in hexadecimal.

    That is: its code cells up to the last one that records a score, without comments, docstrings, blank lines and the
    cells that no result depends on; the helpers among ``DEFINING`` that it imports, and those that these import; and
    the data that it reads through a ``load_`` function of the file's first name.
    """
    cells = result_cells(notebook)
    source = "\n".join(bare(cell) for cell in cells)
    digest = hashlib.sha256(source.encode("utf-8"))
    for path in _defining_helpers(cells, root / "helpers"):
        digest.update(bare(path.read_text(encoding="utf-8")).encode("utf-8"))
    for path in sorted((root / "helpers" / "data").glob("*.*")):
        reader = f"load_{path.name.split('.')[0].split('_')[0]}"
        if reader in source:
            digest.update(path.read_bytes())
    return digest.hexdigest()


def result_cells(notebook: Path) -> list[str]:
    """Sources of the code cells up to the last that calls ``record``; none when no cell does."""
    return [
        cell.source
        for cell in up_to_last_record(nbformat.read(notebook, as_version=4))
        if cell.cell_type == "code" and not IDLE_TAGS & set(cell.metadata.get("tags", []))
    ]


def up_to_last_record(notebook: nbformat.NotebookNode) -> list[nbformat.NotebookNode]:
    """The cells up to the last that calls ``record``; none when no cell does."""
    recording = [
        index
        for index, cell in enumerate(notebook.cells)
        if cell.cell_type == "code"
        and not IDLE_TAGS & set(cell.metadata.get("tags", []))
        and "scores.record(" in cell.source
    ]
    return notebook.cells[: recording[-1] + 1] if recording else []


def _defining_helpers(cells: list[str], folder: Path) -> list[Path]:
    found: set[str] = set()
    new = _imported(cells) & DEFINING
    while new:
        found |= new
        new = _imported((folder / f"{name}.py").read_text(encoding="utf-8") for name in new) & DEFINING - found
    return [folder / f"{name}.py" for name in sorted(found)]


def _imported(sources: Iterable[str]) -> set[str]:
    """Names of the helpers that ``sources`` import, in whatever form."""
    names = set()
    for source in sources:
        for node in ast.walk(ast.parse(source)):
            if isinstance(node, ast.Import):
                names |= {alias.name for alias in node.names}
            elif isinstance(node, ast.ImportFrom):
                names |= {f"{node.module}.{alias.name}" for alias in node.names}
    return {name.split(".")[1] for name in names if name.startswith("helpers.")}


def bare(source: str) -> str:
    """``source`` without comments, docstrings and blank lines; what stands inside a string stays."""
    lines = source.splitlines()
    inside: set[int] = set()  # lines that end within a string
    begins = []
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        (row, column), (last, _) = token.start, token.end
        kind = tokenize.tok_name[token.type]
        if kind == "COMMENT":
            lines[row - 1] = lines[row - 1][:column]
        elif kind == "FSTRING_START":  # a whole f-string is one STRING before Python 3.12
            begins.append(row)
        elif kind in ("STRING", "FSTRING_END"):
            inside.update(range(row if kind == "STRING" else begins.pop(), last))
    for text in _docstrings(ast.parse(source)):
        _cut(lines, text)
        inside -= set(range(text.lineno, text.end_lineno))
    tidy = (line if row in inside else line.rstrip() for row, line in enumerate(lines, start=1))
    return "\n".join(line for row, line in enumerate(tidy, start=1) if row in inside or line)


def _cut(lines: list[str], text: ast.expr) -> None:
    """Blank the place of ``text`` in ``lines``, and no more."""
    before = lines[text.lineno - 1].encode("utf-8")[: text.col_offset].decode("utf-8")
    after = lines[text.end_lineno - 1].encode("utf-8")[text.end_col_offset :].decode("utf-8")
    lines[text.lineno - 1 : text.end_lineno] = [before + after] + [""] * (text.end_lineno - text.lineno)


def _docstrings(tree: ast.Module) -> list[ast.expr]:
    """The docstrings, last first, so that cutting one leaves the places of the others."""
    owners = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
    found = [
        node.body[0].value
        for node in ast.walk(tree)
        if isinstance(node, owners) and ast.get_docstring(node, clean=False) is not None
    ]
    return sorted(found, key=lambda text: (text.lineno, text.col_offset), reverse=True)
