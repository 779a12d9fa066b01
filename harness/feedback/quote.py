"""The sentence of the question that an answer breaks, as one reads it in a terminal."""

import math
import re
from typing import TYPE_CHECKING

from harness.tasks import Task, question

if TYPE_CHECKING:
    from harness.diagnosis.finding import Finding

# Of what was found: its network, the number that should be, the words of the question's formula; and that yours has terms too many.
NETWORK, NUMBER, TERMS, MORE = "{network}", "{number}", "{terms}", "{more}"
# What findings are about: the section of the question, and what a sentence of it must have, all of it, to be quoted; nothing: none is,
# since the question says that in a table or a formula.
KINDS: dict[str, tuple[str, tuple[str, ...]]] = {
    "slope": ("The network", ("slope",)), "epsilon": ("The network", ("epsilon",)), "activation": ("The network", (NETWORK, TERMS)),
    "averages": ("The network", ("running", "old")), "padding": ("The network", ("padding",)), "mode": ("Training", ("training mode",)),
    "loss": ("The loss", (TERMS,)), "reported": ("The loss", (TERMS,)), "value": ("The loss", ()),
    "trained": ("Training", ("gradient", NETWORK, MORE)), "kept": ("Training", ("clear",)), "gradient": ("Training", ()),
    "optimizer": ("Training", (TERMS,)), "constant": ("Training", ("learning", NUMBER)),
    "clip": ("Training", ("clip", NETWORK)), "clipped": ("Training", ("clip", NETWORK)),
    "input": ("Training", ()), "parameters": ("Training", ()),
    "history": ("Training", ("return", "before")), "random": ("Training", ("noise",)),
    "ability": ("What to hand in", ()), "initial": ("The network", ("weights",)),
}
# Which section of the question a rung is about.
SECTIONS = {"loads": "What to hand in", "networks": "The network", "initial": "The network", "shapes": "What to hand in",
            "forward": "The network", "first losses": "The loss", "curve": "Training", "abilities": "What to hand in",
            "float32": "What to hand in"}
DECIMAL = re.compile(r"\d+(?:\.\d+)?(?:e-?\d+)?")
SIGN = re.compile(r" [+-] ")        # between two terms
ROW = re.compile(r"^\s*\|")


def section_of(finding: "Finding") -> str:
    """The heading of the question's section that a finding belongs to."""
    if finding.place == "train_step":
        return "Training"
    return KINDS.get(finding.kind, ("The network", ()))[0]


def sentence(task: Task, finding: "Finding") -> str:
    """The shortest sentence of that section that is about what was found; empty where there is none."""
    asked = KINDS.get(finding.kind, ("", ()))[1]
    if finding.place == "train_step" or not asked:
        return ""
    about = [text for text in sentences(question.section(task, section_of(finding))) if all(_has(text, what, finding) for what in asked)]
    return min(about, key=len, default="")


def _has(text: str, what: str, finding: "Finding") -> bool:
    text = text.lower()
    if what == NETWORK:
        return re.split(r"[._\s]", finding.place)[0].lower() in text
    if what == NUMBER:
        asked = [float(number) for number in (finding.question,) if DECIMAL.fullmatch(number)]
        return any(math.isclose(float(number), right, rel_tol=1e-5) for right in asked for number in DECIMAL.findall(text))
    if what == TERMS:
        terms = [word.lower() for word in re.findall(r"[A-Za-z]{4,}", finding.question.rpartition("=")[2])]
        return bool(terms) and all(term in text for term in terms)
    if what == MORE:
        return len(SIGN.findall(finding.yours)) > len(SIGN.findall(finding.question))
    return what in text


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
