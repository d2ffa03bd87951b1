"""Write ``environment.yml`` and Binder's copy of it from locked requirements: ``… | python -m tools.conda``.

Reads the output of ``uv pip compile --no-header --no-annotate``: one pinned package per line, with its marker. Both
files then install the versions of ``requirements.lock``, so that an image built next year is the one that was tested.
"""

from __future__ import annotations

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
FILES = ("environment.yml", "binder/environment.yml")
HEAD = """\
# What Binder and conda build: the packages of pyproject.toml in the versions of requirements.lock. Made by `make lock`.
name: sequence-course
channels:
  - conda-forge
  - nodefaults
dependencies:
  - python=3.12
  - pip
  - pip:
"""


def environment(requirements: str) -> str:
    """The text of both files for pinned requirements, one per line.

    Raises:
        ValueError: a line is no pinned requirement.

    >>> print(environment("numpy==2.4.1\\n").splitlines()[-1])
          - numpy==2.4.1
    """
    lines = [line.strip() for line in requirements.splitlines() if line.strip()]
    if loose := [line for line in lines if "==" not in line.partition(";")[0]]:
        raise ValueError(f"expected pinned requirements such as numpy==2.4.1, got {loose[0]!r}.")
    return HEAD + "".join(f"      - {line}\n" for line in lines)


def main() -> int:
    text = environment(sys.stdin.read())
    for name in FILES:
        (ROOT / name).write_text(text, encoding="utf-8", newline="\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
