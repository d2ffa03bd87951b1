# The course's commands. `make lab` opens the lessons, `make test` proves them; both build .venv when it is missing or stale.
# make test                   everything but JupyterLab over all lessons
# make test LESSON=03         a lesson: its notebook, form, exercises, cells out of order, and its labs
# make test LAB=unroll        a lab
# make check                  what needs neither a kernel nor a browser nor Keras: a minute and a half
PYTHON := .venv/bin/python
# How many tests run at a time; auto: one per core, as far as the memory holds them.
WORKERS ?= auto
TESTS = -n $(WORKERS) --dist loadfile --no-loadscope-reorder --durations=10 --durations-min=1
# Colab's versions matter for lessons, labs and what they import. Text and the repository are the same under all versions.
# Colab's older packages emit many warnings. Labs are swept on stand-in data there, and not once more in the lessons.
COLAB_TESTS := --disable-warnings -m "not once and not long and not all_lessons" notebooks helpers tests/helpers tests/labs tests/lessons/test_exercises.py tests/lessons/test_out_of_order.py
# What `make check` runs: no notebook, kernel, browser or clone, and no exercise that needs Keras.
CHECKED := tests/lessons tests/labs/test_framework.py tests/repository \
	$(patsubst %,--ignore=tests/repository/test_%.py,studies bootstrap binder benchmarks)
NOT_CHECKED := keras or kernel or browser or all_lessons or long
LESSON :=
LAB :=
CONFIRM :=
PART :=
REPO :=

# An environment whose Python has gone is stale, whatever its date.
RUNS_NOT = $(shell $(1)/bin/python -c '' 2>/dev/null || echo stale)
.PHONY: $(foreach venv,$(wildcard .venv .venv-colab .venv-jax .venv-torch),$(if $(call RUNS_NOT,$(venv)),$(venv)/.synced))

.PHONY: env lab ruff types check test test-jupyterlab test-colab test-long test-matrix notebooks index study replicate bench lock links

env: .venv/.synced

.venv/.synced: requirements.lock tools/env.sh
	@bash tools/env.sh sync

.venv-jax/.synced: benchmarks/jax.lock tools/env.sh
	@bash tools/env.sh jax

.venv-torch/.synced: tools/env.sh
	@bash tools/env.sh torch

lab: env
	JUPYTER_CONFIG_PATH="$(CURDIR)/tools/jupyter$${JUPYTER_CONFIG_PATH:+:$$JUPYTER_CONFIG_PATH}" $(PYTHON) -m jupyter lab \
		$(if $(filter 0,$(shell id -u)),--allow-root) --ServerApp.root_dir=. notebooks/00_start_here.ipynb

ruff: env
	$(PYTHON) -m ruff check . && $(PYTHON) -m ruff format --check .

types: env
	$(PYTHON) -m mypy

check: ruff types
	$(PYTHON) -m pytest $(TESTS) -m "not ($(NOT_CHECKED))" $(CHECKED)

ifneq ($(LESSON)$(LAB),)
test: env
	words=$$($(PYTHON) -m tools.select_tests $(if $(LAB),lab $(LAB),lesson $(LESSON))) && eval "$(PYTHON) -m pytest $(if $(LAB),--durations=10,$(TESTS)) $$words"
else
test: ruff
	$(PYTHON) -m pytest $(TESTS)
endif

test-jupyterlab: env
	$(PYTHON) -m pytest $(TESTS) -m all_lessons tests/browser

test-long: env
	$(PYTHON) -m pytest -n $(WORKERS) -m long -rfEsP tests/long/test_long.py tests/browser/test_all_lessons.py
	$(PYTHON) -m tests.long.long_page

test-matrix: env
	$(PYTHON) -m tests.repository.matrix

.venv-colab/.synced: tools/colab/constraints.txt tools/colab/added.txt tools/env.sh
	@bash tools/env.sh colab

test-colab: .venv-colab/.synced
	.venv-colab/bin/python -m pytest -q tests/repository/colab_versions.py
	.venv-colab/bin/python -m pytest $(TESTS) $(COLAB_TESTS)

notebooks: env
	$(PYTHON) -m tools.notebooks $(LESSON) && $(PYTHON) -m tools.minutes && $(PYTHON) -m tools.errors

index: env
	$(PYTHON) -m tools.errors

study: env
	$(PYTHON) -m studies.run $(if $(CONFIRM),--confirm) $(LESSON)

replicate: env
	$(PYTHON) -m studies.replicate $(LESSON)

bench: env .venv-jax/.synced .venv-torch/.synced
	$(PYTHON) -m benchmarks $(PART)

lock:
	@bash tools/env.sh lock

links: env
	$(PYTHON) -m tools.links $(REPO)
