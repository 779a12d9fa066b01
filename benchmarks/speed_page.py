"""Make docs/speed.md of what benchmarks/speed.py measured.

    .venv/bin/python benchmarks/speed_page.py [out/speed.json ...]
"""

import json
import os
import platform
import sys
import textwrap
from collections.abc import Sequence
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from harness import tasks
from harness.frameworks import FRAMEWORKS

BEFORE = ROOT / "benchmarks" / "speed_before.json"      # the page as it was when the work of this page's second table began

PAGE = """# Speed

This page is for readers who want to know how fast each framework and our answers are: it shows the time of a training step in every
task, and the memory that it needs.

Milliseconds per training step at full size, in float32 on {how} ({machine}). The number in brackets is the share of the
machine's peak: the operations of a step (counted from task.toml by `harness/tasks/cost.py`) per second, divided by the operations
per second of a product of two 1536 x 1536 matrices, measured in the same minute. The product is that of the fastest library of NumPy,
PyTorch and TensorFlow: {library}. *x* is the time of our answer divided by the time of a plain loop, written as in public examples of
the framework (`benchmarks/plain`). Both run alternately in the same process. Below 1 our answer is faster. *MB* is the most memory
that a fresh process with our answer had at any time, the framework itself included.

{table}

{missing}Made by `benchmarks/speed.py` and `benchmarks/speed_page.py`. How to read the table:

{busy}- Only products are counted. In small networks most of the time goes to Adam, the loss and the pixels, so the share is far below
  100 %. pix2pix at batch 1 reads 40 million weights in each step, so memory limits its speed.
- Only necessary operations are counted: one pass of the generator serves both losses, and no gradient is computed for a network that
  is not updated. For example, a simple DCGAN loop generates twice, and also computes gradients for the discriminator's weights in the
  generator's step. At batch 16 it does 73.7 GFLOP, but only 56.8 are necessary. If it counted all of them, it would report 30 % more
  at the same speed.
- The plain loops do the work that the question asks for, in the way that public code does it. Two things are not as in the
  tutorials: the fakes are shown to the discriminator once more after its update (TensorFlow's and Chainer's show them once), and the
  layers pad as the question says (the tutorials pad with "same", which is another network).
- The question crops a 5x5 transposed convolution of stride 2, which gives exactly twice the size, by (2, 1). TensorFlow's SAME crops
  by (1, 2). So TensorFlow and Keras compute 2n + 3 rows and drop three of them. In DCGAN's smaller maps this is a fifth of the step.
- wgan_gp was measured at batch {batch}. At the question's batch of 64 a step takes 15 seconds to a minute.

## Before and after

*x* as it was, and as it is. In the columns "of the fastest": the step's time, divided by that of the fastest framework in this task. It
was worked out from milliseconds before (on two cores), and from the shares of the peak after. Where a number is missing, it was not
measured again. Part of a smaller *x* is the plain loop's: in TensorFlow, Keras and Chainer it did less than the question asks, and now
does the same (above). latent_ae's plain loops in TensorFlow and Keras are slow because they crop by slices.

{changes}

What took the time, and what was done:

- **New memory in each step (PyTorch, Chainer).** The GNU C library maps large arrays anew and gives them back when they are freed.
  The system then clears each page at its first touch. In PyTorch's sampling_decoder a ReLU over 78,400 x 256 numbers took 125 ms that
  way. Now the library keeps what is freed, as long as a training lasts (`harness/frameworks/memory.py`). A
  step's processor time on one core: sampling_decoder in PyTorch 1,039 -> 723 ms, convae in PyTorch 178 -> 97 ms, convae in Chainer
  659 -> 472 ms. TensorFlow: no change.
- **Memory format (PyTorch).** Max-pooling, ReLU and the convolutions between them are faster when maps are stored channels last:
  convae 223 -> 135 ms of processor time, dcgan 2,730 -> 2,430, wgan 2,680 -> 2,480, the VAEs within 5 %. pix2pix with one image a
  step is *slower* so (235 -> 416 ms: 40 million weights are copied between the formats, 29 % of the step), and keeps the usual
  format. The adapter does this for our answers in float32. In an answer of your own write
  `network.to(memory_format=torch.channels_last)`, and `flatten(1)` in place of `view(len(x), -1)`, which fails on such maps.
- **The gradient of a slice (TensorFlow, Keras).** `x[:, 1:, 1:]` and `layers.Cropping2D`, which is the same slice, have a slow
  gradient: a transposed convolution to 64 x 28 x 28 x 32 with a crop took 50 ms forward and back, 20 without the crop, 22 with
  `tf.slice`, whose gradient is a padding. The answers to latent_ae, cgan, dcgan and wgan crop by `tf.slice` now. The plain loops
  slice.
- **PADDING as an argument (TensorFlow).** `conv2d_transpose` with explicit padding does not use oneDNN: 24 ms against 15. latent_ae
  crops instead.
- **Adding a bias (TensorFlow).** The gradient of `+` takes longer than that of `tf.nn.bias_add`, and only the latter is fused with the
  product: sampling_decoder 1.10 -> 1.02 of the plain loop. vae and sampling_decoder use it.

What stands in the way of the rest:

- Chainer's functions are NumPy's, and all but the product run on one core. In convae, of the processor time of a step (cProfile): the
  products 17 %, the copies that `tensordot` makes for them 18 %, im2col and col2im 20 %, max-pooling 25 % (`argmax` over the windows
  11 %, taking the images apart into windows and back 14 %), ReLU's way back 8 %. Only other implementations of these functions would
  help, and that would not be Chainer any more.
"""


