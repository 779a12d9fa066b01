"""The sources of the site: all pages are there, and what is written in the repository is in them."""

import json
import re

import pytest

from harness import tasks
from harness.tasks import mistakes, question
from website import sources
from website.pages import home, museum, reading, side, task
from website.repository import page_of, stations


@pytest.mark.sampled(5)
@pytest.mark.parametrize("name", tasks.names())
def test_a_task_has_its_hints_one_by_one_and_four_answers(name):
    pages = task.pages(name)
    assert list(pages) == [f"tasks/{name}", f"ja/{name}"]
    for page in pages.values():
        assert page.count(":::::{dropdown}") - page.count("::::::{dropdown}") == len(question.hints(tasks.load(name)))
        assert page.count("::::{tab-item}") == 4 and page.count("\nclass ") >= 4 and "BEGIN SOLUTION" not in page
        assert "<!--" not in page


@pytest.mark.sampled(5)
@pytest.mark.parametrize("name", tasks.names())
def test_every_mistake_is_in_the_museum(name):
    page = museum.page(name)
    for mistake in mistakes.load(tasks.load(name)):
        assert f"## {mistake.title}\n" in page


def test_an_explorer_is_a_file_and_no_other_change(tmp_path, monkeypatch):
    """Its page, and its place in the tree; where there is none, nothing speaks of them."""
    monkeypatch.setattr(sources, "EXPLORERS", tmp_path)
    assert sources.explorers() == {} == reading.explorers({}) and "explorers" not in home.home([])["index"]
    (tmp_path / "plane.md").write_text("# The latent plane\n", encoding="utf-8")
    assert sources.explorers() == {"plane": "# The latent plane\n"}
    found = reading.explorers(sources.explorers())
    assert found["explorers/plane"] == "# The latent plane\n" and "\nplane\n" in found["explorers/index"]
    assert "\nexplorers/index\n" in home.home(["plane"])["index"]


def test_stations_are_right_of_what_they_need():
    places = home.places()
    assert len(set(places.values())) == len(stations()) == 15
    assert all(places[n][0] < places[s.number][0] for s in stations() for n in s.needs)


@pytest.mark.sampled(15)
@pytest.mark.parametrize("name", tasks.names())
def test_every_part_of_a_pair_has_rows(name):
    page = side.page(name)
    data = json.loads(re.search(r'id="beside">(.*?)</script>', page, re.DOTALL)[1])
    parts = re.findall(r'data-part="([\w-]+)"', page)
    assert len(data["pairs"]) == 6 and all(list(pair) == parts for pair in data["pairs"].values())


@pytest.mark.parametrize("path, page", [
    ("README.md", "/index.md"), ("questions/README.md", "/path.md"), ("questions/vae/README.ja.md", "/ja/vae.md"),
    ("answers/vae/vae_keras.py", "/tasks/vae.md#answers"), ("docs/check.md", "/docs/check.md"), ("notebooks/vae.ipynb", "/notebooks/vae.ipynb"),
    ("notebooks", "/notebooks/index.md"), ("docs/images/rows/vae.jpg", "/images/rows/vae.jpg"), ("harness/__init__.py", None),
    ("questions/vae/task.toml", None), ("questions/nothing/README.md", None), ("docs/nothing.md", None)])
def test_where_a_file_has_its_page(path, page):
    assert page_of(path) == page


