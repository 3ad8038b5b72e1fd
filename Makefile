# One list of commands for Python and web. `make help` prints it.
SHELL := /bin/bash
.DEFAULT_GOAL := help
PY := .venv/bin/python
UV := .venv/bin/uv
UV_VERSION := 0.13.8
ROUNDS ?= 200
PORTABLE ?= src/weft/runlog src/weft/sdk tests/unit/sdk tests/unit/sync tests/unit/client tests/spec tests/e2e/sync/children tests/e2e/sdk/runs/test_sdk_guide.py tests/e2e/sdk/connection/test_sdk_offline*.py
# Bytecode is kept, as where weft is installed: without it each process compiles all it imports.
unexport PYTHONDONTWRITEBYTECODE
WEB_SOURCES := $(shell find web docs -type f -not -path '*/node_modules/*' -not -path '*/dist/*' -not -name schema.gen.ts 2>/dev/null)

.PHONY: help setup system dev fmt lint types layers web-check unit test test-once test-all test-length test-kill test-fuzz test-api test-slow-pages test-load test-portable test-wheel test-property test-wandb test-uvicorn test-chdb bench bench-billion demo demo-cluster wheel release api-types reference lock screenshots doc-images framework-images clean

help: ## print this list
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | awk -F ':.*## ' '{printf "  make %-14s %s\n", $$1, $$2}'

# --- setting up: quick when nothing changed ---------------------------------------------------

.make/python: requirements.lock pyproject.toml
	@echo "setup: Python packages into .venv"
	@test -x $(PY) || python3 -m venv .venv
	@test -x $(UV) || .venv/bin/pip install -q uv==$(UV_VERSION)
	@$(UV) pip install -q --compile-bytecode --python $(PY) --require-hashes -r requirements.lock
	@$(UV) pip install -q --python $(PY) --no-build-isolation --no-deps -e .
	@mkdir -p .make && touch $@

.make/node: web/package-lock.json
	@echo "setup: npm packages into web/node_modules"
	@cd web && npm ci --no-audit --no-fund --loglevel=error
	@mkdir -p .make && touch $@

.make/oidc: tests/support/oidc/package-lock.json
	@echo "setup: npm packages of a provider of OpenID Connect, for the tests"
	@cd tests/support/oidc && npm ci --no-audit --no-fund --loglevel=error
	@mkdir -p .make && touch $@

.make/web: .make/node $(WEB_SOURCES)
	@echo "setup: building the web app"
	@cd web && npm run --silent build
	@mkdir -p .make && touch $@

setup: .make/python .make/web .make/oidc ## .venv, npm packages and the web app, as locked

system: ## Chromium, PostgreSQL, ClickHouse and ZooKeeper from Debian, for the tests
	@scripts/system_packages.sh

# --- working ----------------------------------------------------------------------------------

dev: setup ## a server on ./.demo with the web app's dev server beside it
	@$(PY) -m weft.cli.main server --data .demo/dev & cd web && npm run dev; kill %1

fmt: .make/python ## format and fix
	@.venv/bin/ruff check --fix -q . ; .venv/bin/ruff format -q .

lint: .make/python ## ruff, codespell
	@.venv/bin/ruff check . && .venv/bin/ruff format --check -q . && .venv/bin/codespell src docs tests bench scripts README.md CHANGELOG.md CONTRIBUTING.md

types: .make/python ## pyrefly, strict
	@.venv/bin/pyrefly check --summary=none

layers: .make/python ## imports only go down
	@.venv/bin/lint-imports --no-cache

web-check: .make/web ## the web app: types, lint, layers, dead code, unit tests
	@# its build has checked the types of these sources
	@cd web && npm run --silent inspect

api-types: .make/python ## write web/openapi.json and the lists that server and web app share
	@$(PY) scripts/gen_api_types.py

reference: .make/python ## write docs/reference/ from the code
	@$(PY) scripts/gen_reference.py

lock: ## compile requirements.lock anew (hashes, no addresses, wheels only)
	@$(UV) pip compile -q --universal --python-version 3.11 --only-binary :all: --generate-hashes --no-emit-index-url --no-header pyproject.toml --group dev --extra clickhouse --extra postgres -o requirements.lock
	@$(UV) pip compile -q --universal --python-version 3.11 --only-binary :all: --generate-hashes --no-emit-index-url --no-header --group release -o scripts/materials.lock

wheel: ## build the wheels of client and server into dist; needs Python with pip only
	@scripts/build_wheel.sh

release: setup ## wheels, source distribution, bill of materials and checksums of the newest commit, checked, in dist
	@$(PY) scripts/release.py

# --- testing ----------------------------------------------------------------------------------

# The checks keep the processors busy while pytest collects, and while its tests wait
test: setup system .make/wandb ## each feature once (2 kill rounds), in 8 to 17 minutes on two cores; what CI runs
	@$(MAKE) -s -j 2 test-once lint layers types web-check test-portable PORTABLE="-n 0 tests/e2e/sdk/connection/test_sdk_offline.py"

