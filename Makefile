# Every target sets itself up: a machine with Python 3.11+, make and git is enough.
PYTHON ?= python3
VENV   ?= .venv
BIN    := $(VENV)/bin
STAMP  := $(VENV)/.installed
WORKERS ?= 2

.DEFAULT_GOAL := help
.PHONY: help install mc_seeds test test-slow test-cifar10 test-postgresql test-documents check format bench bench-peers bench-gpu clean

help: ## what one can type here
	@grep -hE '^[a-z_-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{ printf "  make %-16s %s\n", $$1, $$2 }'

install: $(STAMP) ## create .venv and install everything, pinned by constraints.txt

$(STAMP): pyproject.toml constraints.txt
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { \
	  echo "harness needs Python 3.11 or newer; '$(PYTHON)' is $$($(PYTHON) --version 2>&1)." >&2; \
	  echo "Name another one: make PYTHON=python3.12 $(MAKECMDGOALS)" >&2; exit 2; }
	@$(BIN)/python -m pip --version >/dev/null 2>&1 || $(PYTHON) -m venv $(VENV) || { \
	  echo "'$(PYTHON) -m venv' failed; on Debian and Ubuntu install the package python3-venv." >&2; exit 2; }
	@echo "Installing into $(VENV) (about 6 GB, mostly PyTorch; a few minutes the first time) ..." >&2
	$(BIN)/python -m pip install --quiet --disable-pip-version-check -c constraints.txt -e '.[dev]'
	@touch $@

mc_seeds: $(STAMP) ## does IG-guided distillation beat the plain student? 8 arms x 20 seeds, and a report
	$(BIN)/harness study run mc_seeds

test: check ## everything CI checks: format, lint, types, import contract, tests
	$(BIN)/python -m pytest -n $(WORKERS) --dist worksteal

test-slow: $(STAMP) ## the tests that take minutes
	$(BIN)/python -m pytest -m slow

test-cifar10: $(STAMP) ## every study at the paper's scale, cut short: two steps of two seeds
	$(BIN)/python -m pytest -m cifar10

test-postgresql: $(STAMP) ## the results store on a PostgreSQL server that the tests start
	$(BIN)/python -m pytest -m postgresql

test-documents: $(STAMP) ## tables in pdfLaTeX and Chromium, which have to be there
	$(BIN)/python -m pytest -m documents

check: $(STAMP) ## format, lint, types and import contract, without the tests
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports

format: $(STAMP) ## rewrite the code in the project's format
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

bench: $(STAMP) ## speed, side by side with others where they are installed: at most 15 minutes
	$(BIN)/python -m benchmarks

bench-peers: ## packages to compare with, into an environment of their own
	$(PYTHON) -m venv .venv-peers
	.venv-peers/bin/python -m pip install --quiet --disable-pip-version-check -r benchmarks/peers.txt

bench-gpu: $(STAMP) ## correctness, then speed, on a GPU: at most eight minutes
	$(BIN)/python -m benchmarks --gpu

clean: ## remove what was installed and built, never what was measured
	rm -rf $(VENV) .venv-peers build dist *.egg-info .mypy_cache .ruff_cache .pytest_cache .import_linter_cache
