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

up: ## a real three-node Kubernetes with Moorage in it, on this machine (Debian 12, root)
	@python3 -m devcluster up

down: ## stop everything that `make up` started; data stays
	@python3 -m devcluster down

clean: ## down, and remove the cluster's data
	@python3 -m devcluster clean

kubeconfig: ## the path of the cluster's kubeconfig
	@python3 -m devcluster kubeconfig