test-once: .make/python
	@scripts/in_memory.sh $(PY) -m pytest --workers 4 -q -m "not at_length"

unit: .make/python .make/node ## the quick ones: no servers, next to no other processes
	@$(PY) -m pytest --workers 2 -q -m "not at_length" tests/unit tests/spec

test-all: test test-length test-portable test-wheel test-kill test-fuzz test-property test-api test-slow-pages test-load test-long test-frameworks test-wandb test-uvicorn test-chdb ## everything, at length

test-length: setup system .make/wandb ## the tests marked `at_length`: late answers, narrow pages, the dark theme, rare cases
	@WEFT_TEST_THEMES=both $(PY) -m pytest --workers 4 -q -m at_length

test-portable: .make/python ## the client's tests with the portable ways forced (no /proc, pidfd, posix_spawn, fork)
	@WEFT_PORTABLE=1 PYTHONPATH=$(CURDIR)/tests/no_fork $(PY) -m pytest -n 3 --dist loadfile -q $(PORTABLE)

test-wheel: setup ## the wheels, with the web app built from its sources; old and new pins
	@WEFT_TEST_WHEEL=whole $(PY) -m pytest -q tests/e2e/journeys/test_wheel*.py

test-kill: setup .make/wandb ## kill -9 of client, sidecar and server: ROUNDS=200
	@WEFT_TEST_ROUNDS=$(ROUNDS) $(PY) -m pytest -q -s --timeout 7200 tests/crash tests/gateway/test_gateway_kills.py

test-fuzz: .make/python ## hostile bytes for the decoder, 60 s
	@$(PY) tests/fuzz/fuzz_runlog.py --seconds 60

test-property: .make/python .make/node ## hypothesis with many more examples, other ones each time
	@HYPOTHESIS_PROFILE=long WEFT_TEST_ROUNDS=$(ROUNDS) $(PY) -m pytest -q --timeout 3600 tests/property tests/unit tests/contract

test-api: setup ## the HTTP API asked at random, 60 questions an operation; 5,000 runs exported
	@WEFT_TEST_EXAMPLES=60 WEFT_TEST_EXPORT_RUNS=5000 $(PY) -m pytest -q --timeout 3600 tests/e2e/http/test_http_schemathesis.py tests/complaints/test_complaints_p9_export.py

test-slow-pages: setup ## the pages four times slower, with late answers: what a test does not wait for fails
	@WEFT_TEST_SLOW=4 WEFT_TEST_THEMES=both $(PY) -m pytest --workers 3 -q $$(grep -rl --include "test_*.py" "^from playwright" tests | grep -v frameworks)

test-load: setup ## 1,000 writers, one row a second each
	@$(PY) bench/many_writers.py --check

test-long: setup ## 1,000,000 rows, 2,000 runs in one process, random families of runs: ROUNDS=200
	@WEFT_TEST_ROWS=1000000 WEFT_TEST_RUNS=2000 WEFT_TEST_ROUNDS=$(ROUNDS) $(PY) -m pytest -q -s --timeout 1800 tests/e2e/sdk/recording/test_sdk_log.py tests/e2e/sdk/runs/test_sdk_rewind.py tests/e2e/sdk/recording/test_sdk_summary.py tests/e2e/sdk/connection/test_sdk_trouble.py tests/e2e/web/workspace/test_web_chart.py -k "rows or runs or famil or random"

.make/frameworks: tests/frameworks/requirements.txt requirements.lock .make/python
	@echo "setup: frameworks into .frameworks"
	@test -x .frameworks/bin/python || python3 -m venv .frameworks
	@$(UV) pip install -q --compile-bytecode --python .frameworks/bin/python --require-hashes -r requirements.lock
	@$(UV) pip install -q --python .frameworks/bin/python -r tests/frameworks/requirements.txt
	@$(UV) pip install -q --python .frameworks/bin/python --no-build-isolation --no-deps -e .
	@touch $@

# The official client of W&B, whose newest version `make test` uses: its environments, below .wandb
WANDB_VERSIONS := 0.31.0 0.30.0 0.29.0 0.28.2
WANDB_NEWEST := $(firstword $(WANDB_VERSIONS))

.make/wandb: .make/wandb-$(WANDB_NEWEST)
	@touch $@

.make/wandb-%: tests/gateway/requirements.txt .make/python
	@echo "setup: wandb $* into .wandb/$*"
	@test -x .wandb/$*/bin/python || python3 -m venv .wandb/$*
	@$(UV) pip install -q --compile-bytecode --python .wandb/$*/bin/python wandb==$* -r tests/gateway/requirements.txt
	@touch $@

test-wandb: setup $(WANDB_VERSIONS:%=.make/wandb-%) ## the official client of W&B in each version that weft serves
	@for version in $(WANDB_VERSIONS); do \
		echo "wandb $$version"; \
		WEFT_TEST_WANDB=$$version $(PY) -m pytest --workers 2 -q tests/gateway || exit 1; \
	done

