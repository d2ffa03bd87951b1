"""Which tests belong to a lesson or a lab, as pytest takes them: `make test LESSON=03`, `make test LAB=unroll`.

python -m tools.select_tests (lesson NN | lab NAME)

The words are paths, so that nothing else is collected, and an expression for ``-k`` that picks this lesson's cases out
of the files that go through all lessons or labs.
"""

from __future__ import annotations

import ast
import shlex
import sys
from pathlib import Path

from tools.notebooks import ROOT, find, read

#: Test files whose cases go through all lessons, by the stem of the notebook or the name of the exercise.
OF_ALL_LESSONS = ("test_form.py", "test_exercises.py", "test_out_of_order.py")
#: What holds for every lab; its cases are named by the lab.
OF_ALL_LABS = "tests/labs/test_contract.py"


def main(arguments: list[str] | None = None) -> int:
    """Print the words for pytest; returns 2 where there is no such lesson or lab."""
    words = sys.argv[1:] if arguments is None else arguments
    if len(words) != 2 or words[0] not in ("lesson", "lab"):
        print("usage: python -m tools.select_tests (lesson NN | lab NAME)", file=sys.stderr)
        return 2
    kind, name = words
    try:
        print(shlex.join(of_lesson(name) if kind == "lesson" else of_lab(name)))
    except (LookupError, ValueError) as fault:
        print(fault.args[0], file=sys.stderr)
        return 2
    return 0


def of_lesson(number: str, root: Path = ROOT) -> list[str]:
    """Paths and ``-k`` for a lesson: its notebook, form, exercises, cells out of order, and the tests of its labs.

    Args:
        number: two digits, such as "03".
        root: the course's folder.

    Raises:
        ValueError: there is no such lesson.
        LookupError: a lab of the lesson has no tests.
    """
    if not (number.isdigit() and len(number) == 2):
        raise ValueError(f"LESSON={number}: expected the two digits of a lesson, such as 03.")
    (notebook,) = find([number], root=root)
    labs = labs_of(notebook)
    paths = [f"notebooks/{notebook.name}", *(f"tests/lessons/{name}" for name in OF_ALL_LESSONS)]
    cases = [notebook.stem, f"ex-{number}-"]
    for lab in labs:
        paths.append(_tests_of(lab, root))
        cases += _cases_of(lab)
    return [*paths, *[OF_ALL_LABS] * bool(labs), "-k", " or ".join(cases)]


def of_lab(name: str, root: Path = ROOT) -> list[str]:
    """Paths and ``-k`` for a lab: its own test module, and what holds for every lab.

    Raises:
        LookupError: there is no such lab, or it has no tests.
    """
    known = sorted(path.stem for path in (root / "helpers" / "labs").glob("[a-z]*.py"))
    if name not in known:
        raise LookupError(f"LAB={name}: there is no such lab; there are {', '.join(known)}.")
    return [_tests_of(name, root), OF_ALL_LABS, "-m", "not long", "-k", " or ".join(_cases_of(name))]


def labs_of(notebook: Path) -> list[str]:
    """The labs that a lesson imports from ``helpers.labs``."""
    nodes = [
        node
        for cell in read(notebook).cells
        if cell.cell_type == "code" and "from helpers.labs import" in cell.source
        for node in ast.walk(ast.parse(cell.source))
    ]
    imports = [node for node in nodes if isinstance(node, ast.ImportFrom) and node.module == "helpers.labs"]
    return sorted({alias.name for node in imports for alias in node.names})


def _tests_of(lab: str, root: Path) -> str:
    path = f"tests/labs/test_{lab}.py"
    if not (root / path).exists():
        raise LookupError(f"the lab {lab} has no tests: write {path}.")
    return path


def _cases_of(lab: str) -> list[str]:
    """All tests of its own module, and the cases of other modules that begin with its name."""
    return [f"test_{lab}.py", f"[{lab}]", f"[{lab}-"]


if __name__ == "__main__":
    raise SystemExit(main())
