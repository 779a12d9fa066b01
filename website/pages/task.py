"""A question in one language: its text, what surrounds it, its hints one by one, its answers behind a fold."""

import re

from harness.frameworks import FRAMEWORKS
from harness.tasks import question
from website.align.parts import SOLUTION
from website.markdown import dedented, joined, relink, sections, slug
from website.pages.pieces import filled, raw
from website.repository import answer, page_of, read, task

WORDS = {
    "en": {
        "bar": "This task", "other": "日本語", "hints": "Hints", "hint": "Hint {}", "answers": "Answers", "side": "Side by side",
        "curves": "Curves", "mistakes": "Mistakes", "notebook": "Notebook", "print": "Print",
        "order": "Read one, try again, and only then open the next.",
        "spoiler": "Show our answers (spoiler: try it yourself first)",
        "made": "What the answers make after a short training, one row for each framework.",
        "differ": "See these lines beside each other",
    },
    "ja": {
        "bar": "この課題", "other": "English", "hints": "ヒント", "hint": "ヒント {}", "answers": "解答例", "side": "並べて比べる",
        "curves": "学習曲線", "mistakes": "間違いの例", "notebook": "ノートブック", "print": "印刷",
        "order": "ヒントは英語です。一つ読んだらもう一度試し、それから次を開いてください。",
        "spoiler": "解答例を表示する。ネタバレになるので、先に自分で解いてみてください。",
        "made": "短い学習のあとの出力。一行が一つのフレームワークです。",
        "differ": "該当する行を並べて見る",
    },
}
LOOK, DIFFER = 4, 6                 # which sections, of the seven that every question has
SECTIONS = 7


def pages(name: str) -> dict[str, str]:
    """The question of a task in both languages. Raises ValueError if it is not built as all are."""
    return {f"tasks/{name}": _page(name, "en"), f"ja/{name}": _page(name, "ja")}


def _page(name: str, language: str) -> str:
    words, file = WORDS[language], question.LANGUAGES[language]
    path = f"questions/{name}/{file}"
    first, parts = sections(joined(relink(read(path), path, page_of)))
    english = [heading for heading, _ in sections(read(f"questions/{name}/README.md"))[1]]
    if len(parts) != SECTIONS or len(english) != SECTIONS:
        raise ValueError(f"{path} has {len(parts)} sections, and not {SECTIONS}")
    title, empty, links, *rest = first.split("\n")
    if empty or "task.toml" not in read(path).split("\n")[2]:
        raise ValueError(f"{path}: its third line has no links: {links}")
    other = f"ja/{name}" if language == "en" else f"tasks/{name}"
    bar = filled("bar.html", words=words, name=name, other="ja" if language == "en" else "en", to=f"../{other}.html")
    body = [title, raw(bar), "\n".join(rest).strip()]
    for i, (heading, text) in enumerate(parts):
        if language == "ja":        # the English anchors lead to the same section
            body.append(raw(f'<span id="{slug(english[i])}"></span>'))
        body += [f"## {heading}", text]
        if i == LOOK:
            alt = f"{task(name).title}: {', '.join(FRAMEWORKS.values())}"
            body.append(f"```{{figure}} /images/gallery/{name}.jpg\n:alt: {alt}\n\n{words['made']}\n```")
        if i == DIFFER:
            body.append(f"[{words['differ']}](/side/{name}.md)")
    body += [*_hints(name, words), *_answers(name, words)]
    orphan = "orphan: true\n" if language == "ja" else ""
    return f"---\nlanguage: {language}\nother: {other}\n{orphan}---\n" + "\n\n".join(body) + "\n"


def _hints(name: str, words: dict[str, str]) -> list[str]:
    text = relink(read(f"questions/{name}/hints.md"), f"questions/{name}/hints.md", page_of)
    numbered = [question.COMMENT.sub("", part).strip() for part in re.split(r"(?m)^(?=\d+\. )", text)[1:]]
    folded = [f":::::{{dropdown}} {words['hint'].format(i)}\n{dedented(hint)}\n:::::" for i, hint in enumerate(numbered, 1)]
    return [raw('<span id="hints"></span>') if words["hints"] != "Hints" else "", f"## {words['hints']}", words["order"], *folded]


def _answers(name: str, words: dict[str, str]) -> list[str]:
    tabs = []
    for framework, title in FRAMEWORKS.items():
        code = "\n".join(line for line in answer(name, framework).splitlines() if not SOLUTION.match(line))
        tabs.append(f"::::{{tab-item}} {title}\n:sync: {framework}\n\n``````python\n{code}\n``````\n::::")
    return [raw('<span id="answers"></span>') if words["answers"] != "Answers" else "", f"## {words['answers']}",
            f"::::::{{dropdown}} {words['spoiler']}\n:class-container: spoiler\n\n:::::{{tab-set}}\n:sync-group: framework\n\n"
            + "\n\n".join(tabs) + "\n:::::\n::::::"]
