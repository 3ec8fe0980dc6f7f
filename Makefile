# make run    sets up and opens the workbench on the example project
# make test   sets up and runs the tests
SHELL := /bin/bash
PYTHON ?= $(shell command -v python3.13 || command -v python3.12 || command -v python3.11 || command -v python3)
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/.setup-stamp
PROJECT ?= resources/projects/part_transfer
JOBS ?= 2
XVFB := xvfb-run -a -s "-screen 0 1600x1000x24 +extension GLX"
# One thread per numeric library: the work is spread over processes, and two cores gain nothing from more threads.
export OMP_NUM_THREADS := 1
export OPENBLAS_NUM_THREADS := 1

.PHONY: setup run test check bench screenshots clean

setup: $(STAMP)

$(STAMP): pyproject.toml packaging/requirements.txt packaging/setup_system.sh
	@"$(PYTHON)" -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo "Python 3.11 or newer is needed; $(PYTHON) is older"; exit 1; }
	@PYTHON="$(PYTHON)" packaging/setup_system.sh
	@test -x $(BIN)/python || "$(PYTHON)" -m venv $(VENV)
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -r packaging/requirements.txt
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $(STAMP)

run: setup
	@$(BIN)/python -m workbench open "$(PROJECT)"

test: setup
	@$(XVFB) $(BIN)/python -m pytest -n $(JOBS) --dist loadfile

check: setup
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

bench: setup
	@for file in tests/bench/bench_*.py; do echo "== $$file"; $(XVFB) $(BIN)/python $$file || exit 1; done

screenshots: setup
	@$(XVFB) $(BIN)/python -m workbench.ui.screenshots --out docs/screenshots

clean:
	rm -rf $(VENV) build dist .pytest_cache .mypy_cache .ruff_cache
