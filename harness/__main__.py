"""``python -m harness``: the command ``workbook``. This file is read by any Python, also by one that cannot run the rest."""

import sys


def refuse(why):        # annotated, older Pythons could not read it
    sys.stderr.write("error: %s\n" % why)
    sys.exit(2)


if sys.version_info < (3, 11):
    refuse("the workbook needs Python 3.11 or later, but this is Python %d.%d; `make setup` looks for a newer one, and `make setup "
           "PYTHON=/path/to/python3.11` uses the one that you name" % sys.version_info[:2])
try:
    from harness.commands import app
except ModuleNotFoundError as error:
    if (error.name or "").startswith("harness"):
        raise
    refuse("%s is not installed for %s; `make setup` makes an environment in .venv where it is installed. Then use the command "
           ".venv/bin/workbook" % (error.name, sys.executable))

app(prog_name="python -m harness")
