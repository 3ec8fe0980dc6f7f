# Two commands for a start: `make run` opens the workbench on the example, `make test` runs every test.
# Other systems than Linux: see "Without make" in README.md.

PYTHON ?= $(shell for p in python3 python3.13 python3.12 python3.11; do \
	"$$p" -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo "$$p" && break; done)
BIN := .venv/bin
PROJECT ?= resources/projects/part_transfer
WORKERS ?= 2
ARGS ?=

# One thread for each process: the tests run side by side, and sums come out in the same order on every machine.
ONE_THREAD := OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 MKL_NUM_THREADS=1
# An own screen, so that tests neither need a display nor flash over the user's.
SCREEN := $(shell command -v xvfb-run >/dev/null 2>&1 && \
	echo 'xvfb-run -a -s "-screen 0 1600x1000x24" env -u WAYLAND_DISPLAY QT_QPA_PLATFORM=xcb')
ON_SCREEN := $(SCREEN) env $(ONE_THREAD)

.PHONY: run test check bench bench-body screenshots setup setup-tests clean

run: setup
	@$(BIN)/python -m workbench open "$(PROJECT)" $(ARGS)

test: setup-tests
	@$(ON_SCREEN) $(BIN)/python -m pytest -n $(WORKERS) --dist loadfile $(ARGS)

check: setup-tests
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check --quiet .
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-logo

# Hours at its whole length; cut off, it goes on where it stopped. ARGS="--rows walk,tiles --n 20" for a part of it.
bench-body: setup-tests
	@$(ONE_THREAD) $(BIN)/python tests/bench/bench_body.py --processes $(WORKERS) --resume out/bench_body.jsonl \
		--markdown out/bench_body.md $(ARGS)

bench: setup-tests
	@missed=""; for bench in tests/bench/bench_*.py; do echo "== $$bench"; \
		case "$$bench" in *bench_body.py) short="--seeds 20";; *) short="";; esac; \
		$(ON_SCREEN) $(BIN)/python "$$bench" $$short $(ARGS) || missed="$$missed $$bench"; done; \
		[ -z "$$missed" ] || { echo "Goal missed:$$missed" >&2; exit 1; }

screenshots: setup-tests
	@$(ON_SCREEN) $(BIN)/python -m workbench.ui.screenshots --out docs/screenshots $(ARGS)

setup:
	@$(if $(PYTHON),,echo "Python 3.11 or newer is needed: sudo apt-get install python3 python3-venv" >&2; exit 1)
	@$(PYTHON) packaging/setup_environment.py

setup-tests:
	@$(if $(PYTHON),,echo "Python 3.11 or newer is needed: sudo apt-get install python3 python3-venv" >&2; exit 1)
	@$(PYTHON) packaging/setup_environment.py --tests

clean:
	rm -rf .venv build dist out .pytest_cache .mypy_cache .ruff_cache .hypothesis .import_linter_cache
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
