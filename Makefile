# `make docs` and `make test` do all the set-up that they need: a virtual environment in
# .venv with pinned requirements, npm packages in node_modules, and for the tests a browser.

PYTHON ?= python3
# Flags for sidelit: make docs FLAGS="--base-url https://..."
FLAGS ?=
VENV := .venv
RUN := $(VENV)/bin/python
UV := $(VENV)/bin/uv pip install --quiet --python $(RUN) --require-hashes
# Behind everything else on the path: Node from PyPI, if it had to come from there.
export PATH := $(PATH):$(CURDIR)/$(VENV)/bin
export PYTHONPATH := $(CURDIR)/utils:$(CURDIR)

# PyTorch asks for the same large blocks again and again. To give them back in between
# takes a fifth of the time of its tests.
KEEP_MEMORY := MALLOC_MMAP_THRESHOLD_=1073741824 MALLOC_TRIM_THRESHOLD_=4294967296

# Without bytecode, each process of the tests would compile PyTorch again.
unexport PYTHONDONTWRITEBYTECODE

.PHONY: help docs serve check record test lint bench clean
.DELETE_ON_ERROR:

help: ## show this help
	@echo "make TARGET, where TARGET is one of"
	@sed -n 's/^\([a-z]*\):.*## \(.*\)/  \1\t\2/p' $(MAKEFILE_LIST) | expand -t 12

docs: $(VENV)/docs.stamp node_modules/docs.stamp ## build the site into docs/
	@$(RUN) -m sidelit build $(FLAGS)

serve: $(VENV)/docs.stamp node_modules/docs.stamp ## show the site here, and again after each change
	@$(RUN) -m sidelit serve $(FLAGS)

check: $(VENV)/docs.stamp node_modules/docs.stamp ## find what is wrong with the prose
	@$(RUN) -m sidelit check --strict

record: $(VENV)/test.stamp ## note again which shapes the tensors have
	@rm -f labml_nn/shapes.json
	@$(RUN) -m sidelit record tests/labml_nn/tour.py

test: lint check node_modules/test.stamp $(VENV)/browser.stamp ## lint, check types and prose, run all tests
	@$(KEEP_MEMORY) $(RUN) -m pytest -n auto --maxprocesses 4 --dist worksteal

lint: $(VENV)/test.stamp ## check style and types
	@$(RUN) -m ruff check --quiet
	@$(RUN) -m ruff format --check --quiet || { echo "run: $(VENV)/bin/ruff format"; exit 1; }
	@$(RUN) -m mypy

bench: $(VENV)/test.stamp node_modules/docs.stamp ## measure the generator, the recorder and the model side by side with others
	@$(RUN) utils/bench/start.py
	@$(RUN) utils/bench/build.py
	@$(RUN) utils/bench/serve.py
	@$(RUN) utils/bench/growth.py
	@$(RUN) utils/bench/record.py
	@$(RUN) utils/bench/links.py
	@$(RUN) utils/bench/lighthouse.py
	@$(RUN) utils/bench/training.py

clean: ## remove what was built and installed here
	@test ! -x $(RUN) || $(RUN) -c "from sidelit.write import write_site; write_site('docs', {})"
	rm -rf docs/.sidelit.json $(VENV) node_modules build utils/build dist utils/dist *.egg-info utils/*.egg-info .mypy_cache .pytest_cache .ruff_cache .hypothesis

$(VENV)/uv.stamp: requirements/uv.txt
	@$(PYTHON) -c "import sys; sys.exit(sys.version_info < (3, 11))" || \
		{ echo "Python 3.11 or newer is needed: make PYTHON=python3.12 ..."; exit 2; }
	@echo "Setting up a Python environment in $(VENV) ..."
	@$(PYTHON) -m venv $(VENV)
	@$(VENV)/bin/pip install --quiet --disable-pip-version-check --require-hashes -r $<
	@touch $@

$(VENV)/docs.stamp: requirements/docs.txt $(VENV)/uv.stamp
	@echo "Installing what the generator needs ..."
	@$(UV) --compile-bytecode -r $<
	@touch $@

$(VENV)/test.stamp: requirements/test.txt $(VENV)/docs.stamp
	@echo "Installing what the tests need, PyTorch among it: several gigabytes ..."
	@$(UV) -r $<
	@touch $@

# Node is used where there is one that is not too old. Otherwise PyPI has it.
$(VENV)/node.stamp: requirements/node.txt $(VENV)/uv.stamp
	@if node -e 'process.exit(parseInt(process.versions.node) < 20 ? 1 : 0)' 2>/dev/null && npm --version >/dev/null 2>&1; \
	then :; else echo "Installing Node from PyPI ..."; $(UV) -r $<; fi
	@touch $@

node_modules/docs.stamp: package-lock.json $(VENV)/node.stamp
	@echo "Installing KaTeX, Mermaid and the fonts ..."
	@npm ci --omit=dev --loglevel=error >/dev/null
	@touch $@

node_modules/test.stamp: package-lock.json $(VENV)/node.stamp
	@echo "Installing the npm packages of the site and its tests ..."
	@npm ci --loglevel=error >/dev/null
	@touch node_modules/docs.stamp $@

$(VENV)/browser.stamp: $(VENV)/test.stamp
	@$(RUN) tests/browser/chromium.py && touch $@
