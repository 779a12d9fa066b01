"""Text of the repository made text of a page: where its links lead, and its hints one by one."""

import posixpath
import re
from collections.abc import Callable

FENCE = re.compile(r"(?ms)^(```|~~~).*?^\1[^\n]*$")
LINK = re.compile(r"(!?)\[((?:[^\[\]]|\[[^\]]*\])*)\]\(([^()\s]+)\)")
SOURCE = re.compile(r'(<img[^>]*\bsrc=")([^"]+)(")')


def relink(text: str, path: str, target: Callable[[str], str | None]) -> str:
    """``text``, which lies at ``path`` in the repository, with each link as ``target(path in the repository)`` says.

    None: there is no page of it, and what was linked is left as words. Links to other hosts, and within the page, stay.
    """
    folder = posixpath.dirname(path)

    def moved(to: str) -> str | None:
        if "://" in to or to.startswith(("#", "mailto:", "data:")):
            return to
        page, mark, anchor = to.partition("#")
        found = target(posixpath.normpath(posixpath.join(folder, page)))
        return None if found is None else found + mark + anchor

    def link(match: re.Match[str]) -> str:
        picture, words, to = match.groups()
        where = moved(to)
        return words if where is None else f"{picture}[{words}]({where})"

    def outside(part: str) -> str:
        return SOURCE.sub(lambda m: m[1] + (moved(m[2]) or m[2]) + m[3], LINK.sub(link, part))

    return _outside_fences(text, outside)


def _outside_fences(text: str, change: Callable[[str], str]) -> str:
    parts, at = [], 0
    for fence in FENCE.finditer(text):
        parts += [change(text[at:fence.start()]), fence[0]]
        at = fence.end()
    return "".join([*parts, change(text[at:])])


CJK = "[\u3000-\u30ff\u3400-\u9fff\uff00-\uffef]"
BREAK = re.compile(rf"(?<={CJK})\n *(?={CJK})")


def joined(text: str) -> str:
    """Japanese without the breaks inside a paragraph: a browser would show each as a space."""
    return _outside_fences(text, lambda part: BREAK.sub("", part))


def sections(text: str) -> tuple[str, list[tuple[str, str]]]:
    """What stands before the first ``##`` heading, and each heading with what is below it."""
    first, *others = re.split(r"(?m)^## ", text)
    return first, [(part.partition("\n")[0].strip(), part.partition("\n")[2].strip("\n")) for part in others]


def slug(heading: str) -> str:
    """A heading as GitHub and MyST write it in a link."""
    return re.sub(r"[^\w -]", "", heading).strip().lower().replace(" ", "-")


def dedented(hint: str) -> str:
    """A numbered item of a list without its number and its indentation."""
    number = re.match(r"\d+\. ", hint)
    lines = (hint[number.end():] if number else hint).split("\n")
    return "\n".join([lines[0], *(re.sub(r"^ {1,4}", "", line) for line in lines[1:])])
