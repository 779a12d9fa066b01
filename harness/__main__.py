"""``python -m harness``: the command ``workbook``. This file is read by any Python, also by one that cannot run the rest."""

import sys

if sys.version_info < (3, 11):
    sys.exit("error: the workbook needs Python 3.11 or later, and this is %d.%d; `make setup` finds one, or "
             "`make setup PYTHON=/path/to/python3.11`" % sys.version_info[:2])
try:
    from harness.commands import app
except ModuleNotFoundError as error:
    if (error.name or "").startswith("harness"):
        raise
    sys.exit("error: %s is not installed for %s; `make setup` makes an environment in .venv that has it, and "
             ".venv/bin/workbook runs there" % (error.name, sys.executable))

app(prog_name="python -m harness")
