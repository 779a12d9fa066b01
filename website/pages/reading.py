"""docs/ and notebooks/ as pages; and an explorer's page, where there is one."""

import json
import re

from website.markdown import relink
from website.pages.pieces import filled
from website.repository import docs, page_of, read, stations

ORDER = {"For learners": ("setup", "check", "train", "gallery", "data"), "For instructors": ("grading", "ci"),
         "How it works": ("lockstep", "agreement", "alignment", "diagnosis", "speed", "study", "contributing")}


def pages() -> dict[str, str]:
    """The pages of docs/, as they are but for their links, and a list of them."""
    found = {f"docs/{name}": relink(read(f"docs/{name}.md"), f"docs/{name}.md", page_of) for name in docs()}
    ordered = {heading: [n for n in names if n in docs()] for heading, names in ORDER.items()}
    if others := [n for n in docs() if not any(n in names for names in ordered.values())]:
        ordered["More"] = others
    listed = {heading: {name: _for_whom(name) for name in names} for heading, names in ordered.items()}
    return {**found, "docs/index": filled("docs.md", ordered=listed)}


def _for_whom(name: str) -> str:
    """The first sentence, which says it."""
    sentence = " ".join(read(f"docs/{name}.md").split("\n\n")[1].split())
    return re.sub(r"\[([^]]*)\]\([^)]*\)", r"\1", sentence.removeprefix("This page is "))


def notebooks() -> dict[str, str]:
    """The notebooks as they are stored, but for their links; and a list of them."""
    found = {}
    for station in stations():
        path = f"notebooks/{station.task}.ipynb"
        notebook = json.loads(read(path))
        for cell in notebook["cells"]:
            if cell["cell_type"] == "markdown":
                cell["source"] = relink("".join(cell["source"]), path, page_of)
        said = f"*This notebook shows the answers of [{station.title}](/tasks/{station.task}.md). It is shown as it is stored.*"
        notebook["cells"].insert(1, {"cell_type": "markdown", "metadata": {}, "id": "spoiler", "source": said})
        found[f"notebooks/{station.task}"] = json.dumps(notebook)
    return {**found, "notebooks/index": filled("notebooks.md", stations=stations())}


def explorers(found: dict[str, str]) -> dict[str, str]:
    """``found``: the text of each explorer's page, by name. They, and a list of them if there are any."""
    if not found:
        return {}
    tree = "\n".join(sorted(found))
    return {**{f"explorers/{name}": text for name, text in found.items()},
            "explorers/index": f"# Explorers\n\nNetworks that run here, in your browser.\n\n```{{toctree}}\n{tree}\n```\n"}
