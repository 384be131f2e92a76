# From a fresh clone, Python and make are enough. `make help` lists the targets.
.DELETE_ON_ERROR:
.SUFFIXES:
MAKEFLAGS += --no-print-directory
# Where an image forbids it, each of a node's processes would compile all of Laurel's modules anew.
unexport PYTHONDONTWRITEBYTECODE

PYTHON =
ARGS =
VENV := .venv
PY := $(VENV)/bin/python

LOCKED := $(VENV)/.locked
INSTALLED := $(VENV)/.installed
WARM := $(VENV)/.warm
# Long tests that start nodes share one worker; on four cores two more compute beside it.
LONG_WORKERS := $(shell [ "$$(getconf _NPROCESSORS_ONLN)" -ge 4 ] && echo 3 || echo 2)
CONSOLE := src/laurel/static/index.html

CONSOLE_SOURCES := $(shell find console -name node_modules -prune -o -type f -print 2>/dev/null)
COMPILED_SOURCES := $(shell grep -rls --include="*.py" "^@compiled" src/laurel/physics src/laurel/instruments)
# Eight workers are plenty, and each starts servers of its own.
WORKERS := -n auto --maxprocesses 8 --dist loadgroup

.PHONY: help demo test test-long check lint types imports console-types format attacks bench bench-tracker example screenshots \
	border new-instrument reference lock clean

help: ## this list
	@sed -n 's/^\([a-z-]*\):.*## /\1\t/p' Makefile | expand -t 18

demo: $(INSTALLED) $(CONSOLE) $(WARM) ## three nodes play a published flight test (HEADLESS=1: no screens, exits)
	@$(VENV)/bin/laurel demo $(if $(HEADLESS),--headless) $(ARGS)

test: $(INSTALLED) $(CONSOLE) $(WARM) ## every test that takes seconds (ARGS="-k lane")
	@$(PY) -m pytest -m "not long" $(WORKERS) $(ARGS)

test-long: $(INSTALLED) $(CONSOLE) $(WARM) ## the tests that take minutes
	@$(PY) -m pytest -m long --timeout 1800 -n $(LONG_WORKERS) --dist loadgroup $(ARGS)

border: $(INSTALLED) ## the border's own tests; fails unless they go through every branch of it
	@$(PY) -m coverage run -m pytest -q -p no:xdist -m "not long" tests/border
	@$(PY) -m coverage report

attacks: border $(CONSOLE) $(WARM) ## everything hostile we know of, counted by kind
	@$(PY) -m pytest -m attack --timeout 1800 $(ARGS)

check: lint types imports console-types ## style, types and layers

lint: $(LOCKED)
	@echo "ruff"
	@$(PY) -m ruff check --quiet .
	@$(PY) -m ruff format --check --quiet .

types: $(INSTALLED)
	@echo "pyright"
	@$(PY) -m pyright

imports: $(INSTALLED)
	@echo "import-linter"
	@$(VENV)/bin/lint-imports --no-logo

console-types: $(LOCKED)
	@echo "svelte-check"
	@$(PY) hatch_build.py check

format: $(LOCKED) ## mend what ruff can mend
	@$(PY) -m ruff check --fix --quiet . || true
	@$(PY) -m ruff format .

BENCHES := $(basename $(notdir $(wildcard benchmarks/*.py)))
# What is measured of the tracker: against Stone Soup and the bound, at scale, impacts, published flights.
OF_THE_TRACKER := $(filter peer tracker impact published missile_tests,$(BENCHES))

bench: $(INSTALLED) $(CONSOLE) $(WARM) ## every figure, and docs/benchmarks.md from it; fails if a target is missed
	@sh scripts/bench.sh $(PY) $(BENCHES)

bench-tracker: $(INSTALLED) $(WARM) ## those of the tracker alone: Stone Soup, the bound, scale, impacts (minutes)
	@sh scripts/bench.sh $(PY) $(OF_THE_TRACKER)

example: $(INSTALLED) $(WARM) ## a raid tracked, and one engaged in play, without a node; their pictures are in build
	@$(PY) examples/track_a_raid.py --out build/track_a_raid.png
	@$(PY) examples/stop_a_raid.py --out build/stop_a_raid.png

screenshots: $(INSTALLED) $(CONSOLE) $(WARM) ## the pictures in docs/screens
	@$(PY) scripts/screenshots.py $(ARGS)

new-instrument: $(INSTALLED) ## a new instrument's folder: make new-instrument NAME=x
	@$(PY) scripts/new_instrument.py "$(NAME)"

reference: $(INSTALLED) ## the terminal's verbs, docs/records.md and the console's types, after an instrument has changed
	@$(PY) scripts/write_commands.py
	@$(PY) scripts/write_records.py
	@$(PY) scripts/write_api.py

lock: ## locks/ from pyproject.toml, keeping the pins that still fit (ARGS=--upgrade renews them)
	@sh scripts/lock.sh $(ARGS)

clean: ## everything the targets above made
	@rm -rf $(VENV) build dist src/laurel/static console/node_modules test-results \
		.pytest_cache .ruff_cache .import_linter_cache .hypothesis
	@find src tests scripts benchmarks examples -name __pycache__ -prune -exec rm -rf {} + 2>/dev/null || true

$(LOCKED): locks/build.txt locks/dev.txt scripts/make_venv.sh
	@sh scripts/make_venv.sh $(PYTHON)
	@touch $@

$(INSTALLED): $(LOCKED) pyproject.toml hatch_build.py
	@$(PY) -m pip install -qq --disable-pip-version-check --no-build-isolation --no-deps --editable .
	@touch $@

$(CONSOLE): hatch_build.py $(CONSOLE_SOURCES) | $(LOCKED)
	@echo "Building the console"
	@$(PY) hatch_build.py
	@touch $@

$(WARM): $(COMPILED_SOURCES) | $(INSTALLED)
	@$(VENV)/bin/laurel warm
	@touch $@
