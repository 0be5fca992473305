# Countersign's commands. Everything runs from .venv, which is made again when the pinned packages or Python change.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
MAKEFLAGS += --no-print-directory

# Distributions build Python with all optimisations, and pyenv by itself with none: the same tests take it two fifths
# longer. So of two Pythons of one version the system's is taken.
VERSION := -c 'import ensurepip, sys; print(*sys.version_info[:2])'
PYTHON ?= $(shell found="$$(python3 $(VERSION) 2>/dev/null || true)"; \
	[ "$$found" ] && [ "$$(/usr/bin/python3 $(VERSION) 2>/dev/null)" = "$$found" ] && echo /usr/bin/python3 || echo python3)
# The quick tests wait for engines and clocks now and then, in a journey the browser and its server wait for each other,
# and tests on a whole stack wait most of their time: two stacks run side by side. A worker takes neighbours, which share
# what a file prepares; who has nothing left to do takes over from the others. What works runs beside what waits, and
# gives way to it: a stack, and the telephones that ring in it, find the machine as free as if they were alone.
PARALLEL ?= 4
BROWSERS ?= 3
STACKS ?= 2
GIVE_WAY := nice -n 10
# The types take longer than all other checks together, and no more work on two cores than on one.
TYPES ?= 2
BIN := .venv/bin
DATA := $(or $(COUNTERSIGN_DATA),.data)
CODE := backoffice workflows devstack demo tests $(wildcard benchmarks) manage.py
CHROMIUM := $(shell command -v chromium || command -v chromium-browser || command -v google-chrome)
QUICK := not stack and not browser
JOURNEYS := browser and not stack
WHOLE := stack$(if $(CHROMIUM),, and not browser)

# Where it is set, every process would compile all of our modules again, and every run of the tests all of theirs.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: help setup setup-dev demo run test test-at-work test-waiting browser check check-style check-types bench \
	requirements clean

help: ## what there is
	@grep -hE '^[a-z-]+:.*## ' Makefile | sed -E 's/:.*## /\t/' | expand -t 16

setup: ## make .venv and install the pinned packages; nothing is done when they are there
	@command -v $(PYTHON) >/dev/null || { echo 'Python is missing: install Python 3.11 or newer.' >&2; exit 1; }
	@$(PYTHON) devstack/make_venv.py requirements.txt

setup-dev:
	@command -v $(PYTHON) >/dev/null || { echo 'Python is missing: install Python 3.11 or newer.' >&2; exit 1; }
	@$(PYTHON) devstack/make_venv.py requirements-dev.txt

demo: setup ## start everything, play the story of a card, and keep serving (ONCE=1: end after the story)
	@exec $(BIN)/python manage.py demo $(if $(ONCE),--once)

run: setup ## start everything with the demonstration's people and cases, and serve until Ctrl-C
	@exec $(BIN)/python manage.py demo --no-story

test: setup-dev browser ## all tests: the quick ones, the journeys, and those of the whole stack (STORIES=1: and the demo)
	@$(MAKE) --jobs=2 --output-sync=line test-at-work test-waiting

test-at-work:
	$(GIVE_WAY) $(BIN)/python -m pytest -n $(PARALLEL) --dist worksteal -m "$(QUICK)" $(ARGS)
	$(if $(CHROMIUM),$(GIVE_WAY) $(BIN)/python -m pytest -n $(BROWSERS) --dist worksteal -m "$(JOURNEYS)" $(ARGS))

test-waiting:
	$(BIN)/python -m pytest -n $(STACKS) --dist loadgroup -m "$(WHOLE)" $(ARGS)
	$(if $(STORIES),$(MAKE) demo ONCE=1)

browser:
ifeq ($(CHROMIUM),)
	@[ -z "$${COUNTERSIGN_REQUIRE_BROWSER:-}" ] || { echo 'No Chromium: the journeys in it cannot run.' >&2; exit 1; }
	@echo 'No Chromium: the journeys in it are skipped. On Debian, apt-get install chromium' >&2
endif

check: setup-dev ## style, rooms, migrations, templates, types
	@$(MAKE) --jobs=2 --output-sync=target check-style check-types

check-style:
	$(BIN)/ruff check $(CODE)
	$(BIN)/ruff format --check $(CODE)
	$(BIN)/lint-imports
	DATABASE_URL=django.db.backends.dummy:///none $(BIN)/python manage.py makemigrations --check --dry-run
	$(BIN)/djlint --lint --quiet templates

check-types:
	$(BIN)/mypy --num-workers=$(TYPES) $(CODE)

bench: setup-dev ## measure beside three baselines (ARGS="--against REVISION": and an older version); print a table and JSON
	@exec $(BIN)/python -m benchmarks.run $(ARGS)

requirements: setup-dev ## pin the packages again from requirements.in and requirements-dev.in
	for name in requirements requirements-dev; do \
		$(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-header $(ARGS) \
			$$name.in --output-file $$name.txt; \
	done

clean: ## remove .venv and all data of the embedded stack
	@[ ! -x $(BIN)/python ] || $(BIN)/python -m devstack.forget $(DATA)
	rm -rf .venv $(DATA) .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis
