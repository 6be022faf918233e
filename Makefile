# Each target makes what it needs, from a bare clone on: python3.11, make and sh are enough.

PYTHON ?= python3.11
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip --disable-pip-version-check --quiet --quiet
CATALOGS := $(shell find src -name '*.po')
STATIC := $(shell find src/resmi/*/static -type f)
# What checks and tests read from the environment.
TRIAL := RESMI_MODE=test RESMI_SECRET_KEY=only-for-checks

.PHONY: help install install-s3 install-dev demo pictures test check check-migrations fix bench survival clean
.DELETE_ON_ERROR:

help: ## Lists the targets.
	@sed -n 's/^\([a-z0-9-]*\):.*## /\1\t/p' $(MAKEFILE_LIST) | expand -t 14

install: $(VENV)/.translations $(VENV)/.static ## Installs Resmi into .venv: the command is .venv/bin/resmi.

install-s3: install $(VENV)/.s3 ## The same, with what an S3-compatible store needs.

install-dev: $(VENV)/.dev install ## The same, with what tests and checks need.

demo: install ## Shows a citizen's phone, an agent's desk and a supervisor's floor in the browser.
	@$(BIN)/resmi demo $(ARGS)

pictures: install-dev ## Takes the pictures of docs/img anew, from a demo of its own.
	@browser=$$($(PYTHON) scripts/chromium) && export RESMI_CHROMIUM="$$browser" && \
	$(BIN)/python scripts/pictures $(ARGS)

test: install-dev ## Runs all tests. One part: make test ARGS=tests/engine
	@browser=$$($(PYTHON) scripts/chromium) && export RESMI_CHROMIUM="$$browser" && \
	$(BIN)/python -m pytest -n 2 --dist loadfile --no-loadscope-reorder $(ARGS)

check: install-dev check-migrations ## Formatting, lint, types, layers, migrations, translations.
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports
	$(BIN)/resmi translations check

check-migrations: install-dev
	@home=$$(mktemp -d) && chmod 711 "$$home" && export RESMI_HOME="$$home" && \
	trap '$(BIN)/resmi database stop >/dev/null; rm -rf "$$home"' EXIT && \
	$(TRIAL) $(BIN)/resmi manage makemigrations --check --dry-run

fix: install-dev ## Formats, and mends what can be mended by itself.
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

bench: install-dev ## Measures the way of a message; prints JSON. Another: make bench ARGS=verify
	@$(BIN)/resmi bench $(or $(ARGS),pipeline)

survival: install-dev ## Kills real processes under load and counts what was lost (nothing).
	@seed="$${RESMI_SURVIVAL_SEED:-$$(date +%s)}" && diary=$$(mktemp) && \
	trap 'rm -f "$$diary"' EXIT && echo "RESMI_SURVIVAL_SEED=$$seed" && \
	RESMI_SURVIVAL_SEED="$$seed" RESMI_SURVIVAL_DIARY="$$diary" \
	$(BIN)/python -m pytest -n 2 --dist loadfile tests/survival $(ARGS)

clean: ## Removes the virtualenv and caches; data stays.
	rm -rf $(VENV) .mypy_cache .ruff_cache .pytest_cache .hypothesis .import_linter_cache

$(VENV)/.made:
	@command -v $(PYTHON) >/dev/null || { \
	  echo "Resmi needs Python 3.11, and $(PYTHON) was not found. Install it, or name it:"; \
	  echo "  make PYTHON=/path/to/python3.11 $(MAKECMDGOALS)"; exit 1; } >&2
	@$(PYTHON) -m venv $(VENV) || { \
	  echo "$(PYTHON) can't make a virtualenv. On Debian and Ubuntu: apt install python3.11-venv"; \
	  rm -rf $(VENV); exit 1; } >&2
	@touch $@

$(VENV)/.runtime: requirements.txt pyproject.toml $(VENV)/.made
	@echo "Installing Resmi into $(VENV) (about a minute)"
	@$(PIP) install --require-hashes -r requirements.txt
	@$(PIP) install --no-deps --no-build-isolation -e .
	@touch $@

$(VENV)/.s3: requirements-s3.txt $(VENV)/.runtime
	@$(PIP) install --require-hashes -r requirements-s3.txt
	@touch $@

$(VENV)/.dev: requirements.txt requirements-dev.txt $(VENV)/.runtime
	@echo "Installing what tests and checks need"
	@$(PIP) install --require-hashes -r requirements.txt -r requirements-dev.txt
	@touch $@

$(VENV)/.translations: $(CATALOGS) $(VENV)/.runtime
	@$(BIN)/resmi translations compile >/dev/null
	@touch $@

$(VENV)/.static: $(STATIC) $(VENV)/.runtime
	@$(BIN)/resmi static >/dev/null
	@touch $@
