# Everything a person needs to run or work on Mingzhang. `make help` lists the targets.

PORT ?= 8000
BENCH_ARGS ?=
PYTEST_ARGS ?=
LOCK_ARGS ?=

# Handed to the demo through the environment, when given: make demo DATABASE_URL=... DATA_DIR=...
ifdef DATABASE_URL
export DATABASE_URL
endif
ifdef DATA_DIR
export DATA_DIR
endif

BIN := .venv/bin
UV_COMPILE := $(BIN)/uv pip compile --quiet --universal --python-version 3.11 --generate-hashes \
	--no-emit-index-url --no-header --no-annotate $(LOCK_ARGS)

.DEFAULT_GOAL := help
.PHONY: help demo test lint format types coverage bench lock clean setup-run setup-test

help: ## List the targets
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "  make %-9s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

demo: setup-run ## Set up and run the demo community (PORT, DATABASE_URL, DATA_DIR)
	@$(BIN)/mingzhang demo --port $(PORT)

test: setup-test lint types ## Set up and check everything: style, types, all tests (PYTEST_ARGS)
	@$(BIN)/pytest -n auto --dist loadfile $(PYTEST_ARGS)

lint: setup-test ## Check style with ruff
	@$(BIN)/ruff check .
	@$(BIN)/ruff format --check .

format: setup-test ## Rewrite the code in the house style
	@$(BIN)/ruff check --fix .
	@$(BIN)/ruff format .

types: setup-test ## Check types with mypy
	@$(BIN)/mypy

coverage: setup-test ## Run all tests and report which lines they miss
	@$(BIN)/pytest --cov --cov-report=term-missing:skip-covered $(PYTEST_ARGS)

bench: setup-test ## Run the benchmarks (BENCH_ARGS)
	@$(BIN)/python -m benchmarks $(BENCH_ARGS)

lock: setup-test ## Pin dependencies anew from pyproject.toml (LOCK_ARGS=--upgrade for newer ones)
	@$(UV_COMPILE) --group build -o requirements.lock pyproject.toml
	@$(UV_COMPILE) --group dev -c requirements.lock -o requirements-dev.lock pyproject.toml

clean: ## Remove the environment and all caches; data is kept
	@rm -rf .venv node_modules .pytest_cache .mypy_cache .ruff_cache .hypothesis build dist htmlcov .coverage*
	@find . -name __pycache__ -type d -prune -exec rm -rf {} +

setup-run:
	@.ci/setup run

setup-test:
	@.ci/setup test
