#!/usr/bin/env bash
# Builds the course's environments. `sync` makes .venv and installs requirements.lock into it, hashes required; `jax` does
# so with .venv-jax and benchmarks/jax.lock: Keras on JAX, which only the benchmarks use. `colab` makes .venv-colab, with
# the packages of tools/colab. `lock` brings both locks in step with pyproject.toml and benchmarks/jax.in, one Keras for both,
# and writes the two environment.yml;
# `lock --upgrade` takes the newest versions.
# uv does it all: from the PATH, or else from .uv/; `uv` says which.
set -euo pipefail
cd "$(dirname "$0")/.."
# Where Python keeps no bytecode, as in many containers, TensorFlow is then imported in a third of the time.
export UV_COMPILE_BYTECODE=1 UV_COMPILE_BYTECODE_TIMEOUT=600

if [ "$(uname -s) $(uname -m)" = "Darwin x86_64" ]; then
  echo "TensorFlow is no longer made for Macs with an Intel chip: open the lessons on Colab or Binder (see README.md)." >&2
  exit 1
fi

SUPPORTED='import sys, venv; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))'
VERSION='import sys; print(sys.version_info)'

find_python() { # COURSE_PYTHON, or the newest supported one that runs: a name on the PATH may be an empty shim
  for name in ${COURSE_PYTHON:-python3.13 python3.12 python3.11 python3}; do
    if "$name" -c "$SUPPORTED" >/dev/null 2>&1; then
      "$name" -c 'import sys; print(sys.executable)'
      return
    fi
  done
  echo "No Python 3.11, 3.12 or 3.13 runs here: install one (on Debian and Ubuntu: python3 and python3-venv)." >&2
  exit 1
}

find_colab_python() { # Colab's own 3.13, or else the nearest; pyenv runs one that is not its chosen one when told to
  for version in 3.13 3.12 3.11; do
    local find="import sys, venv; print(sys.executable)"
    if "python$version" -c "$find" 2>/dev/null || PYENV_VERSION=$version "python$version" -c "$find" 2>/dev/null; then
      [ "$version" = 3.13 ] || echo "Colab has Python 3.13; the nearest here is $version." >&2
      return
    fi
  done
  find_python
}

find_uv() {
  if command -v uv >/dev/null && uv --version >/dev/null 2>&1; then
    command -v uv
    return
  fi
  if ! .uv/bin/uv --version >/dev/null 2>&1; then
    rm -rf .uv
    "$1" -m venv .uv >&2
    .uv/bin/python -m pip install --quiet --disable-pip-version-check 'uv>=0.7,<1' >&2
  fi
  echo .uv/bin/uv
}

sync() { # ENVIRONMENT LOCK PYTHON
  python=$3
  uv=$(find_uv "$python")
  if [ "$("$1/bin/python" -c "$VERSION" 2>/dev/null)" != "$("$python" -c "$VERSION")" ]; then
    "$uv" venv --quiet --clear --python "$python" "$1"
  fi
  "$uv" pip sync --require-hashes --python "$1/bin/python" "$2"
  touch "$1/.synced"
}

lock() { # REQUIREMENTS LOCK [OPTION ...]
  "$(find_uv "$(find_python)")" pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header \
    --no-emit-index-url --no-emit-find-links "$1" -o "$2" "${@:3}"
}

case "${1:-}" in
  sync)
    python=.venv/bin/python
    "$python" -c "$SUPPORTED" >/dev/null 2>&1 || python=$(find_python)
    sync .venv requirements.lock "$python"
    ;;
  jax) # under the same Python as .venv, so that the two can be compared
    sync .venv-jax benchmarks/jax.lock .venv/bin/python
    ;;
  torch) # by pip: it takes a build without CUDA where one is offered
    [ -x .venv-torch/bin/python ] || .venv/bin/python -m venv .venv-torch
    .venv-torch/bin/python -m pip install --quiet --disable-pip-version-check torch==2.13.0 numpy
    touch .venv-torch/.synced
    ;;
  colab)
    python=$(find_colab_python)
    uv=$(find_uv "$python")
    if [ "$(.venv-colab/bin/python -c "$VERSION" 2>/dev/null)" != "$("$python" -c "$VERSION")" ]; then
      "$uv" venv --quiet --clear --python "$python" .venv-colab
    fi
    "$uv" pip sync --python .venv-colab/bin/python tools/colab/constraints.txt tools/colab/added.txt
    touch .venv-colab/.synced
    ;;
  lock)
    lock pyproject.toml requirements.lock --all-extras "${@:2}"
    lock benchmarks/jax.in benchmarks/jax.lock --constraint requirements.lock "${@:2}"
    python=$(find_python)
    "$(find_uv "$python")" pip compile --quiet --universal --python-version 3.12 --no-header --no-annotate \
      --no-emit-index-url --no-emit-find-links --constraint requirements.lock pyproject.toml | "$python" -m tools.conda
    ;;
  uv)
    find_uv "$(find_python)"
    ;;
  *)
    echo "usage: tools/env.sh sync | jax | torch | colab | lock | uv" >&2
    exit 2
    ;;
esac
