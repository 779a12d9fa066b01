#!/bin/sh
# Makes the virtual environment $1 and installs requirements.txt into it; then, last, writes the stamp $2.
set -eu
venv=$1 stamp=$2

works() { "$1" -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 12))' 2>/dev/null; }

if [ -n "${PYTHON:-}" ]; then
    works "$PYTHON" || { echo "setup: PYTHON=$PYTHON is not a Python 3.11 or 3.12 that runs." >&2; exit 2; }
else
    for candidate in python3.11 python3.12 python3 python; do
        if works "$candidate"; then PYTHON=$candidate; break; fi
    done
    [ -n "${PYTHON:-}" ] || {
        echo "setup: no Python 3.11 or 3.12 found. Install one (Debian: apt-get install python3 python3-venv)," >&2
        echo "       or name it: make setup PYTHON=/path/to/python3.11" >&2
        exit 2
    }
fi

# A stamp of older requirements means a sound environment that needs an upgrade. No stamp at all means that there is
# none yet, or that a set-up was interrupted: then begin afresh, pip's cache keeps what was already downloaded.
if ls "$venv"/ready-* >/dev/null 2>&1 && works "$venv/bin/python"; then
    rm -f "$venv"/ready-*
else
    echo "setup: making $venv with $("$PYTHON" --version)"
    "$PYTHON" -m venv --clear "$venv" || {
        echo "setup: $PYTHON cannot make a virtual environment (Debian: apt-get install python3-venv)." >&2
        exit 2
    }
fi

echo "setup: installing requirements.txt into $venv (a few minutes the first time)"
constraint=$PWD/constraints-build.txt
# --no-build-isolation is not wanted: Chainer is built with its own setuptools, the environment keeps none.
PIP_CONSTRAINT=$constraint PIP_BUILD_CONSTRAINT=$constraint PIP_DISABLE_PIP_VERSION_CHECK=1 \
    "$venv/bin/python" -m pip install --quiet -r requirements.txt
# The project's folder goes onto the environment's path, so that an answer runs by itself from anywhere.
pwd > "$("$venv/bin/python" -c 'import sysconfig; print(sysconfig.get_path("purelib"))')/workbook.pth"
touch "$stamp"
echo "setup: done"
