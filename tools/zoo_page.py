"""docs/zoo.md, from the numbers of its trainings."""

from typing import Any

from harness import tasks

INTRODUCTION = """# The zoo

"""


def page(done: dict[str, dict[str, Any]]) -> str:
    return INTRODUCTION + "\n".join(f"- {name} {tasks.load(entry['task']).title}" for name, entry in done.items()) + "\n"
