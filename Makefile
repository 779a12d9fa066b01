# make compare | test | notebooks | setup: each sets up .venv by itself first, once.
#   PYTHON=/path/to/python3.11   chooses the Python (3.11 or 3.12) that .venv is made from

VENV := .venv
RUN  := $(VENV)/bin/python

# The stamp carries the content of the requirements (and of the set-up) in its name: unchanged, set-up is skipped; changed, it is done
# again; and it is written last, so that an interrupted set-up leaves none.
STAMP := $(VENV)/ready-$(shell cat requirements.txt constraints-build.txt tools/setup.sh | cksum | cut -d ' ' -f 1)

.PHONY: compare test notebooks setup clean
compare: setup
	$(RUN) -m harness compare ae --size full --steps 200 --out out/compare

test: setup
	$(RUN) -m pytest -n auto --maxprocesses 4 --dist worksteal

notebooks: setup
	$(RUN) tools/notebooks.py

setup: $(STAMP)

$(STAMP):
	@sh tools/setup.sh $(VENV) $(STAMP)

clean:
	rm -rf out
