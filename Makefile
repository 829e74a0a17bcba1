# Every target sets up its own environment: nothing to install by hand, nothing to activate.

VENV := .venv
BIN := $(VENV)/bin
BASE := $(VENV)/.installed
DEV := $(VENV)/.installed-dev
INPUTS := pyproject.toml setup.py constraints.txt
WORKERS ?= 2
MATRIX := 3.11 3.12 3.13

export PIP_NO_INPUT := 1
export PIP_DISABLE_PIP_VERSION_CHECK := 1

PYENV := $(shell pyenv root 2>/dev/null)
ALL_PYENV := $(if $(PYENV),$(wildcard $(PYENV)/versions/3.*/bin/python3))

# $(call first_python,candidates,test): shell that prints the first candidate that runs and
# passes. A pyenv shim of a version that is not active exists and fails, so trying is the only way.
first_python = for python in $(1); do \
	if $$python -c 'import sys, venv, ensurepip; sys.exit(not ($(2)))' >/dev/null 2>&1 </dev/null; \
	then echo $$python; break; fi; done

# $(call install,folder,python,extras): shell that makes the environment if need be, and fills it.
# Extras are written [dev], and nothing is installed but the base without them.
install = { $(1)/bin/python -c 'import pip' 2>/dev/null || $(2) -m venv --clear $(1); } && \
	echo "Installing into $(1) (once)" && \
	PYTHONWARNINGS='ignore:Editable installation' $(1)/bin/python -m pip install --quiet --constraint constraints.txt --editable '.$(3)' && \
	touch $(1)/.installed

.PHONY: help setup demo test bounds lint bench test-matrix validate coverage mutation baseline randomness notebooks published facts
.DEFAULT_GOAL := help

help:  ## list what there is to make
	@awk -F ':.*## ' '/^[a-z-]+:.*## /{printf "  make %-12s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

setup: $(DEV)  ## create .venv and install everything (the other targets do this by themselves)

# The base is enough for the main job; tests need every extra.
$(BASE) $(DEV): $(INPUTS)
	@python=$$($(call first_python,python3 python3.13 python3.12 python3.11 $(ALL_PYENV),sys.version_info.minor >= 11)); \
	if [ -z "$$python" ]; then \
		echo "Huitou needs Python 3.11 or newer with venv and pip; none was found." >&2; exit 1; fi; \
	$(call install,$(VENV),$$python,$(if $(filter $(DEV),$@),[dev])) && touch $@

demo: $(BASE)  ## compare strategies in a small market
	@$(BIN)/huitou compare configs/quickstart.yaml

test: $(DEV)  ## run the tests, all but the slow ones
	@$(BIN)/python -m pytest -n $(WORKERS)

# Their own folder for compiled code: checked code is slower, and must not be used by anybody else.
BOUNDS_TESTS := tests/unit/test_bounds.py tests/unit/test_same_everywhere.py tests/behaviour tests/properties tests/reference

bounds: $(DEV)  ## run the tests of whole markets with every index checked against its table
	@NUMBA_BOUNDSCHECK=1 NUMBA_CACHE_DIR=$(CURDIR)/$(VENV)/bounds $(BIN)/python -m pytest -n $(WORKERS) $(BOUNDS_TESTS)

lint: $(DEV)  ## check style and types
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .
	@$(BIN)/mypy

bench: $(BASE)  ## time this simulator beside others
	@$(BIN)/python -m benchmarks

validate: $(DEV)  ## run the slow statistical validation
	@$(BIN)/python -m pytest -n $(WORKERS) -m slow

# Compiled code leaves no trace of its lines, so the tests of the rules run a second time as Python,
# each under its name: mutation asks which test reaches a line.
RULE_TESTS := tests/behaviour $(patsubst %,tests/unit/test_%.py,audience books calendar journeys view)

coverage: $(DEV)  ## count which lines the tests reach; 90 % at the least
	@rm -f .coverage .coverage.*
	@$(BIN)/python -m pytest -n $(WORKERS) --cov --cov-report=
	@mv .coverage .coverage-compiled
	@NUMBA_DISABLE_JIT=1 $(BIN)/python -m pytest -n $(WORKERS) -m quick $(RULE_TESTS) --cov --cov-context=test --cov-report=
	@$(BIN)/coverage combine --append .coverage-compiled
	@$(BIN)/coverage report --skip-covered --fail-under=90

mutation: $(DEV)  ## put deliberate errors into behaviour and books, after make coverage (hours)
	@NUMBA_DISABLE_JIT=1 $(BIN)/python -W ignore -m tests.mutation --out mutants.tsv --page results/published/mutation.md --workers $(WORKERS)

baseline: $(DEV)  ## recompute tests/baseline.csv, and say which headline results moved
	@$(BIN)/python -m benchmarks.baseline

randomness: $(DEV)  ## put the simulator's draws through Dieharder (100 minutes; needs dieharder)
	@$(BIN)/python -m benchmarks.randomness

notebooks: $(DEV)  ## run the notebooks and keep their outputs
	@$(BIN)/python notebooks/refresh.py

PUBLISH = $(BIN)/huitou publish --workers $(WORKERS)
STUDIES := configs/published
PAGES := results/published

published: $(DEV)  ## carry out the published studies and write their pages (about an hour)
	@$(PUBLISH) $(STUDIES)/coffee_drivers.yaml --changes $(STUDIES)/changes/coffee_drivers.md -o $(PAGES)/coffee_drivers
	@$(PUBLISH) $(STUDIES)/tournament_coffee.yaml $(STUDIES)/tournament_skincare.yaml \
		--changes $(STUDIES)/changes/tournament.md -o $(PAGES)/tournament
	@$(PUBLISH) $(STUDIES)/claims_coffee.yaml $(STUDIES)/claims_skincare.yaml \
		--changes $(STUDIES)/changes/claims.md -o $(PAGES)/claims

facts: $(DEV)  ## put the market to the facts of the field, and write the page (about ten minutes)
	@$(BIN)/python -m experiments.facts --workers $(WORKERS) --page $(PAGES)

test-matrix: $(DEV)  ## run the quick tests on every other Python found
	@set -e; ran=; missing=; \
	own=$$($(BIN)/python -c 'import sys; print("%d.%d" % sys.version_info[:2])'); \
	for version in $(MATRIX); do \
		if [ $$version = $$own ]; then continue; fi; \
		python=$$($(call first_python,python$$version $(ALL_PYENV),sys.version.startswith("'$$version'."))); \
		if [ -z "$$python" ]; then missing="$$missing $$version"; continue; fi; \
		$(MAKE) --no-print-directory $(VENV)-$$version/.installed PYTHON=$$python; \
		echo "Quick tests on Python $$version"; \
		$(VENV)-$$version/bin/python -m pytest -n $(WORKERS) -m quick; \
		ran="$$ran $$version"; \
	done; \
	echo "Quick tests ran on:$${ran:- no other Python}. Not found:$${missing:- none}."

$(VENV)-%/.installed: $(INPUTS)
	@$(call install,$(@D),$(PYTHON),[test])
