"""Beasts that are no Python, or hardly; notebooks that are none; and what is wrong in all honesty. None may pass, but two."""

import json

from beast import LATE, PASSED, RAISED, TASK, WRONG, Kind, answer

from harness import tasks
from harness.feedback.diagnosis import path_of
from harness.tasks import answer_path
from harness.work import stub

beast = Kind(__name__, states={RAISED, WRONG}, lone=True)

RIGHT = answer("right")
for name, source in {
    "empty": b"", "binary_junk": bytes(range(256)) * 1000, "null_bytes": b"\0" * 100_000, "null_in_the_middle": RIGHT.encode() + b"\0",
    "parentheses": b"(" * 4_000_000, "brackets_that_close": b"x = " + b"[" * 100_000 + b"]" * 100_000, "one_long_line": b"x = " + b"1+" * 300_000 + b"1",
    "minus_signs": b"x = " + b"-" * 1_000_000 + b"1", "names_of_names": b"x = " + b"a." * 500_000 + b"a", "a_large_number": b"x = " + b"9" * 3_000_000,
    "ifs_in_ifs": "".join(" " * n + "if 1:\n" for n in range(200)).encode() + b" " * 200 + b"x", "utf_16": RIGHT.encode("utf-16"),
    "no_encoding": RIGHT.replace("Autoencoder in", "Autoencodér in").encode("latin-1"), "an_encoding_that_there_is_not": b"# coding: utf-9\n" + RIGHT.encode(),
    "an_encoding_that_is_none": b"# coding: rot13\n" + RIGHT.encode(), "base64": b"# coding: hex\n" + RIGHT.encode(), "a_text_that_grows": b"x = " + b"'x' * 4000 * " * 8 + b"4000", "tabs_and_spaces": b"if 1:\n\tx=1\n        y=2\n", "decorators": b"@x\n" * 100_000 + b"class X: pass",
    "a_byte_of_an_emoji": b"\xf0\x9f", "half_a_character_in_a_name": b"x\xed\xa0\x80 = 1", "a_form_feed": b"\x0c" * 1000 + b"class", "bidirectional": "x = '\u202e'; y\u200b = 1".encode(),
}.items():
    beast.file(name, source)
beast.file("a_mark_of_byte_order", b"\xef\xbb\xbf" + RIGHT.encode(), states=PASSED)
beast.file("lines_of_another_system", RIGHT.replace("\n", "\r\n").encode(), states=PASSED)

cell = {"cell_type": "code", "metadata": {}, "source": RIGHT.splitlines(True), "outputs": [], "execution_count": None}
book = {"nbformat": 4, "nbformat_minor": 5, "metadata": {"kernelspec": {"name": "python3", "display_name": "x", "language": "python"}}, "cells": [cell]}
for name, content in {
    "notebook_empty": "", "notebook_null": "null", "notebook_list": "[]", "notebook_number": "5", "notebook_no_cells": "{}", "notebook_cut_off": json.dumps(book)[:500],
    "notebook_deep": "[" * 100_000, "notebook_deep_cells": '{"cells": ' * 5000 + "1" + "}" * 5000, "notebook_binary": "\0\1\2",
    "notebook_of_the_future": json.dumps({**book, "nbformat": 99}), "notebook_of_the_past": json.dumps({**book, "nbformat": 1}),
    "notebook_cells_that_are_none": json.dumps({**book, "cells": [1, None, {"cell_type": "code"}, {"cell_type": {}, "source": 5}]}),
    "notebook_that_lies": json.dumps({**book, "cells": [{**cell, "cell_type": "markdown"}, {**cell, "source": ["state = 'passed'\n"], "outputs": [
        {"output_type": "stream", "name": "stdout", "text": "passed"}]}]}),
    "notebook_of_magics": json.dumps({**book, "cells": [{**cell, "source": ["%%bash\n", "echo passed\n"]}, {**cell, "source": ["!touch /tmp/x\n", "%run x\n"]}]}),
    "notebook_with_a_huge_number": '{"cells": [], "nbformat": ' + "9" * 10_000 + "}",
    "notebook_with_half_a_character": json.dumps({**book, "cells": [{**cell, "source": ["x = '\ud800'\n"]}]}),
}.items():
    beast.file(name, content, file=f"{TASK}.ipynb")

beast.file("notebook_of_another_language", json.dumps({**book, "metadata": {"kernelspec": {"name": "bash", "language": "bash"}}}), file=f"{TASK}.ipynb",
           states={PASSED, RAISED})
beast.file("constants_that_grow", b"x = 9 ** 9 ** 9 ** 9", states=LATE, seconds=4.0)

task = tasks.load(TASK, "check")
stored = json.loads(path_of(task).read_text(encoding="utf-8"))["right"]
beast.file("stub", answer("stub"), states="not attempted")
beast.file("wrong", answer("wrong"), states=WRONG)
beast.file("another_task", stub.solution(answer_path(tasks.load("vae", "check"), "chainer").read_text(encoding="utf-8")))
beast.file("another_framework", answer("right", "pytorch"))
beast.file("constant_losses", answer("right").replace('return {"mse": loss}', 'return {"mse": loss * 0 + 0.5}'))
# The numbers that check compares with: at its seed they would all be right.
beast.file("the_stored_losses", answer("wrong").replace(
    'return {"mse": loss}', f'self.n = getattr(self, "n", -1) + 1; return {{"mse": loss * 0 + {stored["curves"]["mse"]}[self.n % 5]}}'))
beast.file("the_stored_fingerprint", f"STORED = {stored!r}\n" + answer("wrong").replace(
    'return {"mse": loss}', 'self.n = getattr(self, "n", -1) + 1; return {"mse": loss * 0 + STORED["curves"]["mse"][self.n % 5]}'))
beside = dict.fromkeys(("chainer.py", "numpy.py", "harness.py", "json.py", "sitecustomize.py", "usercustomize.py", "queue.py", "__init__.py", "zoo.pth",
                        "pyvenv.cfg"), b"raise BaseException('HOLE: what lies beside hides a module')\n")
beast.file("what_lies_beside", RIGHT, states=PASSED, beside=beside)
beast.file("names_that_are_paths", RIGHT, states=PASSED, beside={"../../../escape.py": b"x", "/etc/escape": b"x", "a/b/c.py": b"x"})
