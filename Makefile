# The course's commands. `make lab` opens the lessons, `make test` proves them; both build .venv when it is missing or stale.
PYTHON := .venv/bin/python
TESTS := -n 2 --dist loadfile --no-loadscope-reorder
# All but JupyterLab in a browser, what Binder builds, `make notebooks`, which nobody runs on Colab, and pages; its older
# packages warn of much.
COLAB_TESTS := --ignore=tests/browser --ignore=tests/repository --disable-warnings
LESSON :=
PART :=
REPO :=

# An environment whose Python has gone is stale, whatever its date.
RUNS_NOT = $(shell $(1)/bin/python -c '' 2>/dev/null || echo stale)
.PHONY: $(foreach venv,$(wildcard .venv .venv-colab .venv-jax),$(if $(call RUNS_NOT,$(venv)),$(venv)/.synced))

.PHONY: env lab test test-jupyterlab test-colab test-long test-matrix notebooks index study bench lock links

env: .venv/.synced

.venv/.synced: requirements.lock tools/env.sh
	@bash tools/env.sh sync

.venv-jax/.synced: benchmarks/jax.lock tools/env.sh
	@bash tools/env.sh jax

lab: env
	$(PYTHON) -m jupyter lab $(if $(filter 0,$(shell id -u)),--allow-root) notebooks/00_start_here.ipynb

test: env
	$(PYTHON) -m ruff check . && $(PYTHON) -m ruff format --check .
	$(PYTHON) -m pytest $(TESTS)

test-jupyterlab: env
	$(PYTHON) -m pytest -n 2 -m all_lessons -rfEsP tests/browser

test-long: test-jupyterlab
	$(PYTHON) -m pytest -n 2 -m long -rfEsP tests/long/test_long.py
	$(PYTHON) -m tests.long.long_page

test-matrix: env
	$(PYTHON) -m tests.repository.matrix

.venv-colab/.synced: tools/colab/constraints.txt tools/colab/added.txt tools/env.sh
	@bash tools/env.sh colab

test-colab: .venv-colab/.synced
	.venv-colab/bin/python -m pytest $(TESTS) $(COLAB_TESTS)
	.venv-colab/bin/python -m pytest -q tests/repository/colab_versions.py

notebooks: env
	$(PYTHON) -m tools.notebooks $(LESSON) && $(PYTHON) -m tools.minutes && $(PYTHON) -m tools.errors

index: env
	$(PYTHON) -m tools.errors

study: env
	$(PYTHON) -m studies.run $(LESSON)

bench: env .venv-jax/.synced
	$(PYTHON) -m benchmarks $(PART)

lock:
	@bash tools/env.sh lock

links: env
	$(PYTHON) -m tools.links $(REPO)
