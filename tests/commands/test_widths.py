"""Terminals of 40, 80 and 120 columns: the same words in each, none broken, and no line that is too long. A file has all of it."""

import io
import re

import pytest
from rich.cells import cell_len
from rich.markdown import Markdown
from rich.padding import Padding
from rich.progress import Progress
from rich.text import Text
from test_bad_options import options

from harness import data, tasks
from harness.commands import console
from harness.commands.learn import progress as shown
from harness.lockstep import report
from harness.lockstep.compare import Comparison, Settings
from harness.lockstep.difference import Pair, Run
from harness.lockstep.divergence import Divergence, Event
from harness.lockstep.trace import OUTPUT
from harness.messages import command
from harness.tasks import question
from harness.work.progress import Entry
from harness.work.progress import Progress as Stored

WIDTHS = (40, 80, 120)
RULES = re.compile("[─━│╭╮╰╯•]+")


def words(text):
    return {word.strip(":") for word in RULES.sub(" ", text).split()} - {""}


def same_words(text_of, first=()):
    """``text_of(width)``; ``first``: the heading of the first column, which needs none where rows are lines."""
    texts = {width: text_of(width) for width in WIDTHS}
    for width, text in texts.items():
        assert max(cell_len(line.rstrip()) for line in text.split("\n")) <= width, text
        assert words(texts[120]) - words(text) <= set(first), (width, words(texts[120]) - words(text))
        assert words(text) <= words(texts[120]), (width, words(text) - words(texts[120]))
        assert "…" not in text


def printed(width, *objects, **settings):
    terminal = console.Terminal(file=io.StringIO(), force_terminal=width is not None, width=width or 40, color_system=None)
    terminal.print(*objects, **settings)
    return terminal.file.getvalue()


@pytest.fixture
def at_width(inside, monkeypatch):
    """A command on a terminal of so many columns; what it printed."""
    monkeypatch.setattr(console.Terminal, "is_terminal", True)

    def run(width, *arguments):
        for terminal in (console.out, console.err):
            monkeypatch.setattr(terminal, "_width", width)
        process = inside(*arguments)
        assert process.returncode == 0, process.stderr
        return process.stdout
    return run


@pytest.mark.parametrize(("arguments", "first"), [(["list"], {"Task"}), (["data", "list"], {"Name"}), (["progress"], {"Task"}),
                                                  (["question", "ae"], {"Network"}), (["question", "pix2pix"], {"Network"})])
def test_commands(at_width, monkeypatch, tmp_path, arguments, first):
    monkeypatch.chdir(tmp_path)
    entries = {name: {f: Entry("wrong", 12, [1, 2, 3]) for f in ("pytorch", "tensorflow", "keras", "chainer")} for name in tasks.names()}
    monkeypatch.setattr(shown.stored, "load", lambda work: Stored(work, entries))
    same_words(lambda width: at_width(width, *arguments), first)