BUSY = """- Other work ran on the machine's two cores. So this is the time that a core worked for one thread of the process (`--busy`), and
  not the time that passed. On two idle cores the milliseconds are about half of these where a framework uses both. Chainer uses both
  for products only. The numbers before (below) were taken on two cores.
"""


def table_of(rows: list[dict[str, Any]]) -> list[str]:
    found = {(row["task"], row["framework"]): row for row in rows}
    headings = ["Task", "Batch", "GFLOP", *(f"{name} | x | MB" for name in FRAMEWORKS.values())]
    lines = ["| " + " | ".join(headings) + " |", "|---" + "|---:" * (2 + 3 * len(FRAMEWORKS)) + "|"]
    for name in tasks.names():
        of = [found.get((name, framework)) for framework in FRAMEWORKS]
        if not any(of):
            continue
        first = next(row for row in of if row)
        cells = [f"{row['answer_ms']:,.0f} ({row['share']:.0%}) | {row['ratio']:.2f} | {row['memory_mb']:,.0f}" if row else " | | "
                 for row in of]
        lines.append(f"| [{name}](../questions/{name}/README.md) | {first['batch']} | {first['gflop']:,.1f} | {' | '.join(cells)} |")
    return lines


def changes_of(before: list[dict[str, Any]], rows: list[dict[str, Any]]) -> list[str]:
    """Both as the page shows them: what a framework needs of the fastest one's time, by milliseconds before and by shares now."""
    headings = ["Task", *(f"{name}: x | of the fastest" for name in FRAMEWORKS.values())]
    lines = ["| " + " | ".join(headings) + " |", "|---" + "|---:" * (2 * len(FRAMEWORKS)) + "|"]
    for name in tasks.names():
        was, now = ({row["framework"]: row for row in some if row["task"] == name} for some in (before, rows))
        fastest = min((row["answer_ms"] for row in was.values()), default=0)
        best = max((row["share"] for row in now.values()), default=0) if len(now) == len(FRAMEWORKS) else 0
        cells = []
        for framework in FRAMEWORKS:
            old, new = was.get(framework), now.get(framework)
            cells += [change(old and old["ratio"], new and new["ratio"], 2),
                      change(old and old["answer_ms"] / fastest, new and best and best / new["share"], 1)]
        lines.append(f"| {name} | {' | '.join(cells)} |")
    return lines


def change(old: Any, new: Any, digits: int) -> str:
    return " -> ".join(f"{value:.{digits}f}" if value else "-" for value in (old, new))


def main(paths: Sequence[str | Path]) -> None:
    rows = [row for path in paths for row in json.loads(Path(path).read_text(encoding="utf-8"))]
    before = json.loads(BEFORE.read_text(encoding="utf-8"))
    batch = next((row["batch"] for row in rows if row["task"] == "wgan_gp"), 4)
    libraries = " or ".join(sorted({row["library"] for row in rows}))
    busy = any(row["busy"] for row in rows)
    cores = len(os.sched_getaffinity(0))
    pairs = {(row["task"], row["framework"]) for row in rows}
    left = [name for name in tasks.names() if not all((name, framework) in pairs for framework in FRAMEWORKS)]
    missing = f"Not measured again in every framework since the changes below: {', '.join(left)}."
    missing = textwrap.fill(missing, 135) + "\n\n" if left else ""
    how = "one core, processor time" if busy else f"{cores} cores"
    page = PAGE.format(how=how, machine=platform.machine(), library=libraries, table="\n".join(table_of(rows)), batch=batch,
                       busy=BUSY if busy else "", missing=missing, changes="\n".join(changes_of(before, rows)))
    (ROOT / "docs" / "speed.md").write_text(page, encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:] or [ROOT / "out" / "speed.json"])
