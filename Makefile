SHELL := /bin/bash
UV := $(shell command -v uv 2>/dev/null || echo .tools/bin/uv)
PY := .venv/bin/python

.PHONY: help venv up down clean kubeconfig test unit lint
help: ## what there is
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## /\t/'

.tools/bin/uv:
	python3 -m venv .tools && .tools/bin/pip install -q uv

venv: $(if $(findstring .tools,$(UV)),.tools/bin/uv) ## the locked Python environment
	@$(UV) sync --frozen -q

lint: venv ## style, types, architecture
	.venv/bin/ruff check . && .venv/bin/ruff format --check . && .venv/bin/mypy src tests $(wildcard devcluster) && .venv/bin/lint-imports

unit: venv ## the pure core (seconds)
	.venv/bin/pytest tests/unit

test: lint unit ## everything that proves the promises
