"""The notes of "How the frameworks differ" at the lines that they are about: there, or nowhere."""

import pytest
from laid import answers

from harness import tasks
from website.align.notes import notes, places, rows
from website.align.parts import Answer

NAMES = tasks.names()


def test_notes_stand_where_their_code_is():
    found = {note.topic: note for note in notes(tasks.load("vae", "full"), answers("vae"))}
    line = found["BCE from logits"].lines
    assert set(line) == {"pytorch", "tensorflow", "keras", "chainer"}
    assert "F.bernoulli_nll" in answers("vae")["chainer"].text[line["chainer"] - 1]
    assert "F.gaussian_kl_divergence" in answers("vae")["chainer"].text[found["KL divergence"].lines["chainer"] - 1]
    assert "pytorch" not in found["KL divergence"].lines            # "write it" is no code


@pytest.mark.parametrize("name", NAMES)
def test_a_note_is_in_a_part(name):
    for note in notes(tasks.load(name, "full"), answers(name)):
        for framework, line in note.lines.items():
            assert any(line in part.lines for part in answers(name)[framework].parts.values())


def test_there_are_some():
    assert sum(len(notes(tasks.load(name, "full"), answers(name))) for name in NAMES) >= 25


SOURCE = """
class VariationalAutoencoder(lib.Module):
    def __init__(self):
        self.encoder = nn.Conv2d(1, 2, padding=1)
        self.decoder = nn.ConvTranspose2d(2, 1, padding=1, output_padding=1)
        self.optimizer = lib.Adam(eps=1e-8)

    def train_step(self, batch):
        loss = F.cross_entropy(self.encoder(batch), 1, reduction="none").mean()
        return {"loss": loss}
"""


@pytest.mark.parametrize("cell, lines", [
    ("`output_padding=1`", {5}), ("`padding=1, output_padding=1`", {5}), ("`F.cross_entropy(..., reduction=\"none\")`", {9}),
    ("`nn.Conv2d(...)`", {4}), ("sums, unless `F.cross_entropy`", {9}), ("`eps=1e-8`, the default", {6}), ("`padding=1`", {4, 5}),
    ("`padding=2`", set()), ("`L.Conv2d(...)`", set()), ("`0.1`", set()), ("write it", set()), ("`eps=1e-7`", set()), ("`[:, None`", set()),
    ("`F.cross_entropy(reduction=\"sum\")`", set())])
def test_a_cell_is_found_in_the_lines_that_say_it(cell, lines):
    assert places(cell, Answer(SOURCE, tasks.load("vae"))) == lines


def test_of_several_lines_it_is_the_one_beside_anothers(monkeypatch):
    """``padding=1`` is in two lines; the other framework says which. Without that it is placed nowhere."""
    task, first = tasks.load("vae"), Answer(SOURCE, tasks.load("vae"))
    other = Answer(SOURCE.replace("padding=1, output_padding=1", "pad=3").replace("padding=1", "pad=1"), task)
    table = "| | PyTorch | Chainer |\n|---|---|---|\n| Up | `padding=1` | `pad={}` |\n"
    for said, lines in ((3, {"pytorch": 5, "chainer": 5}), (1, {"pytorch": 4, "chainer": 4}), (2, None)):
        monkeypatch.setattr("harness.tasks.question.section", lambda task, heading, said=said: table.format(said))
        found = notes(task, {"pytorch": first, "chainer": other})
        assert [note.lines for note in found] == ([lines] if lines else [])


def test_rows_of_tables_whose_columns_are_frameworks():
    text = "| | PyTorch | Chainer |\n|---|---|---|\n| Mean | `a` | **b** |\n\n| Network | Layer |\n|---|---|\n| x | y |\n"
    assert list(rows(text)) == [("Mean", {"pytorch": "`a`", "chainer": "**b**"})]
