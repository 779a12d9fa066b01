"""Make docs/speed.md of what benchmarks/speed.py measured.

    .venv/bin/python benchmarks/speed_page.py [out/speed.json ...]
"""

import json
import os
import platform
import sys
from collections.abc import Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from harness import tasks
from harness.frameworks import FRAMEWORKS

PAGE = """# Speed

This page is for readers who want to know how fast each framework and our answers are: it shows the time of a training step in every
task.

Milliseconds per training step at full size, in float32 on {cores} cores ({machine}). The number in brackets is the share of the
machine's peak: the operations of a step (counted from task.toml by `harness/tasks/cost.py`) per second, divided by the operations
per second of a product of two 1536 x 1536 matrices, measured in the same minute. *x* is the time of our answer divided by the time of
a plain loop, written as in public examples of the framework (`benchmarks/plain`). Both run alternately in the same process. Below 1 our
answer is faster.

{table}

Made by `benchmarks/speed.py` and `benchmarks/speed_page.py`. How to read the table:

- Only products are counted. In small networks most of the time goes to Adam, the loss and the pixels, so the share is far below
  100 %. pix2pix at batch 1 reads 40 million weights in each step, so memory limits its speed.
- Only necessary operations are counted: one pass of the generator serves both losses, and no gradient is computed for a network that
  is not updated. For example, a simple DCGAN loop generates twice, and also computes gradients for the discriminator's weights in the
  generator's step. At batch 16 it does 73.7 GFLOP, but only 56.8 are necessary. If it counted all of them, it would report 30 % more
  at the same speed.
- TensorFlow's plain loops follow its tutorials: the discriminator sees the generated images once, before its update, and this pass
  serves both losses. The question asks for the updated discriminator, which needs one more pass. Also, the plain layers pad with
  "same", while the question's padding needs a crop. In Chainer, our answer saves more than this costs, because `chainer.grad`
  computes gradients for the generator's weights only.
- The question crops a 5x5 transposed convolution of stride 2, which gives exactly twice the size, by (2, 1). TensorFlow's SAME crops
  by (1, 2). So TensorFlow and Keras compute 2n + 3 rows and drop three of them. In DCGAN's smaller maps this is a fifth of the step.
- wgan_gp was measured at batch {batch}. At the question's batch of 64 a step takes 15 seconds to a minute.
"""


def main(paths: Sequence[str | Path]) -> None:
    rows = [row for path in paths for row in json.loads(Path(path).read_text(encoding="utf-8"))]
    found = {(row["task"], row["framework"]): row for row in rows}
    headings = ["Task", "Batch", "GFLOP", *(f"{name} | x" for name in FRAMEWORKS.values())]
    lines = ["| " + " | ".join(headings) + " |", "|---" + "|---:" * (2 + 2 * len(FRAMEWORKS)) + "|"]
    for name in tasks.names():
        of = [found.get((name, framework)) for framework in FRAMEWORKS]
        if not any(of):
            continue
        first = next(row for row in of if row)
        cells = [f"{row['answer_ms']:,.0f} ({row['share']:.0%}) | {row['ratio']:.2f}" if row else " | " for row in of]
        lines.append(f"| [{name}](../questions/{name}/README.md) | {first['batch']} | {first['gflop']:,.1f} | {' | '.join(cells)} |")
    batch = next((row["batch"] for row in rows if row["task"] == "wgan_gp"), "-")
    page = PAGE.format(cores=len(os.sched_getaffinity(0)), machine=platform.machine(), table="\n".join(lines), batch=batch)
    (ROOT / "docs" / "speed.md").write_text(page, encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:] or [ROOT / "out" / "speed.json"])
