# make up        a running cluster on lab hosts (STACK=test by default)
# make test      every check
.DEFAULT_GOAL := help
STACK ?= test
LAB ?= lab
# Debian's, which is built with optimisation: one that pyenv built as it does by default runs half again as long.
PYTHON ?= $(or $(wildcard /usr/bin/python3),python3)
# Else each engine run compiles the whole program again.
unexport PYTHONDONTWRITEBYTECODE
VENV := .venv/bin
# Tests without hosts compute, so there are as many workers as cores. Those on hosts wait as well; each module has a lab
# of its own and one worker.
WORKERS ?= -n 2 --dist load
LAB_WORKERS ?= -n 3 --dist loadfile --no-loadscope-reorder

.PHONY: help build up shell down lint unit coverage go-test integration test test-long schema requirements clean

help:              ## show the targets
	@sed -n 's/^\([a-z-]*\): .*## \(.*\)/make \1\t\2/p' Makefile | expand -t 20

build:             ## install and build everything that the lab and the checks need
	@$(PYTHON) -m lab build

up:                ## deploy STACK on lab hosts
	@$(PYTHON) -m lab --lab $(LAB) up $(STACK)

shell:             ## a shell in which pulumi and ssh reach the lab
	@$(PYTHON) -m lab --lab $(LAB) shell $(STACK)

down:              ## remove the lab's hosts and everything they created on this machine
	@$(PYTHON) -m lab --lab $(LAB) down

lint: build        ## ruff, mypy, shfmt, shellcheck, import-linter, words
	$(VENV)/ruff check .
	$(VENV)/ruff format --check .
	$(VENV)/mypy --strict .
	$(VENV)/lint-imports
	$(VENV)/python tests/lint_shell.py
	$(PYTHON) tests/lint_words.py

unit: build        ## tests that need no hosts
	$(VENV)/pytest $(WORKERS) -m "not lab" tests/unit

coverage: build    ## unit, with a gate on the coverage of what is pure
	$(VENV)/pytest $(WORKERS) -m "not lab" tests/unit --cov --cov-report=term

go-test: build     ## tests of the engine's fakes
	$(PYTHON) -m lab.engine test

integration: build ## tests on lab hosts with the real engine
	$(VENV)/pytest $(LAB_WORKERS) -m "lab and not long" tests

test: $(if $(TESTS),build,lint go-test coverage integration) ## every check; TESTS=path::name runs one
	$(if $(TESTS),$(VENV)/pytest $(TESTS))

# A part may be empty: pytest's status 5.
PARTED = tests $(if $(PART),--part=$(PART)) || [ $$? = 5 ]
test-long: build   ## what takes longer; PART=k/n takes a part
	$(VENV)/pytest -m "long and alone" $(PARTED)
	$(VENV)/pytest $(LAB_WORKERS) -m "long and not alone" $(PARTED)

schema:            ## write the JSON Schema that the stack files name
	$(VENV)/python -m components.config.schema >stacks/cluster.schema.json

requirements:      ## pin the newest versions that requirements/*.in allow
	$(VENV)/pip install -q pip-tools
	cd requirements && for f in runtime dev; do ../$(VENV)/pip-compile -q -U --generate-hashes --strip-extras --allow-unsafe --no-emit-index-url --no-emit-find-links $$f.in -o $$f.txt; done

clean: down        ## remove all that was generated
	rm -rf .venv lab/.build lab/.state
