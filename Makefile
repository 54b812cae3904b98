# 一卡通 Yikatong. `make` alone lists what can be asked for.
SHELL := /bin/bash
.DEFAULT_GOAL := help
python := .venv/bin/python
MAKEFLAGS += --no-print-directory

# A file of tests stays with one worker, whose mongod, browser and window serve all its files. ARGS=-n0
# runs in one process, for a debugger.
workers := -n $(or $(JOBS),3) --dist loadfile --no-loadscope-reorder

# Half of a program's start is reading its sources, unless what came of it is kept beside them.
unexport PYTHONDONTWRITEBYTECODE

# The programs' locks take their versions from dev.txt; the others are environments of their own.
compile := PATH="$$PWD/.data/tools/bin:$$PATH" uv pip compile pyproject.toml --quiet --universal \
  --python-version 3.11 --generate-hashes --no-header --no-annotate $(if $(UPGRADE),--upgrade)

.PHONY: help
help: ## list the commands
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-10s %s\n", $$1, $$2 }' Makefile

.PHONY: setup setup-test
setup: ## make this machine ready (packages, environment); run and test do it themselves
	@bash infra/setup.sh run

setup-test:
	@bash infra/setup.sh test

.PHONY: run
run: setup ## start everything and perform one visit; ONCE=1 ends after it
	@exec $(python) -m infra.demo $(if $(filter-out 0,$(ONCE)),--once)

.PHONY: phone
phone: setup ## open a relative's phone while `make run` is up; WHO=grandmother or WHO=daughter
	@exec $(python) -m infra.demo.phone $(or $(WHO),daughter)

.PHONY: test
test: setup-test ## the whole suite on real parts; ARGS="tests/shared -x" narrows it
	@exec $(python) -m pytest $(workers) $(ARGS)

.PHONY: soak
soak: setup-test ## kills, races and fuzzing at length; ARGS="tests/backend -k kill" narrows it
	@YIKATONG_SOAK=1 exec $(python) -m pytest -m soak $(ARGS)

.PHONY: bench
bench: setup-test ## measure against baselines of the same run; ARGS names benchmarks
	@exec $(python) -m tests.bench $(ARGS)

.PHONY: features
features: setup-test ## one line an acceptance check: id, pass|fail|none, tests, name
	@exec $(python) -m tests.support.features

.PHONY: gallery
gallery: setup ## draw every screen of the app into build/gallery
	$(python) -m mobile --gallery build/gallery

.PHONY: pictures
pictures: setup-test ## take README's pictures from a real visit again
	@exec $(python) -m infra.demo.pictures

.PHONY: lint
lint: setup ## style, types, import rules, generated files, scripts and images
	$(python) -m ruff check .
	$(python) -m ruff format --check .
	$(python) -m mypy
	.venv/bin/lint-imports --config pyproject.toml
	$(python) -m tests.vectors.make --check
	$(python) -m backend schema --check
	.venv/bin/shellcheck .ci/run infra/*.sh infra/reader/*
	.venv/bin/hadolint infra/docker/*.Dockerfile
	.venv/bin/check-jsonschema --builtin-schema vendor.compose-spec infra/compose.yaml
	.venv/bin/compose-lint check --no-pager --fail-on medium infra/compose.yaml

.PHONY: format
format: setup ## rewrite the sources in the one style
	$(python) -m ruff check --fix .
	$(python) -m ruff format .

.PHONY: vectors schema
vectors: setup ## write tests/vectors again
	$(python) -m tests.vectors.make

schema: setup ## write the committed GraphQL schema again
	$(python) -m backend schema

.PHONY: locks
locks: setup ## compile every lock again; UPGRADE=1 takes newer packages
	$(compile) --group dev -o infra/locks/dev.txt
	for group in backend reader mobile; do \
	  $(compile) --group $$group -c infra/locks/dev.txt -o infra/locks/$$group.txt || exit; \
	done
	for group in build uv android; do \
	  $(compile) --group $$group -o infra/locks/$$group.txt || exit; \
	done

.PHONY: clean
clean: ## remove what was made, except keys and data
	rm -rf .venv build .mypy_cache .ruff_cache .pytest_cache .import_linter_cache .hypothesis .coverage
	find . -name __pycache__ -type d -not -path './.git/*' -prune -exec rm -rf {} +
