# Lên Tiếng. `make` or `make help` lists what there is.
SHELL := /bin/bash
.SHELLFLAGS := -euo pipefail -c
.DEFAULT_GOAL := help
.ONESHELL:
MAKEFLAGS += --no-print-directory

SYSTEM_PYTHON ?= python3
PYTHON := .venv/bin/python
BOOTSTRAP := $(SYSTEM_PYTHON) deploy/local/bootstrap.py
PYTEST := $(PYTHON) -m pytest
# A target on the command line may carry more: make unit ARGS="-k seal -x"
ARGS ?=

.PHONY: help
help:  ## this list
	@printf 'Lên Tiếng\n\n'
	grep -hE '^[a-z0-9-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/^([a-z0-9-]+):.*## */  make \1\t/' | expand -t 20
	printf '\n  LENTIENG_PORT_BASE=9000 make run   other ports (default 8000)\n'
	printf '  INTAKE=2 make run                  a second intake on +11\n'
	printf '  make unit ARGS="-k seal -x"        more words for pytest\n'

.PHONY: run
run:  ## start everything on this machine, with a sandbox; Ctrl-C stops all
	@exec $(BOOTSTRAP) run

.PHONY: test
test: lint types  ## all that CI runs: lint, types, and every ring but bench, guards and the long faults
	@$(BOOTSTRAP) tests
	$(PYTHON) -m tests.whole $(ARGS)

.PHONY: unit
unit: tools  ## pure tests, seconds, no sockets
	@$(PYTEST) tests/unit tests/contract $(ARGS)

.PHONY: integration
integration: tools  ## one module at a time against real engines
	@$(PYTEST) tests/integration $(ARGS)

.PHONY: e2e
e2e:  ## the whole local stack, from the outside and through a browser
	@$(BOOTSTRAP) tests
	$(PYTEST) tests/e2e $(ARGS)

.PHONY: faults
faults: tools  ## engines and services killed, stopped and cut off, against a ledger of what was promised
	@$(PYTEST) tests/faults -m "not long" -s $(ARGS)

.PHONY: faults-long
faults-long: tools  ## the same where it takes longer: half an hour without MongoDB, among others
	@$(PYTEST) tests/faults -m long -s $(ARGS)

.PHONY: guards
guards:  ## takes each guard of "who may know" away and sees that a test fails; ten minutes
	@$(BOOTSTRAP) tests
	$(PYTEST) tests/guards -n 2 --dist load $(ARGS)

.PHONY: bench
bench:  ## how fast, always as a ratio to a floor of the same run; some minutes (BENCH_FULL=1: more)
	@$(BOOTSTRAP) bench
	$(PYTEST) tests/bench -s $(ARGS)

.PHONY: secrets
secrets: tools  ## passwords, keys and tokens for docker compose; what is there stays as it is
	@$(PYTHON) -m deploy.docker.setup secrets

.PHONY: up
up:  ## docker compose: everything in containers, with the sandbox first (docs/deploy.md)
	@docker compose up --build --detach --wait
	printf '\nhttp://%s\n' "$$(docker compose port caddy 8080)"

.PHONY: test-docker
test-docker: tools  ## the shipped containers from the outside, then the integration ring on their engines
	@$(PYTEST) tests/docker $(ARGS)
	$(PYTHON) -m tests.docker.integration $(ARGS)

.PHONY: lint
lint: tools  ## ruff: style and mistakes
	@$(PYTHON) -m ruff check .
	$(PYTHON) -m ruff format --check .

.PHONY: types
types: tools  ## mypy, strict on shared and services
	@$(PYTHON) -m mypy

.PHONY: format
format: tools  ## ruff: put it into shape
	@$(PYTHON) -m ruff check --fix-only --quiet .
	$(PYTHON) -m ruff format .

.PHONY: lock
lock: tools  ## write the five locks again (ARGS=--upgrade for newer versions)
	@$(PYTHON) deploy/local/lock.py $(ARGS)

.PHONY: clean
clean:  ## remove the virtual environment and everything in .local: data, keys and tokens too
	@$(SYSTEM_PYTHON) deploy/local/clean.py

.PHONY: tools
tools:
	@$(BOOTSTRAP) tools
