"""Make the site:  python -m website [--out out/site]"""

import argparse
import shutil
import sys
import time
from pathlib import Path

from sphinx.cmd.build import build_main

from harness.tasks import ROOT
from website import libraries, sources

MARK = ".nojekyll"      # GitHub Pages leaves out what begins with "_" without it; and it says that the folder is a site


def main(arguments: list[str]) -> int:
    """The exit code: 0; 1 if Sphinx found something wrong; 2 if something is missing."""
    parser = argparse.ArgumentParser(prog="python -m website", description="Make the site.")
    parser.add_argument("--out", type=Path, default=ROOT / "out" / "site", metavar="DIR")
    out, started = parser.parse_args(arguments).out, time.perf_counter()
    if out.exists() and any(out.iterdir()) and not (out / MARK).exists():
        print(f"{out} holds something else than a site: name another folder with --out, or empty it", file=sys.stderr)
        return 2
    try:
        libraries.require()
    except libraries.Missing as missing:
        print(missing, file=sys.stderr)
        return 2
    source = out.with_name(out.name + "-source")
    number = sources.write(source)
    shutil.rmtree(out, ignore_errors=True)
    out.mkdir(parents=True)
    (out / MARK).touch()
    failed = build_main(["-q", "-W", "--keep-going", "-b", "html", "-d", str(out.with_name(out.name + "-doctrees")),
                         "-c", str(libraries.SITE / "sphinx"), str(source), str(out)])
    sources.beside(out / "_static")
    size = sum(path.stat().st_size for path in out.rglob("*") if path.is_file())
    print(f"{out}: {number} pages, {size / 1e6:.1f} MB, {time.perf_counter() - started:.0f} s")
    return 1 if failed else 0


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
