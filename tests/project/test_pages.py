"""Every command in a page is one that the command line takes; those that are quick are run as they stand."""

import re
import shlex
import subprocess
import sys

import pytest
import typer.main
from conftest import ROOT

from harness import commands, tasks
from harness.frameworks import FRAMEWORKS

PAGES = sorted(path for folder in (".", "docs", "questions", "notebooks")
               for path in (ROOT / folder).glob("**/*" if folder != "." else "*")
               if path.suffix in (".md", ".py") and "reference" not in path.parts)
PREFIX = r"(?:\.venv/bin/workbook|workbook|(?:\.venv/bin/)?python -m harness)"


def commands_of(path):
    """The command lines of a page: lines of code blocks, and what stands in `backticks`."""
    text = path.read_text(encoding="utf-8")
    found = re.findall(rf"(?m)^\s+(?:\$ )?({PREFIX} [^#\n]+)", text) + re.findall(rf"`({PREFIX} [^`\n]+)`", text)
    return [line.strip().removesuffix("\\").strip() for line in found]


LINES = [(str(path.relative_to(ROOT)), line) for path in PAGES for line in commands_of(path)]


def parse(line):
    """(names of the command, its arguments) as the command line understands them. Raises what it would raise."""
    words = shlex.split(re.split(r"\s[|>&]", re.sub(rf"^{PREFIX}", "", line))[0])
    command, names = typer.main.get_command(commands.app), []
    while hasattr(command, "commands") and not (words and words[0].startswith("-")):
        assert words and words[0] in command.commands, f"no command {words[:1]}"
        names.append(words.pop(0))
        command = command.commands[names[-1]]
    return names, command, words


@pytest.mark.parametrize("page, line", LINES, ids=[f"{page}: {line}" for page, line in LINES])
def test_a_page_names_commands_that_there_are(page, line, tmp_path, monkeypatch):
    names, command, words = parse(line)
    if not names:                                                   # an option of the whole
        assert words[0] in {option for parameter in command.params for option in parameter.opts} | {"--help"}
        return
    if any(word.isupper() or "..." in word for word in words):      # a pattern: TASK, F, DIR, FILE
        known = {option for parameter in command.params for option in parameter.opts}
        assert all(word in known for word in words if word.startswith("-")), line
        return
    for option in ("--data-dir",):                                  # which has to be there
        if option in words:
            monkeypatch.chdir(tmp_path)
            (tmp_path / words[words.index(option) + 1]).mkdir(parents=True)
    arguments = command.make_context(names[-1], list(words)).params
    if arguments.get("name") and names[0] != "data":
        assert arguments["name"] in tasks.names(), line
    for name in arguments.get("names") or ():
        assert name in (FRAMEWORKS if names == ["install"] else tasks.names()), line
    if arguments.get("framework"):
        assert arguments["framework"] in (*FRAMEWORKS, "all"), line


def test_there_are_some():
    assert len(LINES) > 30


# What the README has a learner do, in its order, in one folder; long trainings aside.
QUICK = ("list", "question", "start", "hint", "progress", "data list", "data show")


@pytest.mark.slow
def test_the_readmes_quick_commands_work_as_they_stand(tmp_path):
    lines = [line for page, line in LINES if page == "README.md" and " ".join(parse(line)[0]) in QUICK]
    assert len(lines) >= 5
    for line in lines:
        given = re.sub(rf"^{PREFIX}", f"{shlex.quote(sys.executable)} -m harness", line)
        done = subprocess.run(given, shell=True, cwd=tmp_path, capture_output=True, text=True, timeout=120,
                              env={"PYTHONPATH": str(ROOT), "PATH": "/usr/bin:/bin", "HOME": str(tmp_path)})
        assert done.returncode == 0, f"{line}\n{done.stderr}"
