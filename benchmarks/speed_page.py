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

Milliseconds a training step at full size, in float32 on {cores} cores ({machine}), and in brackets the share of the machine's
peak: the operations that a step needs, counted from task.toml by `harness/tasks/cost.py`, over the time, over what a product
of two 1536 x 1536 matrices reaches in the same minute. *x* is the time of our answer over that of the plainest
public-style loop of the framework, in the same process, in turns (`benchmarks/plain`): below 1 the answer is faster.

{table}

Made by `benchmarks/speed.py` and `benchmarks/speed_page.py`. What to know when reading it:

- Only products are counted. Where the networks are small, Adam, the loss and the pixels take the time, and no share
  comes near 100 %. pix2pix at batch 1 reads 40 million weights a step and is bound by memory.
- The count has no vain work in it: one pass of the generator serves both losses, and no gradient is taken for a network
  that is not being updated. A first DCGAN loop that generates twice and lets the discriminator's weights have gradients
  in the generator's step does 73.7 GFLOP at batch 16 where 56.8 are needed: at equal speed it *reports* 30 % more.
- TensorFlow's plain loops, as its tutorials do, show the fakes to the discriminator once, before its update, for both
  losses. The question asks for the updated discriminator, which is one pass more; and its plain layers pad "same" where
  the question's padding needs a crop. In Chainer, `chainer.grad` for the generator's weights alone makes up for more.
- A 5x5 transposed convolution of stride 2 that gives exactly twice the size is cropped by (2, 1) in the question, and
  TensorFlow's SAME crops (1, 2). So TensorFlow and Keras compute 2n + 3 rows and throw three away: a fifth of DCGAN's
  step at the smaller maps.
- wgan_gp was measured at batch {batch}: at the question's 64 a step takes from 15 seconds to a minute.
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
