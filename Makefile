# Each target sets up what it needs. What stands behind ## is told by `make help`.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin

.DEFAULT_GOAL := demo
.PHONY: help demo pages run check test fix lint browser pictures crash crash-workers bench-fanout bench-ingest bench-pages bench-reading locks clean

help:  ## this list
	@awk -F ':.*## ' '/^[a-z-]+:.*## / { printf "make %-14s %s\n", $$1, $$2 }' $(MAKEFILE_LIST)

demo: $(VENV)/.installed  ## the season of 2021: 37 days, 654 messages, every bulletin
	$(BIN)/diaodu demo

pages: $(VENV)/.installed  ## the pages on an afternoon of the season, to click through
	$(BIN)/diaodu demo --pages

run: $(VENV)/.installed  ## serve the campaigns of .env; with none: SQLite, the sample campaign, the console
	$(BIN)/diaodu run

check: $(VENV)/.installed  ## name every fault of the settings and the campaign files
	$(BIN)/diaodu check

test: lint browser  ## every check: lint, types, the floors of the house, all tests
	$(BIN)/python -m pytest -n auto --dist loadfile --no-loadscope-reorder

browser:  ## the browser of the page tests, where this machine lets us install one; the tests say so loudly where it does not
	@command -v chromium chromium-browser google-chrome >/dev/null || { [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null \
	  && apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends chromium fonts-noto-cjk >/dev/null; } \
	  || echo "chromium could not be installed; the pages will not be tested in a browser"

pictures: $(VENV)/.installed-dev browser  ## a picture of every page into docs/pages; one that looks as before is left as it is
	$(BIN)/python -m tests.browser

crash: $(VENV)/.installed-dev  ## kill the service a thousand times on each database (some 20 minutes)
	$(BIN)/python -m tests.crash $(CRASH)

crash-workers: $(VENV)/.installed-dev  ## the same with three workers on one PostgreSQL, killed one by one
	$(BIN)/python -m tests.crash --workers --services 3 --kills 300 $(CRASH)

fix: $(VENV)/.installed-dev  ## mend what the linter can mend, and format
	$(BIN)/ruff check --fix .
	$(BIN)/ruff format .

lint: $(VENV)/.installed-dev  ## lint, format, types and the floors of the house, without the tests
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

bench-pages: $(VENV)/.installed-benchmarks  ## a page of one county out of 2,844 on one core, beside an empty page
	$(BIN)/python -m benchmarks.pages $(PAGES)

bench-reading: $(VENV)/.installed-benchmarks  ## replies a second and how many wrongly; FILE=other labelled replies
	$(BIN)/python -m benchmarks.reading $(FILE)

locks:  ## resolve the locks anew (needs uv); no host name is written into them
	uv pip compile --universal --generate-hashes --python-version 3.11 --no-header --no-annotate pyproject.toml --group dev -o requirements-dev.lock
	uv pip compile --universal --generate-hashes --python-version 3.11 --no-header --no-annotate pyproject.toml --group build -c requirements-dev.lock -o requirements.lock
	uv pip compile --universal --generate-hashes --python-version 3.11 --no-header --no-annotate pyproject.toml --group benchmarks -c requirements-dev.lock -o requirements-benchmarks.lock

clean:  ## remove what was set up, the demo and the caches
	rm -rf $(VENV) var build *.egg-info .mypy_cache .ruff_cache .hypothesis .import_linter_cache
