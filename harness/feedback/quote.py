"""The sentence of the question that an answer breaks, as one reads it in a terminal."""

import re
from typing import TYPE_CHECKING

from harness.tasks import Task, question

if TYPE_CHECKING:
    from harness.diagnosis.finding import Finding

# What kinds of findings are about: the section of the question, and words that its sentence has.
KINDS: dict[str, tuple[str, tuple[str, ...]]] = {
    "slope": ("The network", ("slope", "LeakyReLU")), "epsilon": ("The network", ("epsilon", "Batch norm")),
    "averages": ("The network", ("running", "average")), "mode": ("Training", ("training mode", "running", "mode")),
    "padding": ("The network", ("padding", "kernel")), "order": ("The network", ("order", "batch norm")),
    "loss": ("The loss", ()), "reported": ("The loss", ()), "value": ("The loss", ()), "trained": ("Training", ("gradient", "detach")),
    "constant": ("Training", ("Adam", "RMSprop", "learning rate")), "optimizer": ("Training", ("Adam", "RMSprop")),
    "clip": ("Training", ("clip",)), "clipped": ("Training", ("clip",)),
    "kept": ("Training", ("gradient",)), "gradient": ("Training", ("gradient",)),
    "input": ("Training", ()), "initial": ("The network", ("weights", "N(0")), "history": ("Training", ("return", "before")),
    "random": ("Training", ("noise", "batch")), "parameters": ("Training", ("step",)), "ability": ("What to hand in", ()),
}
# Which section of the question a rung is about.
SECTIONS = {"loads": "What to hand in", "networks": "The network", "initial": "The network", "shapes": "What to hand in",
            "forward": "The network", "first losses": "The loss", "curve": "Training", "abilities": "What to hand in"}
ROW = re.compile(r"^\s*\|")


def section_of(finding: "Finding") -> str:
    """The heading of the question's section that a finding belongs to."""
    if finding.place == "train_step":
        return "Training"
    return KINDS.get(finding.kind, ("The network", ()))[0]


def sentence(task: Task, finding: "Finding") -> str:
    """The sentence of that section with most of the words that this is about; empty where none has any."""
    of = KINDS.get(finding.kind, ("", ()))[1]
    name = re.split(r"[.\s]", finding.place)[-1].rstrip("0123456789")
    wanted = [*of, name.replace("_", " "), *re.findall(r"[A-Za-z_]{3,}", finding.question)]
    best, most = "", 0
    for text in sentences(question.section(task, section_of(finding))):
        score = sum(word.lower() in text.lower() for word in wanted)
        if score > most:
            best, most = text, score
    return best


def sentences(markdown: str) -> list[str]:
    """The sentences of a section in plain text; tables and formulas on lines of their own are left out."""
    lines = [line for line in markdown.splitlines() if not ROW.match(line)]
    text = re.sub(r"\$\$.*?\$\$", "", "\n".join(lines), flags=re.S)
    text = re.sub(r"<[^>]+>", "", text)
    parts = re.split(r"\n\s*\n|\n\s*(?:[-*]|\d+\.)\s+", "\n" + text)
    found = [plain(one) for part in parts for one in re.split(r"(?<=[.!?])\s+(?=[A-Z`*$])", " ".join(part.split()))]
    # What does not end leads to a formula; what has LaTeX left cannot be read here.
    return [one for one in found if len(one.split()) > 3 and one[-1] in ".!?)" and not LATEX.search(one)]


def plain(text: str) -> str:
    """Markdown and the little LaTeX in sentences as a terminal shows it."""
    text = re.sub(r"!?\[([^\]]*)\]\([^)]*\)", r"\1", text)
    text = re.sub(r"\\(?:mathrm|text|operatorname)\{([^}]*)\}", r"\1", text)
    text = re.sub(r"\\t?frac\{?([^{}\\ ]+?)\}?\{?([^{}\\ ]+?)\}", r"\1/\2", text)
    for latex, letter in LETTERS.items():
        text = text.replace(latex, letter)
    text = re.sub(r"([A-Za-z])_\{(\w+)\}", r"\1_\2", text)
    return re.sub(r"[*`$]|\\[,;!]", "", text).replace("\\_", "_")


LATEX = re.compile(r"\\|[_^]\{")


LETTERS = {r"\sigma^2": "σ²", r"\mu": "μ", r"\sigma": "σ", r"\lambda": "λ", r"\varepsilon": "ε", r"\epsilon": "ε",
           r"\alpha": "α", r"\beta": "β", r"\log": "log", r"\exp": "exp", r"\cdot": "·", r"\times": "×",
           r"\le": "≤", r"\ge": "≥", r"\to": "→", r"\in": "∈", "^2": "²",
           r"\left": "", r"\right": "", r"\sum": "sum", r"\sqrt": "root", r"\hat": "", r"\tilde": "", r"\|": "‖"}
