"""What a study depends on, as one number: the code of a notebook that makes its results, and of its helpers."""

from __future__ import annotations

import ast
import hashlib
import io
import tokenize
from pathlib import Path

import nbformat

ROOT = Path(__file__).resolve().parent.parent
#: Helpers that define data and models; the others draw, check or report.
DEFINING = ("series", "baselines", "layers", "text")
#: Cells that no result depends on.
IDLE_TAGS = {"bootstrap", "figure", "lab", "exercise", "check"}


def fingerprint(notebook: Path, *, root: Path = ROOT) -> str:
    """SHA-256 over the code that the results of ``notebook`` depend on, in hexadecimal.

    That is: its code cells up to the last one that records a score, without comments, docstrings, blank lines and the
    cells that no result depends on; and the helpers among ``DEFINING`` that it imports, with the data they read.
    """
    cells = result_cells(notebook)
    source = "\n".join(_bare(cell) for cell in cells)
    digest = hashlib.sha256(source.encode("utf-8"))
    for name in _defining_helpers(cells):
        text = (root / "helpers" / f"{name}.py").read_text(encoding="utf-8")
        digest.update(_bare(text).encode("utf-8"))
    for path in sorted((root / "helpers" / "data").glob("*.gz")):
        reader = f"load_{path.name.split('_')[0]}"
        if reader in source:
            digest.update(path.read_bytes())
    return digest.hexdigest()


def result_cells(notebook: Path) -> list[str]:
    """Sources of the code cells up to the last that calls ``record``; none when no cell does."""
    cells = [
        cell.source
        for cell in nbformat.read(notebook, as_version=4).cells
        if cell.cell_type == "code" and not IDLE_TAGS & set(cell.metadata.get("tags", []))
    ]
    recording = [index for index, source in enumerate(cells) if "scores.record(" in source]
    return cells[: recording[-1] + 1] if recording else []


def _defining_helpers(cells: list[str]) -> list[str]:
    imported = {
        alias.name
        for cell in cells
        for node in ast.walk(ast.parse(cell))
        if isinstance(node, ast.ImportFrom) and node.module == "helpers"
        for alias in node.names
    }
    return sorted(imported & set(DEFINING))


def _bare(source: str) -> str:
    """``source`` without comments, docstrings and blank lines."""
    lines = source.splitlines()
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type == tokenize.COMMENT:
            row, column = token.start
            lines[row - 1] = lines[row - 1][:column]
    for first, last in _docstrings(ast.parse(source)):
        lines[first - 1 : last] = [""] * (last - first + 1)
    return "\n".join(line.rstrip() for line in lines if line.strip())


def _docstrings(tree: ast.Module) -> list[tuple[int, int]]:
    owners = (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
    found = []
    for node in ast.walk(tree):
        if isinstance(node, owners) and ast.get_docstring(node, clean=False) is not None:
            text = node.body[0]
            found.append((text.lineno, text.end_lineno or text.lineno))
    return found
