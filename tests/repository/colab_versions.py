"""`make test-colab` has Colab's versions and no others: nothing that built it, and no lesson, has moved one.

No ordinary run collects this module; that target names it.
"""

from __future__ import annotations

import sys
from importlib import metadata

import pytest
from packaging.utils import canonicalize_name

from tests.repository.test_colab import ADDED, SHIPPED

WANTED = SHIPPED | ADDED


def test_this_is_the_environment_that_mirrors_colab():
    assert sys.prefix.endswith(".venv-colab")


@pytest.mark.parametrize("name", WANTED)
def test_a_package_has_the_version_stated(name):
    assert metadata.version(name) == WANTED[name]


def test_nothing_else_is_installed():
    assert {canonicalize_name(package.name) for package in metadata.distributions()} == WANTED.keys()
