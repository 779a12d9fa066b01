"""The notes of "How the frameworks differ" at the lines that they are about: there, or nowhere."""

import pytest
from laid import answers

from harness import tasks
from website.align.notes import notes, place, rows
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


@pytest.mark.parametrize("cell, line", [
    ("`output_padding=1`", 5), ("`padding=1, output_padding=1`", 5), ("`F.cross_entropy(..., reduction=\"none\")`", 9), ("`nn.Conv2d(...)`", 4),
    ("sums, unless `F.cross_entropy`", 9), ("`eps=1e-8`, the default", 6),
    ("`padding=1`", None), ("`padding=2`", None), ("`L.Conv2d(...)`", None), ("`0.1`", None), ("write it", None), ("`eps=1e-7`", None),
    ("`[:, None`", None), ("`F.cross_entropy(reduction=\"sum\")`", None)])
def test_a_cell_is_placed_at_its_line_or_nowhere(cell, line):
    assert place(cell, Answer(SOURCE, tasks.load("vae"))) == line


def test_rows_of_tables_whose_columns_are_frameworks():
    text = "| | PyTorch | Chainer |\n|---|---|---|\n| Mean | `a` | **b** |\n\n| Network | Layer |\n|---|---|\n| x | y |\n"
    assert list(rows(text)) == [("Mean", {"pytorch": "`a`", "chainer": "**b**"})]
