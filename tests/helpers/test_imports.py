"""A notebook that needs no model opens without paying for TensorFlow, and one that reads no frame not for pandas."""

from __future__ import annotations

import pkgutil
import subprocess
import sys

import pytest

import helpers
from tools.notebooks import ROOT

#: By the library that is slow to load: the helpers that load it.
KERAS = {"helpers._keras_fit", "helpers.layers", "helpers.progress", "helpers.training"}
NEED = {
    "tensorflow": KERAS,
    "keras": KERAS,
    "statsmodels": set(),
    "pandas": {"helpers.labs.day", "helpers.labs.origin", "helpers.plots.days"} | KERAS,
}

SCRIPT = """
import importlib, sys
library, *names = sys.argv[1:]
for name in names:
    importlib.import_module(name)
    if library in sys.modules:
        sys.exit(f"importing {name} imports {library}")
"""


@pytest.mark.parametrize("library", NEED)
def test_importing_helpers_does_not_import(library):
    found = {module.name for module in pkgutil.walk_packages(helpers.__path__, "helpers.")}
    assert found >= NEED[library] | {"helpers.runtime"}
    names = sorted(found - NEED[library])
    done = subprocess.run([sys.executable, "-c", SCRIPT, library, *names], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
