"""What a student edition says of itself: its README in two languages, and its pyproject.toml."""

import re
from collections.abc import Sequence

from harness.frameworks import FRAMEWORKS
from harness.tasks import Task

ENGLISH = """\
# Exercises in image generation

日本語: [README.ja.md](README.ja.md)

You write networks and their training step in {frameworks}. `workbook check` says in seconds whether your answer is right.
If it is wrong, it says what is wrong, and where.

{questions}

Each question says what to write. Its hints go from a small help to nearly the answer.

## Set up

You need Python 3.11 or 3.12. Run this in the folder of this file:

```sh
python3 -m venv .venv && . .venv/bin/activate       # on Windows: py -m venv .venv, then .venv\\Scripts\\activate
{install}
```

- Other frameworks have other names in the brackets: `pytorch`, `tensorflow`, `keras`. Chainer is the exception: install `'.[train]'`,
  then run `workbook install chainer`.
- In each new terminal, run `. .venv/bin/activate` again. Then `workbook` is a command.
- `-c requirements.txt` takes the versions that were tested. Leave it out to keep what you have already.
- On Linux, pip takes the large CUDA build of PyTorch. `--extra-index-url https://download.pytorch.org/whl/cpu` takes the small one.
- `notebooks` in the brackets lets you write answers in Jupyter. `evaluate` brings what `workbook evaluate` needs.

## Work

```sh
workbook question {task}  # shows the question
workbook start {task} --framework {framework}  # writes work/{task}/{task}_{framework}.py, with gaps for you to fill
workbook check  # is it right?
workbook watch  # checks again each time you save the file
workbook hint  # the next hint
workbook progress  # what is solved
```

After your answer has passed, train it, and look at what it makes:

```sh
workbook train {task} --framework {framework} --file work/{task}/{task}_{framework}.py --size short --steps 50
workbook explore {task} --checkpoint out/train/{task}_{framework}
workbook evaluate --checkpoint out/train/{task}_{framework} --n 100
```

This edition has no answers, so `solution` and `compare` do not work here. `workbook --help` lists all commands.
"""

JAPANESE = """\
# 画像生成の演習

English: [README.md](README.md)

ネットワークと学習の 1 ステップを {frameworks} で書く演習です。`workbook check` を実行すると、答えが正しいかどうかが数秒でわかります。
間違っているときは、何が、どこで間違っているかを表示します。

{questions}

何を書くかは、それぞれの問題に書いてあります。ヒントは、少しだけ助けるものから、ほとんど答えに近いものへと進みます。

## 準備

Python 3.11 または 3.12 が必要です。このファイルのあるフォルダで、次を実行してください。

```sh
python3 -m venv .venv && . .venv/bin/activate       # Windows では py -m venv .venv、続けて .venv\\Scripts\\activate
{install}
```

- ほかのフレームワークを使うときは、角かっこの中を `tensorflow` や `keras` に変えます。Chainer だけは別で、`'.[train]'` を
  インストールしてから `workbook install chainer` を実行します。
- 新しいターミナルを開いたら、もう一度 `. .venv/bin/activate` を実行してください。`workbook` コマンドが使えるようになります。
- `-c requirements.txt` は、テスト済みのバージョンを指定します。すでに入っているバージョンを使いたいときは外してください。
- Linux の pip は、CUDA 版の大きな PyTorch を選びます。`--extra-index-url https://download.pytorch.org/whl/cpu` を付けると、
  小さい CPU 版になります。
- 角かっこに `notebooks` を加えると Jupyter で答えを書けます。`workbook evaluate` には `evaluate` が必要です。

## 進め方

```sh
workbook question {task} --language ja  # 問題を表示する
workbook start {task} --framework {framework}  # 穴のあいたファイル work/{task}/{task}_{framework}.py を作る
workbook check  # 正しいかどうかを調べる
workbook watch  # ファイルを保存するたびに調べる
workbook hint  # 次のヒントを見る
workbook progress  # どこまで解けたかを見る
```

答えが合格したら、学習させて、何ができるかを見てみましょう。

```sh
workbook train {task} --framework {framework} --file work/{task}/{task}_{framework}.py --size short --steps 50
workbook explore {task} --checkpoint out/train/{task}_{framework}
workbook evaluate --checkpoint out/train/{task}_{framework} --n 100
```

この版には解答が入っていないので、`solution` と `compare` は使えません。`workbook --help` で、すべてのコマンドを表示します。
"""

LANGUAGES = {"en": (ENGLISH, ("Question", "Write"), ""), "ja": (JAPANESE, ("問題", "書くクラス"), ".ja")}
WIDTH = 48              # of a command that has a remark
CHAINER = "pip install -c requirements.txt -e '.[train]' && workbook install chainer"


def readme(language: str, tasks: Sequence[Task], frameworks: Sequence[str]) -> str:
    """The README of an edition with these tasks; its examples are of the first task and the first framework."""
    text, headings, ending = LANGUAGES[language]
    other = {"": ".ja", ".ja": ""}[ending]
    rows = [f"| {' | '.join(headings)} | |", "|---|---|---|"]
    rows += [f"| [{task.title}](questions/{task.name}/README{ending}.md) | `{task.class_name}` | "
             f"[{'ja' if other else 'en'}](questions/{task.name}/README{other}.md) |" for task in tasks]
    first = frameworks[0]
    install = CHAINER if first == "chainer" else f"pip install -c requirements.txt -e '.[{first},train]'"
    names = [FRAMEWORKS[framework] for framework in frameworks]
    joined = " or ".join(filter(None, (", ".join(names[:-1]), names[-1]))) if language == "en" else "、".join(names)
    text = text.format(frameworks=joined, questions="\n".join(rows), install=install, task=tasks[0].name, framework=first)
    return re.sub(r"(?m)^(workbook .*?) +# ", lambda line: f"{line[1]:<{WIDTH}}  # ", text)


def pyproject(text: str) -> str:
    """From the workbook's to an edition's: the wheel has stubs in place of answers; what developers need is left out."""
    text = text.partition("[tool.pytest")[0]
    before, _, after = text.partition("# For those who work on the workbook itself")
    text = before + "\n" + after[after.index("[project.scripts]"):] if after else text
    return text.replace('"answers"', '"stubs"').replace("content/answers", "content/stubs").rstrip() + "\n"
