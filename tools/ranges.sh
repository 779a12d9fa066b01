#!/bin/sh
# Do the ranges in pyproject.toml hold? Installs the wheel with the oldest or the newest versions that they allow into an environment
# of its own, away from this folder, and has `workbook check` look at all reference answers of one framework there.
#   tools/ranges.sh oldest|newest [CONSTRAINT...]       e.g.  tools/ranges.sh newest 'torch<=2.14.1'
#   PYTHON=python3.12   the Python of the environment; python3.11 by default
#   FRAMEWORK=keras     another framework (Chainer is not installed by an extra, so not this one); pytorch by default
# PyTorch takes 3 to 5 GB and several minutes. What was downloaded is removed at the end, unless UV_CACHE_DIR says where to keep it.
set -eu
case ${1:-} in
    oldest) resolution=lowest-direct ;;
    newest) resolution=highest ;;
    *) sed -n '2,7s/^# //p' "$0" >&2; exit 2 ;;
esac
shift
framework=${FRAMEWORK:-pytorch}
python=$(command -v "${PYTHON:-python3.11}") || { echo "ranges: there is no ${PYTHON:-python3.11}." >&2; exit 2; }

cd "$(dirname "$0")/.."
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
trap 'exit 130' INT TERM
export UV_CACHE_DIR="${UV_CACHE_DIR:-$place/cache}"
"$python" -m venv "$place/uv"
"$place/uv/bin/python" -m pip install --quiet "$(sed -n 's/^UV *:= *//p' Makefile)"
uv() { "$place/uv/bin/uv" "$@"; }

printf '%s\n' "$@" > "$place/constraints.txt"
uv build --quiet --wheel --python "$python" --out-dir "$place/wheel"
uv pip compile --quiet pyproject.toml --extra "$framework" --resolution "$resolution" --constraints "$place/constraints.txt" \
    --python "$python" --annotation-style line --output-file "$place/versions.txt"
uv venv --quiet --python "$python" "$place/env"
uv pip install --quiet --python "$place/env" -r "$place/versions.txt"
uv pip install --quiet --python "$place/env" --no-deps "$place"/wheel/*.whl

cd "$place"                     # so that nothing of the checkout can be imported
echo "$("$place/env/bin/python" --version), $resolution:$(sed -n 's/ *# via.*image-generation-workbook.*//p' versions.txt | sed 's/ ;.*//' | sort -u | tr '\n' ' ' | sed 's/^/ /')"
answers=$("$place/env/bin/python" -c 'import harness; print(harness.__path__[0])')/content/answers
checked=0 failed=0
for file in "$answers"/*/*_"$framework".py; do
    checked=$((checked + 1)) began=$(date +%s) code=0
    "$place/env/bin/workbook" check "$file" --work "$place/work" > "$place/said.txt" 2>&1 || code=$?
    echo "$(basename "$file"): exit code $code, $(($(date +%s) - began)) s"
    if [ "$code" != 0 ]; then failed=$((failed + 1)); cat "$place/said.txt"; fi
done
echo "$checked answers, $failed failed"
[ "$checked" != 0 ] && [ "$failed" = 0 ]
