"""Every command in a page is one that the command line takes; those that are quick are run as they stand."""

import importlib
import re
import shlex
import shutil
import subprocess
import sys
import time

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
    found = re.findall(rf"(?m)^\s*(?:\$ )?({PREFIX} [^#\n]+)", text) + re.findall(rf"`({PREFIX} [^`\n]+)`", text)
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


README = (ROOT / "README.md").read_text(encoding="utf-8")
BLOCKS = re.findall(r"(?ms)^```sh\n(.*?)^```$", README)
COMMANDS = [command for block in BLOCKS for line in block.splitlines() if (command := line.partition("#")[0].strip())]

# What is not run as it stands, and why
REASONS = {
    "make compare": "sets up and trains for minutes: its recipe is asked of make, its command is run below with other options",
    "make test": "runs this test: its recipe is asked of make",
    ". .venv/bin/activate": "the test has `workbook` on its PATH in another way",
    "workbook watch": "waits until it is interrupted; tests/commands does that",
}
ENDS = {"workbook check": 3, "workbook solution --diff": 2}     # of an answer with nothing written; all others end with 0


@pytest.mark.rare(2)
@pytest.mark.slow
def test_the_readmes_commands_work_as_they_stand(tmp_path):
    """One after the other in an empty folder that has the answers, in a minute."""
    tools, folder = tmp_path / "bin", tmp_path / "copy"
    tools.mkdir()
    shutil.copytree(ROOT / "answers", folder / "answers")
    workbook = tools / "workbook"
    workbook.write_text(f'#!/bin/sh\nexec {shlex.quote(sys.executable)} -m harness "$@"\n', encoding="utf-8")
    workbook.chmod(0o755)
    environment = {"PYTHONPATH": str(ROOT), "PATH": f"{tools}:/usr/bin:/bin", "HOME": str(tmp_path), "OMP_NUM_THREADS": "1"}
    until = time.monotonic() + 280       # a hang; it takes half a minute
    for command in COMMANDS:
        if command not in REASONS:
            done = subprocess.run(command, shell=True, cwd=folder, capture_output=True, text=True, env=environment,
                                  stdin=subprocess.DEVNULL, timeout=until - time.monotonic())
            assert done.returncode == ENDS.get(command, 0), f"{command}\n{done.stdout[-2000:]}\n{done.stderr[-2000:]}"
            assert "Traceback" not in done.stderr, command


def test_the_readmes_other_commands_are_there():
    """What is marked is still in the README; and make knows its targets, without making them."""
    assert len(BLOCKS) >= 5 and set(REASONS) | set(ENDS) <= set(COMMANDS)
    for command in (c for c in COMMANDS if c.startswith("make ")):
        done = subprocess.run(["make", "-n", *command.split()[1:]], cwd=ROOT, capture_output=True, text=True, timeout=60)
        assert done.returncode == 0 and "-m " in done.stdout, f"{command}\n{done.stderr}"


def anchors(page):
    """What links can point to in a page: its headings, as GitHub writes them."""
    headings = re.findall(r"(?m)^#+ (.*)$", page.read_text(encoding="utf-8"))
    return {re.sub(r"[^\w -]", "", heading).strip().lower().replace(" ", "-") for heading in headings}


def test_links_of_the_pages_lead_somewhere():
    for page in (ROOT / "README.md", ROOT / "questions" / "README.md", *(ROOT / "docs").glob("*.md")):
        text = page.read_text(encoding="utf-8")
        for link, anchor in re.findall(r"\]\(([^)#]*)#?([^)]*)\)", text) + [(link, "") for link in re.findall(r'src="([^"]+)"', text)]:
            to = page.parent / link if link else page
            assert "://" in link or to.exists(), f"{page.relative_to(ROOT)}: {link}"
            assert "://" in link or not anchor or anchor in anchors(to), f"{page.relative_to(ROOT)}: {link}#{anchor}"


@pytest.mark.parametrize("page", sorted((ROOT / "docs").glob("*.md")), ids=lambda page: page.name)
def test_a_page_says_first_for_whom_it_is(page):
    title, empty, first = page.read_text(encoding="utf-8").splitlines()[:3]
    assert title.startswith("# ") and not empty and first.startswith("This page is for ") and ":" in first


def test_every_picture_of_the_docs_is_shown():
    shown = "".join(page.read_text(encoding="utf-8") for page in PAGES if page.suffix == ".md")
    pictures = [path.relative_to(ROOT / "docs").as_posix() for path in (ROOT / "docs" / "images").rglob("*.*")]
    missing = [picture for picture in pictures if picture not in shown]
    assert missing == []


def test_the_readmes_tables_have_their_markers():
    """tools/readme.py finds where its tables go."""
    for page, names in {"docs/agreement.md": ("agreement", "precision", "tasks"), "questions/README.md": ("pictures",)}.items():
        text = (ROOT / page).read_text(encoding="utf-8")
        for name in names:
            assert text.count(f"<!-- begin {name} -->\n") == text.count(f"\n<!-- end {name} -->") == 1, (page, name)


def test_the_path_has_every_question():
    """In its three tables, in the order of the questions' numbers."""
    text = (ROOT / "questions" / "README.md").read_text(encoding="utf-8")
    found = re.findall(r"(?m)^\| (\d+) \| \[(.*?)\]\((\w+)/README\.md\) \(\[ja\]\((\w+)/README\.ja\.md\)\)", text)
    assert found == [(str(i), tasks.load(name).title, name, name) for i, name in enumerate(tasks.names(), start=1)]


def test_the_rows_of_pictures_are_found_in_the_notebooks(monkeypatch):
    """As tools/readme.py looks for them: in every notebook one that it takes."""
    monkeypatch.syspath_prepend(ROOT / "tools")
    views = importlib.import_module("readme").views
    for name in tasks.names():
        assert {"classes", "samples", "translations", "grid"} & views(name).keys(), name


@pytest.mark.parametrize("name", tasks.names())
def test_a_question_can_be_read_at_a_stretch(name):
    """1,800 words, without the bars of its tables and what is folded; folds open and close, and hold nothing that a check asks for."""
    for language in ("README.md", "README.ja.md"):
        text = (ROOT / "questions" / name / language).read_text(encoding="utf-8")
        shown = re.sub(r"(?s)<details>\n<summary>[^<\n]+</summary>\n\n.*?\n\n</details>\n", "", text)
        assert "details>" not in shown, language
        assert len(shown.replace("|", " ").split()) <= 1800, language
        for said in (tasks.load(name, "full").class_name, *tasks.load(name, "full").losses):
            assert said in shown, (language, said)


@pytest.mark.parametrize("name", tasks.names())
def test_a_question_says_the_shapes_of_a_reshape_in_both_layouts(name):
    reshapes = [layer.output_shape for network in tasks.load(name, "full").networks.values() for layer in network.layers
                if layer.kind == "reshape"]
    for language in ("README.md", "README.ja.md"):
        text = " ".join((ROOT / "questions" / name / language).read_text(encoding="utf-8").split())
        for channels, height, width in reshapes:
            assert f"({channels}, {height}, {width})" in text and f"({height}, {width}, {channels})" in text, language
