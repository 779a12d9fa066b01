"""``list``: the tasks, and in which frameworks there is an answer; in a student edition, something to begin with."""

import json
from typing import Annotated

import typer

from harness import tasks
from harness.commands.console import out, show_table
from harness.commands.terminal import Root
from harness.frameworks import FRAMEWORKS
from harness.tasks import ROOT


def list_tasks(as_json: Annotated[bool, typer.Option("--json", help="Print the list as JSON.")] = False, root: Root = ROOT) -> None:
    """Show the tasks, and in which frameworks there is an answer."""
    found = tasks.load_all(tasks.names(root), "check", root)
    what, path_of = ("answers", tasks.answer_path) if (root / "answers").is_dir() else ("stubs", tasks.stub_path)
    present = {t.name: {f: path_of(t, f).is_file() for f in FRAMEWORKS} for t in found}
    if as_json:
        rows = [{"task": t.name, "title": t.title, what: present[t.name]} for t in found]
        print(json.dumps({"version": 1, "frameworks": list(FRAMEWORKS), "tasks": rows}, indent=1))
        return
    lines = []
    for t in found:
        there = [FRAMEWORKS[f] for f, is_there in present[t.name].items() if is_there]
        lines.append((t.name, t.title, f"all {len(there)}" if len(there) == len(FRAMEWORKS) else ", ".join(there) or "none"))
    show_table(("Task", "Title", what.capitalize()), lines)
    answers = sum(sum(there.values()) for there in present.values())
    out.print(f"{answers} of {len(found) * len(FRAMEWORKS)} {what} are there")
