"""Where no ipywidgets and no IPython exist, as in a page of its own: labs are made and drawn all the same."""

from __future__ import annotations

import json
import subprocess
import sys

from tools.notebooks import ROOT

#: Refuses what a page does not have, imports every lab, and draws one on plain arrays.
SCRIPT = """
import importlib, json, pkgutil, sys

class Refuse:
    def find_spec(self, name, path=None, target=None):
        if name.split(".")[0] in ("ipywidgets", "IPython", "ipykernel", "traitlets", "tensorflow", "keras"):
            raise ImportError(f"no {name} here")

sys.meta_path.insert(0, Refuse())
from helpers import labs
names = [module.name for module in pkgutil.iter_modules(labs.__path__) if not module.ispkg]
modules = {name: importlib.import_module(f"helpers.labs.{name}") for name in names}

import numpy as np
from helpers.series import generate_time_series
lab = modules["series"].lab(generate_time_series(200, 51))
before = lab.reading
png, reading = lab.picture(noise=0.9)
assert lab.reading == before and png != lab.png
lab.set(noise=0.9)
assert (lab.png, lab.reading) == (png, reading)
try:
    lab.widget
except ImportError as error:
    refused = str(error)
print(json.dumps({"labs": names, "reading": reading, "signature": png[:4].hex(), "refused": refused}))
"""


def test_all_labs_are_imported_and_one_is_drawn_and_moved():
    done = subprocess.run([sys.executable, "-c", SCRIPT], cwd=ROOT, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert len(found["labs"]) >= 29
    assert found["reading"].startswith("Noise 0.90: naive ")
    assert found["signature"] == b"\x89PNG".hex()
    assert found["refused"] == "no ipywidgets here"  # only the widgets need it
