# Two commands: `make run` serves devsys with a demo organisation, `make test` runs the tests.
HOST ?= $(or $(DEVSYS_HOST),127.0.0.1)
PORT ?= $(or $(DEVSYS_PORT),8000)
PYTHON ?= python3
VENV := $(or $(DEVSYS_VENV),.venv)
BIN := $(VENV)/bin
PATHS := devsys tools tests

.PHONY: run test check fmt bench soak audit dist docs clean
.DEFAULT_GOAL := run

run:
	@$(PYTHON) tools/environment.py run && $(BIN)/devsys demo --if-empty
	@DEVSYS_HOST=$(HOST) DEVSYS_PORT=$(PORT) exec $(BIN)/devsys run

test:
	@$(PYTHON) tools/environment.py test
	@$(BIN)/pytest $(ARGS)

check:
	@$(PYTHON) tools/environment.py test
	$(BIN)/ruff check $(PATHS)
	$(BIN)/ruff format --check $(PATHS)
	$(BIN)/mypy
	$(BIN)/lint-imports --no-logo

fmt:
	@$(PYTHON) tools/environment.py test
	@$(BIN)/ruff check --fix $(PATHS); $(BIN)/ruff format $(PATHS)

bench:
	@$(PYTHON) tools/environment.py bench && $(BIN)/pytest -m bench -s --timeout 14400 $(ARGS)

soak:
	@$(PYTHON) tools/environment.py test && $(BIN)/python tools/soak.py $(ARGS)

docs:
	@$(PYTHON) tools/environment.py test && $(BIN)/python tools/settings_table.py

dist:
	@$(PYTHON) tools/environment.py test && $(BIN)/python tools/dist.py

audit:
	@$(PYTHON) tools/environment.py test && $(BIN)/pip-audit --strict --disable-pip -r requirements/test.txt && npm audit

clean:
	@$(PYTHON) tools/clean.py
