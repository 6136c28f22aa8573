# Every target has a twin for machines without make: see `kansrijke-start --help`.
SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help

PYTHON ?= python3
FRACTION ?= 0.1
SEED ?= 2024
FORMAT ?= parquet
SCENARIO ?= default

VENV := .venv
RUN := $(VENV)/bin/kansrijke-start
# Modules are compiled when they are first used: most never are. Every target starts many processes, so what was
# compiled is kept, also where the environment says otherwise.
PIP := --quiet --disable-pip-version-check --no-deps --no-compile
export DBT_SEND_ANONYMOUS_USAGE_STATS := false
export DO_NOT_TRACK := 1
unexport PYTHONDONTWRITEBYTECODE

# Every package is locked, so none asks for another: two processes take half of a lock file each.
define install
awk '/^[^ #]/ { part = 1 - part } /^[^#]/ { print > ("$(VENV)/part" part ".txt") }' $(1)
	$(VENV)/bin/python -m pip install $(PIP) --require-hashes -r $(VENV)/part0.txt & first=$$!; second=0; \
	$(VENV)/bin/python -m pip install $(PIP) --require-hashes -r $(VENV)/part1.txt || second=$$?; \
	wait $$first; exit $$second
endef

.PHONY: help setup build synthesize registers validate models publish docs test lint benchmark lock clean

help: ## list the targets
	@grep -hE '^[a-z]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /|/' | awk -F'|' '{printf "  make %-12s %s\n", $$1, $$2}'

# The stamp is written last, so that an interrupted set-up is simply done again.
$(VENV)/.ready-run: requirements.txt pyproject.toml
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info[:2] != (3, 11) and "Python 3.11 is needed: make PYTHON=/path/to/python3.11")'
	$(PYTHON) -m venv $(VENV)
# The pip of the lock file first: that of Python 3.11 takes twice as long for the rest.
	awk '/^[^ ]/ { pip = /^pip==/ } pip' requirements.txt > $(VENV)/pip.txt
	$(VENV)/bin/python -m pip install $(PIP) --require-hashes -r $(VENV)/pip.txt
	$(call install,requirements.txt)
	$(VENV)/bin/python -m pip install $(PIP) --no-build-isolation --editable .
	@touch $@

$(VENV)/.ready-dev: $(VENV)/.ready-run requirements-dev.txt
	$(call install,requirements-dev.txt)
	@touch $@

setup: $(VENV)/.ready-run ## make the environment from the lock file

build: setup ## from nothing to the publication and the docs (FRACTION=0.1 SEED=2024)
	$(RUN) build --fraction $(FRACTION) --seed $(SEED) --format $(FORMAT) --scenario $(SCENARIO)

synthesize: setup ## write a synthetic delivery to data/delivery
	$(RUN) synthesize --fraction $(FRACTION) --seed $(SEED) --format $(FORMAT) --scenario $(SCENARIO)

registers: setup ## read the delivery in data/delivery into data/registers, and validate it
	$(RUN) ingest
	$(RUN) validate

validate: setup ## check the registers with Great Expectations
	$(RUN) validate

models: setup ## dbt build: from registers to tables, with every test
	$(RUN) models

publish: setup ## write the publication, in whole or not at all
	$(RUN) publish

docs: setup ## one static docs page: target/static_index.html
	$(RUN) docs

test: $(VENV)/.ready-dev ## lint, unit tests, a tiny end-to-end build, docs and structure checks
	$(RUN) test

benchmark: $(VENV)/.ready-run ## times and memory, as medians and ratios
	$(RUN) benchmark

lock: $(VENV)/.ready-dev ## compile the lock files from pyproject.toml
	$(RUN) lock

clean: setup ## remove what was generated (not the environment)
	$(RUN) clean
