# Two commands matter: `make demo` runs the 2021 season, `make test` runs every check. Each sets up what it needs.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin

.PHONY: demo run check test crash crash-workers lint bench-fanout bench-ingest bench-reading locks clean

demo: $(VENV)/.installed
	$(BIN)/diaodu demo

run: $(VENV)/.installed
	$(BIN)/diaodu run

check: $(VENV)/.installed
	$(BIN)/diaodu check

test: lint
	$(BIN)/python -m pytest

crash: $(VENV)/.installed-dev  ## kill the service a thousand times on each database (some 20 minutes)
	$(BIN)/python -m tests.crash $(CRASH)

crash-workers: $(VENV)/.installed-dev  ## the same with three workers on one PostgreSQL, killed one by one
	$(BIN)/python -m tests.crash --workers --services 3 --kills 300 $(CRASH)

lint: $(VENV)/.installed-dev
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	$(BIN)/lint-imports

$(VENV)/bin/python:
	$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Diaodu needs Python 3.11 or newer, this is %s; try: make $(MAKECMDGOALS) PYTHON=python3.11" % sys.version.split()[0])'
	$(PYTHON) -m venv $(VENV)

$(VENV)/.installed: requirements.lock pyproject.toml | $(VENV)/bin/python
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements.lock
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --no-build-isolation --no-deps --editable .
	touch $@

$(VENV)/.installed-dev: requirements-dev.lock $(VENV)/.installed
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes --no-deps -r requirements-dev.lock
	touch $@

$(VENV)/.installed-benchmarks: requirements-benchmarks.lock $(VENV)/.installed-dev
	$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r requirements-benchmarks.lock
	touch $@

bench-fanout: $(VENV)/.installed-benchmarks  ## notices a second to 2,000 robots, and how many of 100 refusals are reported
	$(BIN)/python -m benchmarks.fanout

bench-ingest: $(VENV)/.installed-dev  ## durable replies a second through the callbacks, beside one commit a request
	$(BIN)/python -m benchmarks.ingest $(INGEST)

bench-reading: $(VENV)/.installed-benchmarks  ## replies a second and how many wrongly; FILE=other labelled replies
	$(BIN)/python -m benchmarks.reading $(FILE)

locks:  ## resolve the locks anew (needs uv); no host name is written into them
	uv pip compile --universal --generate-hashes --python-version 3.11 --no-header --no-annotate pyproject.toml --group dev -o requirements-dev.lock
	uv pip compile --universal --generate-hashes --python-version 3.11 --no-header --no-annotate pyproject.toml --group build -c requirements-dev.lock -o requirements.lock
	uv pip compile --universal --generate-hashes --python-version 3.11 --no-header --no-annotate pyproject.toml --group benchmarks -c requirements-dev.lock -o requirements-benchmarks.lock

clean:
	rm -rf $(VENV) var build *.egg-info .mypy_cache .ruff_cache .hypothesis .import_linter_cache
