# Everything a person does here, from a bare clone. `make help` lists it.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet
UV := $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url --no-header pyproject.toml

.DEFAULT_GOAL := help
.PHONY: help install dev demo test unit soak lint format docs lock clean

help:  ## list these commands
	@awk -F ':.*## ' '/^[a-z-]+:.*## / {printf "  make %-10s %s\n", $$1, $$2}' $(MAKEFILE_LIST)

install: $(VENV)/.installed  ## set up .venv with the copydesk command, its model and its gazetteer

dev: $(VENV)/.dev  ## the same, with the tools for tests and checks

demo: install  ## run everything embedded on examples/: drop, clean, enrich, index, search
	rm -rf demo
	COPYDESK_BUCKET=demo $(BIN)/copydesk drop examples/files
	COPYDESK_BUCKET=demo $(BIN)/copydesk run --once || test $$? -eq 1  # 1: some were refused, as they must be
	COPYDESK_BUCKET=demo $(BIN)/copydesk search ferry

test: dev  ## run every test; real services come from the environment, Docker or local packages
	$(BIN)/python -m pytest

unit: dev  ## run only the tests that need no service (seconds)
	$(BIN)/python -m pytest tests/unit

soak: dev  ## break everything again and again: MINUTES=60 SEED=7 WHERE=folder (or s3)
	COPYDESK_TEST_SOAK_MINUTES=$(or $(MINUTES),60) COPYDESK_TEST_SOAK_SEED=$(SEED) \
		$(BIN)/python -m pytest -s tests/faults/test_soak.py -k "$(or $(WHERE),folder)"

lint: dev  ## ruff and mypy strict
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy

format: dev  ## let ruff rewrite what it can
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

docs: dev  ## write the pages of docs/ that come from the code
	$(BIN)/python -m services.settings > docs/settings.md
	$(BIN)/python -m services.enrich.formats.document > docs/formats.md

lock: dev  ## write requirements/*.txt anew from pyproject.toml
	$(UV) --extra enrich --extra dev --output-file requirements/dev.txt
	$(UV) --extra enrich --constraint requirements/dev.txt --output-file requirements/enrich.txt
	$(UV) --constraint requirements/dev.txt --output-file requirements/ingest.txt

clean:  ## remove .venv, caches and the demo's data
	rm -rf $(VENV) demo .mypy_cache .pytest_cache .ruff_cache .hypothesis

$(BIN)/python:
	$(PYTHON) -m venv $(VENV)

# --require-hashes and --no-deps: what is installed is what the lock says, byte for byte.
$(VENV)/.installed: requirements/enrich.txt pyproject.toml | $(BIN)/python
	$(PIP) install --require-hashes --no-deps -r requirements/enrich.txt
	$(PIP) install --no-deps --editable .
	$(BIN)/copydesk models install
	@touch $@

$(VENV)/.dev: requirements/dev.txt $(VENV)/.installed
	$(PIP) install --require-hashes --no-deps -r requirements/dev.txt
	@touch $@
