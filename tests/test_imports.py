"""A notebook that needs no model opens without paying for TensorFlow."""

from __future__ import annotations

import pkgutil
import subprocess
import sys

import helpers
from tools.notebooks import ROOT

NEED_TENSORFLOW = {"helpers.layers", "helpers.training"}

SCRIPT = """
import importlib, sys
for name in sys.argv[1:]:
    importlib.import_module(name)
    loaded = {"tensorflow", "keras", "statsmodels"} & set(sys.modules)
    if loaded:
        sys.exit(f"importing {name} imports {', '.join(sorted(loaded))}")
"""


def modules():
    found = pkgutil.walk_packages(helpers.__path__, "helpers.")
    return sorted({module.name for module in found} - NEED_TENSORFLOW)


def test_importing_helpers_does_not_import_tensorflow():
    assert "helpers.runtime" in modules()
    done = subprocess.run([sys.executable, "-c", SCRIPT, *modules()], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
