"""The house is one that one understands from ``ls``: few files a room, and each room says what lives there."""

import ast
import re

import pytest
from conftest import ROOT

HARNESS = ROOT / "harness"
ROOMS = sorted(path.parent.relative_to(HARNESS) for path in HARNESS.rglob("__init__.py") if path.parent != HARNESS)
MOST = 9        # files, beside __init__.py


def files(room):
    return [path for path in (HARNESS / room).iterdir() if path.is_file() and path.name != "__init__.py"]


def says(room):
    return ast.get_docstring(ast.parse((HARNESS / room / "__init__.py").read_text(encoding="utf-8")))


@pytest.mark.parametrize("room", ROOMS, ids=str)
def test_a_room_has_few_files_and_names_them(room):
    assert len(files(room)) <= MOST
    stems = {"list" if path.stem == "list_tasks" else path.stem for path in files(room) if path.suffix == ".py"}
    assert all(re.search(rf"(?m)(^    {stem}\b|``{stem}``|``{stem}\(|\b{stem}\b)", says(room)) for stem in stems), stems


@pytest.mark.parametrize("room", [room for room in ROOMS if len(room.parts) == 1], ids=str)
def test_a_room_says_what_it_may_use(room):
    assert re.search(r"[Mm]ay\s+use", says(room))
    assert f"    {room} " in ast.get_docstring(ast.parse((HARNESS / "__init__.py").read_text(encoding="utf-8")))


def test_tests_mirror_the_rooms():
    """Beside them: the answers, submissions that cheat, the project around the program, and its site."""
    rooms = {room.parts[0] for room in ROOMS}
    folders = {path.name for path in (ROOT / "tests").iterdir() if path.is_dir() and not path.name.startswith(("_", "."))}
    assert rooms <= folders and folders - rooms == {"answers", "hostile", "project", "website"}


def test_there_is_one_package():
    """What lies beside it is content: nothing of it can be imported by the name of its folder."""
    assert not [folder for folder in ("questions", "answers", "datasets", "notebooks") if (ROOT / folder / "__init__.py").exists()]
