# Everything a person or CI does here. `make help` lists it.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
STAMP  := $(VENV)/.ready

.PHONY: help setup
help: ## List the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 20

setup: $(STAMP) ## Make the virtual environment from the hashed lock

$(STAMP): requirements.lock pyproject.toml
	@$(PYTHON) -c 'import sys, venv, ensurepip; assert (3, 11) <= sys.version_info[:2]' 2>/dev/null || \
	  { echo "Comity needs Python 3.11 to 3.14 with venv and pip; on Debian: apt-get install python3 python3-venv"; exit 1; }
	@echo "Setting up $(VENV) (first run only) ..."
	@$(PYTHON) -m venv $(VENV)
	@$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	@$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $(STAMP)

proto: setup ## Generate gen/ from the protos, and lint them
	@$(BIN)/python protos/generate.py

lint: setup ## Style
	@$(BIN)/ruff check . && $(BIN)/ruff format --check .

types: setup ## Types, strictly
	@$(BIN)/mypy
