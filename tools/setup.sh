#!/bin/sh
# Makes the virtual environment $1, installs requirements.txt into it, or what the frameworks $3... need of it ("all" is all), and the
# project itself; then, last, writes the stamp $2.
set -eu
venv=$1 stamp=$2
shift 2

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

# Whether the frameworks that the environment has are all wanted: pip adds what lacks, and takes nothing away.
keeps() {
    [ "$*" = all ] && return
    for had in $(cat "$venv/frameworks" 2>/dev/null || echo all); do
        case " $* " in *" $had "*) ;; *) return 1 ;; esac
    done
}

# A stamp of older requirements means a sound environment that needs an upgrade. No stamp at all means that there is
# none yet, or that a set-up was interrupted: then begin afresh, pip's cache keeps what was already downloaded.
if ls "$venv"/ready-* >/dev/null 2>&1 && works "$venv/bin/python" && keeps "$@"; then
    rm -f "$venv"/ready-*
else
    echo "setup: making $venv with $("$PYTHON" --version)"
    "$PYTHON" -m venv --clear "$venv" || {
        echo "setup: $PYTHON cannot make a virtual environment (Debian: apt-get install python3-venv)." >&2
        exit 2
    }
fi
echo "$*" > "$venv/frameworks"

# Chainer is built with a setuptools of its own, old enough. pip splits these variables at white space: a URI has none.
PIP_CONSTRAINT=$("$venv/bin/python" -c 'import pathlib; print(pathlib.Path("constraints-build.txt").resolve().as_uri())')
export PIP_CONSTRAINT PIP_BUILD_CONSTRAINT="$PIP_CONSTRAINT" PIP_DISABLE_PIP_VERSION_CHECK=1

if [ "$*" = all ]; then
    echo "setup: installing requirements.txt into $venv (a few minutes the first time)"
    "$venv/bin/python" -m pip install --quiet -r requirements.txt
else
    echo "setup: installing what requirements.txt has for $* into $venv (a few minutes the first time)"
    # The extras of pyproject.toml say what; requirements.txt says in which version, of what these need in turn too.
    "$venv/bin/python" - "$@" > "$venv/chosen.txt" <<'PYTHON'
import re
import sys
import tomllib

with open("pyproject.toml", "rb") as file:
    project = tomllib.load(file)["project"]
extras = project["optional-dependencies"]


def canonical(line):
    return re.sub(r"[-_.]+", "-", re.match(r"[\w.-]*", line)[0]).lower()


def names(lines):
    for line in lines:
        if canonical(line) != project["name"]:
            yield canonical(line)
        else:
            for extra in re.search(r"\[(.*?)\]", line)[1].split(","):
                yield from names(extras[extra.strip()])


frameworks = sys.argv[1:]
others = [extra for extra in extras if extra not in ("all", "pytorch", "tensorflow", "keras", "chainer", "evaluate")]
wanted = {"hatchling", *names(project["dependencies"])}       # hatchling builds the project itself
for extra in frameworks + others + ["evaluate"] * ("pytorch" in frameworks):
    wanted.update(names(extras[extra]))
if "chainer" in frameworks:
    wanted.add("chainer")               # no extra has it, since it needs the build constraint
if "tensorflow" in wanted:
    wanted.add("tensorflow-cpu")        # which of the two, their lines say
with open("requirements.txt") as file:
    sys.stdout.writelines(line for line in file if canonical(line) in wanted)
PYTHON
    "$venv/bin/python" -m pip install --quiet -c requirements.txt -r "$venv/chosen.txt"
fi

# The project itself, as it lies here: `workbook`, and an answer runs by itself from anywhere.
"$venv/bin/python" -m pip install --quiet --no-deps --no-build-isolation -e .
touch "$stamp"
echo "setup: done"
