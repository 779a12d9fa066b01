"""``release``: what students are given."""

from pathlib import Path
from typing import Annotated, Optional

import typer
from rich.text import Text

from harness.commands.console import out
from harness.commands.terminal import Root, Several, listed
from harness.frameworks import FRAMEWORKS, named
from harness.messages import WorkbookError
from harness.tasks import ROOT
from harness.work.release import nbgrader_course, student_edition


def release(
    folder: Annotated[Path, typer.Argument(metavar="DIR", help="A new folder.")],
    tasks: Annotated[Optional[str], typer.Option("--tasks", help="Which, with commas between; all by default.")] = None,
    frameworks: Several = None,
    nbgrader: Annotated[bool, typer.Option("--nbgrader", help=(
        "A course for nbgrader instead: a source notebook for each task and framework."))] = False,
    root: Root = ROOT,
) -> None:
    """Make a student edition: questions, stubs and data, and all that a check needs; no answers."""
    chosen, known = _listed(tasks, "--tasks"), [named(name) for name in _listed(frameworks, "--frameworks")] or list(FRAMEWORKS)
    if nbgrader:
        from harness.grading.judge import POINTS  # grading imports much

        written = nbgrader_course(folder, POINTS, chosen, known, root)
        for path in written:
            out.print(Text(f"written: {path}"), soft_wrap=True)
        out.print(Text(f"These have the answers; keep them. In {folder}, `nbgrader generate_assignment {written[0].stem}` takes them out."),
                  soft_wrap=True)
        return
    stubs = student_edition(folder, chosen, known, root)
    out.print(Text(f"written: {folder}, with {len({path.parent for path in stubs})} questions and {len(stubs)} stubs; "
                   "its README.md says how students begin"), soft_wrap=True)


def _listed(text: str | None, option: str) -> list[str]:
    found = listed(text or "")
    if text is not None and not found:
        raise WorkbookError(f"{option} names nothing; leave it out for all")
    return found
