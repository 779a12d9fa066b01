"""Print the network's table of a question as Markdown, from its task.toml: what README.md and README.ja.md must show.

    .venv/bin/python tools/table.py TASK
"""

import sys
from math import prod
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from harness import tasks


def main(name: str) -> None:
    print("| Network | Layer | Output | Parameters |\n|---|---|---|---|")
    for network in tasks.load(name, "full").networks.values():
        for layer in network.layers:
            shape = ", ".join(map(str, layer.output_shape))
            print(f"| {network.name} | {layer} | {shape} | {sum(map(prod, layer.roles.values())):,} |")


if __name__ == "__main__":
    main(sys.argv[1])