# Both ends of the range in pyproject.toml, because `http/admission/protocol.py` extends uvicorn's own protocol
UVICORN_TESTS := tests/e2e/server/files/test_server_large_bodies.py tests/e2e/server/access/test_server_attacks.py tests/e2e/http/test_http_product.py
UVICORNS := $(shell sed -n 's/.*"uvicorn>=\([0-9.]*\),\(<[0-9.]*\)".*/==\1.0 \2/p' pyproject.toml)

test-uvicorn: setup ## the server's HTTP under the oldest and the newest uvicorn that weft takes
	@for version in $(UVICORNS:%="%"); do \
		echo "uvicorn$$version"; \
		rm -rf .uvicorn && $(UV) pip install -q --target .uvicorn --no-deps "uvicorn$$version" && \
		PYTHONPATH=$(CURDIR)/.uvicorn $(PY) -m pytest --workers 2 -q $(UVICORN_TESTS) || exit 1; \
	done

# Today's ClickHouse as a library, which takes the place of Debian's server. Its replicas can't copy parts.
CHDB_VERSION := 26.9.0
POINTS_TESTS := tests/contract/points
OPERATION_TESTS := tests/e2e/server/operation
CHDB_TESTS := $(addprefix $(POINTS_TESTS)/test_,clickhouse_clients.py metric_store_moved.py points_mirror.py metric_location.py work_of_dead_servers.py) \
	$(addprefix $(OPERATION_TESTS)/test_server_,points_mirror.py readiness.py doctor.py migration_points.py)
CHDB_CASES := $(addprefix $(POINTS_TESTS)/test_,metric_store.py metric_store_copied.py metric_store_presence.py metric_store_tables.py clickhouse_cluster.py) \
	tests/contract/test_migration_kills.py $(OPERATION_TESTS)/test_cluster_backup.py

.make/chdb-%: .make/python
	@echo "setup: chdb $* into .chdb"
	@rm -rf .chdb && $(UV) pip install -q --target .chdb --no-deps chdb-core==$*
	@touch $@

test-chdb: setup system .make/chdb-$(CHDB_VERSION) ## all that weft sends to ClickHouse, in today's dialect; needs 0.6 GB
	@export WEFT_TEST_CLICKHOUSE=$(basename $(CHDB_VERSION)); \
		$(PY) -m pytest --workers 2 -q -m "not at_length" $(CHDB_TESTS) && \
		$(PY) -m pytest --workers 2 -q -k "moved or definitions or in_clickhouse or OneServer" $(CHDB_CASES)

# These import a framework into the process of the tests. JAX warns at each fork, and ours are many; with
# TensorFlow in the process, PyTorch's import of Triton crashes the interpreter.
IN_PROCESS := tests/frameworks/test_frameworks_values.py tests/frameworks/test_frameworks_tensorflow.py
.PHONY: test-frameworks test-framework-scripts $(IN_PROCESS)

test-frameworks: setup .make/frameworks ## trainings with released frameworks, through weft and through wandb
	@$(MAKE) -s -j 2 test-framework-scripts $(IN_PROCESS)

test-framework-scripts: .make/frameworks
	@OMP_NUM_THREADS=1 .frameworks/bin/python -m pytest --workers 2 --timeout 1800 -q tests/frameworks $(IN_PROCESS:%=--ignore %)

$(IN_PROCESS): .make/frameworks
	@.frameworks/bin/python -m pytest -q $@

# --- measuring --------------------------------------------------------------------------------

bench: setup ## every budget, next to a peer; writes docs/benchmarks.md from .bench/results
	@$(PY) bench/run.py && $(PY) bench/table.py

bench-billion: setup ## the store at a billion points
	@$(PY) bench/series_query.py --points 1e9

# --- showing ----------------------------------------------------------------------------------

demo: setup ## train real models, see live curves; ONCE=1 checks them and ends
	@$(PY) scripts/demo.py $(if $(ONCE),--once)

demo-cluster: setup ## three servers over PostgreSQL, ClickHouse and S3, of which some are killed; ONCE=1 checks and ends
	@$(PY) scripts/demo_cluster.py $(if $(ONCE),--once)

screenshots: setup ## every page and state, in both themes and two sizes, into .screens: NAMES="run home"
	@$(PY) scripts/screenshots.py $(NAMES)

doc-images: setup ## take the pictures that documents show again, into docs/images
	@$(PY) scripts/screenshots.py --docs

framework-images: setup .make/frameworks ## run the examples of frameworks, and take the pictures of their pages: NAMES="keras jax"
	@$(PY) scripts/framework_pictures.py $(NAMES)

clean: ## remove what can be made again
	@rm -rf .make .venv .frameworks .uvicorn .chdb .wandb web/node_modules tests/support/oidc/node_modules src/weft/server/web dist .pytest_cache .ruff_cache .hypothesis .demo