def test_hints(at_width, monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    at_width(80, "start", "vae", "-f", "chainer")
    for number in (1, 4):
        same_words(lambda width: at_width(width, "hint", "vae", number))


COMMANDS = sorted({" ".join(words) for words, _, _ in options()} | {"", "data", "list"})


@pytest.mark.parametrize("name", COMMANDS)
def test_help(inside, monkeypatch, name):
    def help_at(width):
        monkeypatch.setenv("COLUMNS", str(width))
        monkeypatch.setenv("TERMINAL_WIDTH", str(width))
        text = inside(*name.split(), "--help").stdout
        assert max(cell_len(line) for line in text.split("\n")) <= width
        return {word for word in words(text) if word not in "*/"}
    assert help_at(40) == help_at(79) and help_at(40)
    assert help_at(80) == help_at(200)


def comparison(name):
    task = tasks.load(name)
    runs = [Run(f, version="2.13.0+cpu", seconds={"training": 1.25}, curves={loss: [1.25, 0.125] for loss in task.losses})
            for f in ("pytorch", "tensorflow", "chainer")]
    pairs = [Pair((a.framework, b.framework), 0.25, 2e-15, 3e-15, 7, task.losses[0], "encoder.weight") for a, b in zip(runs, runs[1:])]
    return Comparison(task, Settings(("pytorch", "tensorflow", "chainer"), steps=2), data.load("digits", number=4),
                      [*runs, Run("keras", "failed", message="it broke in the first step")], pairs)


@pytest.mark.parametrize("name", ["ae", "vae_gan"])
def test_compare(name, monkeypatch):
    monkeypatch.setattr(report, "command", lambda *_: "workbook trace")       # shorter than a line

    def text_of(width):
        terminal = console.Terminal(file=io.StringIO(), force_terminal=True, width=width, color_system=None)
        report.show(comparison(name), terminal)
        return terminal.file.getvalue()
    same_words(text_of, {"Framework"})
    losses = text_of(40).partition("Last loss:")[2].partition("Seconds")[0]
    assert all(loss in losses for loss in tasks.load(name).losses) or name == "ae"


def test_trace():
    events = [Event(OUTPUT, f"generator.block{i}.batchnorm", i, i * 1.5e-11) for i in range(12)]
    found = Divergence("pytorch", "tensorflow", 3, events, 6, {})

    def text_of(width):
        terminal = console.Terminal(file=io.StringIO(), force_terminal=True, width=width, color_system=None)
        report.show_divergence(found, terminal)
        return terminal.file.getvalue()
    same_words(text_of, {"What"})


def test_evaluate(monkeypatch):
    from harness.commands.make import evaluate
    from harness.views.evaluate import Evaluation
    found = [Evaluation(task, "tensorflow", 12345, "LeNet on fashion_mnist", 1000, 123.45, 1.25, 0.0123, 0.0012, 0.0215, -1234.5,
                        {"discriminator": 1.25, "squared_error": 360.4}, ["there are 297 real images"]) for task in ("unet_vae_gan", "ae")]

    def text_of(width):
        terminal = console.Terminal(file=io.StringIO(), force_terminal=True, width=width, color_system=None)
        for module in (console, evaluate):
            monkeypatch.setattr(module, "out", terminal)
        evaluate._show(found)
        return terminal.file.getvalue()
    same_words(text_of, {"Task"})


@pytest.mark.parametrize("name", tasks.names())
def test_the_section_that_a_check_shows(name):
    section = question.section(tasks.load(name), "The network")
    same_words(lambda width: printed(width, Padding(Markdown(section), (0, 0, 0, 2))), {"Network", "Skip"})


def test_a_table_in_a_file_is_whole():
    """... however narrow the terminal from which it is redirected."""
    table = console.Table("Name", "What")
    table.add_row("unbroken", "many words, more than forty columns have room for in one line")
    assert "many words, more than forty columns have room for in one line" in printed(None, table)


def test_long_words_and_commands_are_whole():
    """... so that what is copied from a terminal can be pasted."""
    path = "/a/path/of/more/than/forty/columns/in/one/word.txt"
    assert f"\n{path}\n" in printed(40, Text(f"written: {path} and more, and {path}"), soft_wrap=True)
    line = command("check", "work/sampling_decoder/sampling_decoder_tensorflow.py", "--work", "work")
    for text in (f"then: {line}", f"To go on:\n    {line}", f"not started; `{line}` does that"):
        assert line in printed(40, Text(text), soft_wrap=True)
        assert printed(None, Text(text), soft_wrap=True) == text + "\n"
    assert printed(40, Text("  - " + "word " * 12), soft_wrap=True).split("\n")[1].startswith("    word")


@pytest.mark.parametrize("width", WIDTHS)
def test_a_progress_bar(monkeypatch, width):
    terminal = console.Terminal(file=io.StringIO(), force_terminal=True, width=width, color_system=None)
    monkeypatch.setattr(console, "err", terminal)
    losses = "discriminator 1.355 squared_error 378.5 kl 4.713 generator 0.7123"
    with Progress(*console.bars("{task.fields[state]}"), console=terminal, auto_refresh=False) as progress:
        progress.add_task("unet_vae_gan, TensorFlow", total=100_000, completed=99_999, state=losses)
        shown = printed(width, progress)
    assert words(losses) | {"99999/100000", "TensorFlow"} <= words(shown) and "…" not in shown
