SHELL := /bin/bash
UV := $(shell command -v uv 2>/dev/null || echo .tools/bin/uv)
PY := .venv/bin/python
REPORTS := .reports
# A run that hangs is interrupted, so that it ends with pytest's closing line all the same.
MINUTES := 60
# Most tests on the cluster wait; four processes, and what must not be disturbed takes its turn alone (tests/turns.py).
SIDE_BY_SIDE = -n 4
PYTEST = timeout --foreground --signal=INT --kill-after=60s $(MINUTES)m .venv/bin/pytest --durations=10 --junitxml=$(REPORTS)/$@.xml

.PHONY: help long venv lint web unit sim store engine mysql monitoring alerts gameday server chromium web-test screenshots api e2e spare chaos test cluster python3 up down clean kubeconfig
help: ## what there is
	@grep -hE '^[a-z0-9-]+:.*##' $(MAKEFILE_LIST) | sed 's/:.*## /\t/'

.tools/bin/uv:
	python3 -m venv .tools && .tools/bin/pip install -q uv

# What the tests of pages need beside it stays: a `make up` of one of the tests must not take it away from another.
venv: $(if $(findstring .tools,$(UV)),.tools/bin/uv) ## the locked Python environment
	@$(UV) sync --frozen --inexact -q

lint: venv ## style, types, architecture, generated files
	.venv/bin/ruff check . && .venv/bin/ruff format --check . && .venv/bin/mypy src tests benchmarks $(wildcard devcluster) && .venv/bin/lint-imports
	$(PY) tools/generate.py --check

# The machine's own where it is new enough, else the one that `make up` takes from PyPI.
NPM = python3 -m devcluster.binaries.node --prefix web

web: python3 ## the console's pages: types, tests, and the built files
	$(NPM) ci --no-audit --no-fund && $(NPM) run check && $(NPM) run build

unit: venv ## the pure core (seconds)
	.venv/bin/pytest tests/unit

sim: venv ## the real operator through hundreds of seeded lives in a simulated Kubernetes (a minute)
	.venv/bin/pytest tests/sim

store: venv ## backups into a real S3 server and a folder (`make up` builds the server)
	.venv/bin/pytest tests/store

engine: venv ## workers against real engines: backups, restores and moments of a replica set that is written to (minutes)
	$(PYTEST) tests/engine

mysql: venv ## MySQL's members, and the chaos tests' clients and judges of it, against real servers on loopback (minutes)
	$(PYTEST) tests/mysql

monitoring: venv ## every alert fires, stays quiet and ends, by Prometheus's and Alertmanager's own programs (a minute)
	$(PYTEST) tests/monitoring

# Alone on the cluster: they stop the operator, nodes and the store, and the relay tells their receivers meanwhile.
WITH_MONITORING = MOORAGE_MONITORING=1 python3 -m devcluster up

alerts: venv ## alerts caused for real on the cluster, up to receivers of every kind (40 minutes; brings monitoring with it, writes docs/alerts-told.md)
	@$(WITH_MONITORING)
	$(PYTEST) -rP tests/alerts --write

gameday: venv ## ten faults, and exactly the messages that a tired person wants (half an hour; writes docs/gameday.md)
	@$(WITH_MONITORING)
	$(PY) -m tests.alerts.gameday --write

server: venv ## the console's server against a private API server, under the chart's roles (two minutes; `make up` builds its programs)
	$(PYTEST) tests/server

# Built again when something of theirs changed, and by the packages of the lock.
web/node_modules/.package-lock.json: web/package-lock.json
	$(NPM) ci --no-audit --no-fund

web/dist/index.html: web/node_modules/.package-lock.json web/package.json web/index.html web/tsconfig.json web/vite.config.ts $(shell find web/src web/public -type f)
	$(NPM) run build

export CHROMIUM ?= /usr/bin/chromium
# As with Python: what `make test` needs on a bare Debian is brought, and where it cannot be it is said.
chromium:
	@test -x $(CHROMIUM) || { apt-get update -q && apt-get install -y -q chromium; } && test -x $(CHROMIUM) || { echo "there is no browser at $(CHROMIUM), and pages are tested in one: apt-get install chromium, or CHROMIUM=/where/it/is" >&2; exit 1; }

web-test: chromium web/dist/index.html ## a person's walks through the built pages in a real Chromium (minutes; `make up`'s programs)
	@$(UV) sync --frozen -q --group web
	$(PYTEST) tests/web

screenshots: chromium web/dist/index.html ## the pictures of docs/screenshots, out of the built pages (as `web-test`, and fonts-noto-cjk)
	@$(UV) sync --frozen -q --group web
	.venv/bin/pytest tests/web/screenshots.py

api: venv cluster ## what the API server itself refuses and keeps
	$(PYTEST) $(SIDE_BY_SIDE) tests/api

e2e: venv cluster ## the promises, on the running cluster
	$(PYTEST) $(SIDE_BY_SIDE) tests/e2e

# Then back to three; the fourth node's folder stays for the next time.
spare: export MOORAGE_NODES = 4
spare: venv ## what needs a free node: the cluster gets a fourth one for it
	@python3 -m devcluster up
	$(PYTEST) -rP tests/spare; code=$$?; python3 -m devcluster down; MOORAGE_NODES=3 python3 -m devcluster up; exit $$code

# Alone on the cluster: it stops nodes, the API server and DNS.
SEED = $(shell date +%s)
ENGINE = mongodb
chaos: venv cluster ## random pairs of faults on the running cluster, for as long as asked: MINUTES=60 SEED=17 ENGINE=mysql
	$(PY) -m tests.chaos --engine $(ENGINE) --pairs --minutes $(MINUTES) --seed $(SEED)

# Of tests/mysql what no test on the cluster does for every engine: all settings, an outage of all, stock tools. The rest takes ten minutes more.
MYSQL_IN_TEST = $(patsubst %,tests/mysql/test_mysql_%.py,settings failover without_moorage)

TESTS = $(addprefix tests/,unit sim monitoring store engine server web api e2e story chaos)

test: chromium cluster lint web/dist/index.html ## everything that proves the promises; brings the cluster up when none runs
	@$(UV) sync --frozen -q --group web
	$(PYTEST) -m "not long" --seeds 500 $(SIDE_BY_SIDE) $(wildcard $(TESTS)) $(MYSQL_IN_TEST)

long: chromium cluster venv web/dist/index.html ## what `make test` leaves out since it takes long: rare refusals, full stores, more looks of every page (half an hour)
	@$(UV) sync --frozen -q --group web
	$(PYTEST) -m long $(SIDE_BY_SIDE) tests/engine tests/mysql tests/web tests/e2e tests/chaos

cluster: python3
	@python3 -m devcluster status >/dev/null || python3 -m devcluster up

# A bare Debian has make (or nobody would read this) and no Python.
python3:
	@command -v python3 >/dev/null || { apt-get update -q && apt-get install -y -q python3; }

up: python3 ## a real three-node Kubernetes with Moorage in it, on this machine (Debian 12, root)
	@python3 -m devcluster up

down: ## stop everything that `make up` started; data stays
	@python3 -m devcluster down

clean: ## down, and remove the cluster's data
	@python3 -m devcluster clean

kubeconfig: ## the path of the cluster's kubeconfig
	@python3 -m devcluster kubeconfig
