# `make demo` and `make test` are all a newcomer needs; each sets up its own virtual environment and is quick the second time.

VENV := .venv
BIN := $(VENV)/bin
READY := $(VENV)/.ready
PYTHON ?= $(shell for p in python3 python3.14 python3.13 python3.12 python3.11; do \
	command -v $$p >/dev/null 2>&1 && $$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' && echo $$p && break; done)
JOBS ?= 2
# pages of the terminal program that wait for no clock but the screen's own; the other tests of it watch an engine in real time
PAGES := tests/tui/test_setup.py tests/tui/bedside/test_checks.py tests/tui/records/test_pages.py
SESSIONS := $(filter-out $(PAGES),$(wildcard tests/tui/test_*.py tests/tui/bedside/test_*.py tests/tui/records/test_*.py))
REAL_TIME := tests/pty $(SESSIONS) tests/peers tests/unit/firmware_sim_testing
# compiled modules are kept, whatever the environment says: hundreds of programs are started by the tests
export PYTHONDONTWRITEBYTECODE =
MENDS = || { echo; echo ">>> $(1)"; exit 1; }

.PHONY: demo pictures journey words test check unit format lint types imports bench safety-times postgresql chromium clean

demo: $(READY)  ## a whole simulated session with a report at the end; on a terminal then one to give yourself, on the screen
	@$(BIN)/emscontrol demo
	@if [ -t 0 ] && [ -t 2 ] && [ "$${TERM:-dumb}" != dumb ]; then $(BIN)/emscontrol demo --screen; fi

pictures: $(READY)  ## the pages of the terminal program as text, taken anew: look at what has changed before it is committed
	@$(BIN)/python -m tests.tui.snapshots.retake

journey: $(READY)  ## docs/journey.md recorded anew, in a real terminal
	@$(BIN)/python -m tests.tui.bedside.record

words: $(READY)  ## the texts of the screens gathered into the catalogues of other languages
	@$(BIN)/python -m emscontrol.tui.language.extract

test: check  ## everything that CI runs

check:
	@# what has to be fetched is fetched side by side
	@$(MAKE) --no-print-directory -j2 $(READY) chromium
	@$(MAKE) --no-print-directory -j3 format lint
	@# types and layers need one core for a minute; the tests that begin beside them wait for no clock, those that do come later
	@$(MAKE) --no-print-directory -j3 types imports unit
	@echo "All checks passed."

unit: $(READY) postgresql chromium
	@# one more at once than there are cores: some wait for a database or for a program of their own
	@$(BIN)/python -m pytest -n $$(($(JOBS) + 1)) --dist worksteal -q $(REAL_TIME:%=--ignore=%) $(call MENDS,A test failed; run it alone with: $(BIN)/python -m pytest -x NODE_ID)
	@# what is measured in real time runs apart, so that heavy tests beside it do not starve it
	@$(BIN)/python -m pytest -n $$(($(JOBS) + 1)) --dist worksteal -q $(REAL_TIME) $(call MENDS,A test failed; run it alone with: $(BIN)/python -m pytest -x NODE_ID)

postgresql:  ## a PostgreSQL server for the tests of the book; each run starts its own on a private port and folder
	@ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1 || command -v initdb >/dev/null 2>&1 || { \
		test "$$(id -u)" = 0 && command -v apt-get >/dev/null 2>&1 && echo "Installing PostgreSQL from the distribution (once) ..." && \
		apt-get -qq update && apt-get -qq install -y --no-install-recommends postgresql >/dev/null; } || { \
		echo; echo ">>> NO POSTGRESQL HERE: the tests of the book run on SQLite only. Install your distribution's package postgresql."; echo; }

chromium: postgresql  ## (after that one: the distribution installs one thing at a time) a browser for the tests of reports; each run has a profile of its own and no network
	@for name in chromium chromium-browser google-chrome google-chrome-stable; do command -v $$name >/dev/null 2>&1 && exit 0; done; \
		{ test "$$(id -u)" = 0 && command -v apt-get >/dev/null 2>&1 && echo "Installing Chromium from the distribution (once) ..." && \
		apt-get -qq update && apt-get -qq install -y --no-install-recommends chromium >/dev/null; } || { \
		echo; echo ">>> NO CHROMIUM HERE: no page of a report is looked at in a browser. Install your distribution's package chromium."; echo; }

format: $(READY)
	@$(BIN)/ruff format --check --quiet . $(call MENDS,Formatting differs; mend it with: $(BIN)/ruff format .)

lint: $(READY)
	@$(BIN)/ruff check --quiet . $(call MENDS,Lint found something; much of it is mended by: $(BIN)/ruff check --fix .)

types: $(READY)
	@$(BIN)/mypy --no-error-summary $(call MENDS,Types do not fit; see them with: $(BIN)/mypy)

imports: $(READY)
	@$(BIN)/lint-imports --no-cache >/dev/null || { $(BIN)/lint-imports --no-cache; \
		echo ">>> A layer was crossed; the layers are in pyproject.toml under [tool.importlinter]"; exit 1; }

bench: $(READY)  ## measured beside its peers; never part of the tests
	@for script in bench/wire.py bench/journal.py bench/record.py bench/startup.py bench/roundtrip.py bench/stop_road.py bench/screen.py bench/bodies.py bench/simulation.py bench/campaign.py bench/book.py bench/stations.py bench/exports.py; do $(BIN)/python $$script || exit 1; done

safety-times: $(READY)  ## from a fault to zero current on the oscilloscope, over real pseudo-terminals
	@$(BIN)/python bench/safety_times.py

$(READY): pyproject.toml constraints.txt
	@test -n "$(PYTHON)" || { echo "emscontrol needs Python 3.11 or newer; none was found. Install one, or: make PYTHON=/path/to/python"; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	@echo "Setting up $(VENV) (once) ..."
	@# what is imported is compiled then, which is a tenth of what is installed
	@$(BIN)/python -m pip install --quiet --no-compile --disable-pip-version-check -c constraints.txt -e '.[dev,peers,dask,postgresql,encryption,export,lsl]'
	@touch $(READY)

clean:
	rm -rf $(VENV) .pytest_cache .mypy_cache .ruff_cache .hypothesis
