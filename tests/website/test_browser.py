"""The site in Chromium: what a reader does, by mouse, keyboard and finger. `make site-test` builds it and runs this."""

import json
import re

import pytest
from browser import address, browse, built, chromium  # noqa: F401  fixtures

KINDS = ["index.html", "path.html", "tasks/vae.html", "ja/cgan.html", "side/wgan.html", "lockstep.html", "mistakes/gan.html", "mistakes/index.html",
         "notebooks/vae.html", "docs/check.html", "search.html?q=loss"]


def pages_of(built):
    return sorted(path.relative_to(built).as_posix() for path in built.rglob("*.html") if "_static" not in path.parts)


def test_every_page_loads_and_fits_a_phone(browse, built):
    """Without an error, without another host, and with nothing wider than 360 pixels but what scrolls by itself."""
    page = browse(360, 740)
    wide = []
    for name in pages_of(built):
        page.goto(name)
        if page.evaluate("document.documentElement.scrollWidth > innerWidth"):
            wide.append(name)
    assert wide == []


@pytest.mark.parametrize("width", [360, 900, 1600])
def test_each_kind_of_page_looks_as_it_should(width, browse, built):
    """A picture of each is left in out/, to be looked at; here, that its parts do not lie on one another and none is too wide."""
    shots = built.parent / "site-shots"
    shots.mkdir(exist_ok=True)
    page = browse(width)
    for name in KINDS:
        page.goto(name)
        page.wait_for_function("!document.querySelector('#zoom[hidden]') && !(document.querySelector('.choose[hidden]'))")
        assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), name
        assert page.locator("article :is(h1, h2)").first.bounding_box()["width"] > 200, name
        page.screenshot(path=shots / f"{re.sub('[/.?=]', '_', name)}_{width}.png")


def test_the_language_stays_and_keeps_the_place(browse):
    page = browse()
    page.goto("tasks/vae.html#the-loss")
    page.get_by_role("link", name="日本語").first.click()
    page.wait_for_url("**/ja/vae.html#the-loss")
    assert page.locator("html").get_attribute("lang") == "ja"
    above = page.evaluate("""[...document.querySelectorAll("h2")].find(it => it.textContent.startsWith("損失")).getBoundingClientRect().top
                             - document.getElementById("the-loss").getBoundingClientRect().top""")
    assert 0 <= above < 100
    page.goto("tasks/cgan.html")
    page.wait_for_url("**/ja/cgan.html")
    page.goto("tasks/gan.html?language=en")
    page.goto("tasks/cgan.html")
    assert page.locator("html").get_attribute("lang") == "en"


def test_the_framework_stays_and_is_in_the_address(browse):
    page = browse()
    page.goto("tasks/vae.html")
    spoiler = page.locator("details.spoiler")
    assert not spoiler.evaluate("it => it.open")
    spoiler.locator("summary").click()
    page.get_by_text("Chainer", exact=True).last.click()
    assert "framework=chainer" in page.url
    assert page.get_by_text("L.Linear(inputs, units").first.is_visible()
    page.goto("tasks/gan.html")
    page.locator("details.spoiler summary").click()
    assert page.get_by_text("import chainer.links as L").is_visible()
    page.goto("tasks/dcgan.html?framework=keras")
    page.locator("details.spoiler summary").click()
    assert page.get_by_text("import keras", exact=False).first.is_visible()
    page.goto("mistakes/vae.html")
    page.locator("details.spoiler summary").first.click()
    assert page.locator("details.spoiler").first.get_by_text("ops.mean", exact=False).first.is_visible()


def test_hints_open_one_by_one(browse):
    page = browse()
    page.goto("tasks/vae.html#hints")
    hints = page.locator("details:not(.spoiler)").filter(has=page.locator("summary", has_text="Hint"))
    assert hints.count() == 8 and hints.evaluate_all("all => all.filter(it => it.open).length") == 0
    hints.nth(0).locator("summary").click()
    assert hints.evaluate_all("all => all.filter(it => it.open).length") == 1


@pytest.mark.parametrize("words, found", [("reparameterisation", "tasks/vae"), ("潜在空間", "ja/"), ("gradient penalty", "wgan_gp")])
def test_the_search_finds(words, found, browse):
    page = browse()
    page.goto("index.html")
    page.get_by_role("textbox", name="Search").fill(words)
    page.keyboard.press("Enter")
    page.locator("ul.search li a").first.wait_for()
    assert any(found in link for link in page.locator("ul.search li a").evaluate_all("all => all.map(it => it.href)"))


def test_side_by_side_aligns_what_is_chosen(browse):
    page = browse(1600)
    page.goto("side/vae.html?left=keras&right=chainer#training-step")
    step = page.locator('[data-part="training-step"] > table')
    assert step.locator("thead th").all_text_contents()[::2] == ["Keras", "Chainer"]
    same = step.locator("tr.same", has_text="loss = bce + kl")
    assert same.count() == 1
    differs = step.locator("tr.differs", has_text="bernoulli_nll").first
    assert "ops." in differs.locator("td").first.text_content() and differs.locator("mark").count() > 0
    assert step.locator("tr.note", has_text="BCE from logits").count() == 1
    page.get_by_label("Right").select_option("pytorch")
    assert "right=pytorch" in page.url and "left=keras" in page.url
    assert page.locator('[data-part="training-step"] > table tr', has_text="zero_grad").count() == 1
    page.get_by_role("button", name="Swap").click()
    assert page.locator('[data-part="training-step"] > table thead th').first.text_content() == "PyTorch"
    page.get_by_label("Left").select_option("keras")        # what the right one is: they are never the same
    assert page.get_by_label("Right").input_value() != "keras"
    for part in page.locator(".part").all():                # every line of the code once
        lines = part.locator('[data-framework="keras"] [data-line]').evaluate_all("all => all.map(it => it.dataset.line)")
        shown = part.locator(":scope > table td.keras [data-line]").evaluate_all("all => all.map(it => it.dataset.line)")
        assert lines == shown


def test_slides_by_keyboard(browse):
    page = browse(1600)
    page.goto("side/cgan.html?slide=losses")
    dialog = page.locator("dialog.slides")
    assert dialog.is_visible() and page.locator("#slide-title").text_content() == "Losses"
    assert dialog.locator(".of").count() == 4
    size = float(dialog.locator(".four").evaluate("it => parseFloat(it.style.fontSize)"))
    assert size >= 18 and dialog.locator(".four").evaluate("it => it.scrollHeight <= it.clientHeight + 1")
    page.keyboard.press("ArrowRight")
    assert page.locator("#slide-title").text_content() == "Training step" and "slide=training-step" in page.url
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("Escape")
    dialog.wait_for(state="hidden")
    assert "slide" not in page.url.partition("?")[2]


def test_the_curves_are_those_that_are_stored(browse, built):
    page = browse()
    page.goto("lockstep.html?task=vae&loss=kl")
    page.locator("#zoom").wait_for()
    stored = json.loads((built / "_static/curves/vae.json").read_text(encoding="utf-8"))
    curves = page.evaluate("workbook.lockstep.curves")
    assert curves["pytorch"] == stored["curves"]["kl"]["values"] and len(curves) == 4
    worst = max(abs(a - b) / max(a, b) for name in curves for a, b in zip(curves[name], curves["pytorch"]))
    assert 0 < worst <= max(pair["curve"] for pair in stored["pairs"])
    page.get_by_label("Task").select_option("wgan")
    page.wait_for_function("workbook.lockstep.curves.pytorch.length === 200 && document.getElementById('loss').value === 'critic'")
    assert "task=wgan" in page.url


def test_zoom_by_keyboard_mouse_and_touch(browse):
    page = browse(900, has_touch=True)
    page.goto("lockstep.html")
    page.locator("#zoom").wait_for()
    span = "(([a, b]) => b - a)(workbook.lockstep.charts.range())"
    assert page.evaluate(span) == 199
    page.locator("#curve").focus()
    page.keyboard.press("+")
    assert page.evaluate(span) == pytest.approx(99.5)
    page.keyboard.press("0")
    page.keyboard.press("ArrowRight")
    assert "Step 2: PyTorch" in page.locator("#shown").text_content()
    page.get_by_role("button", name="Zoom in").click()
    assert page.evaluate(span) == pytest.approx(99.5)
    page.get_by_role("button", name="All steps").click()
    x, y, wide = _place(page.locator("#curve .u-over"))
    page.mouse.move(x + wide * 0.25, y)
    page.mouse.down()
    page.mouse.move(x + wide * 0.5, y, steps=5)
    page.mouse.up()
    page.wait_for_function(f"Math.abs({span} - 50) < 3")
    page.get_by_role("button", name="All steps").click()
    x, y, wide = _place(page.locator("#curve .u-over"))
    touch = page.context.new_cdp_session(page)

    def fingers(kind, *places):
        touch.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": [{"x": x + wide * p, "y": y, "id": i} for i, p in enumerate(places)]})
    fingers("touchStart", 0.45, 0.55)
    for spread in (0.1, 0.2, 0.3):
        fingers("touchMove", 0.5 - spread, 0.5 + spread)
    fingers("touchEnd")
    page.wait_for_function(f"{span} < 120")


def _place(chart):
    """(left, middle, width) of a chart, where it is after it was moved to the middle of the window."""
    chart.evaluate("it => it.scrollIntoView({block: 'center', behavior: 'instant'})")
    box = chart.bounding_box()
    return box["x"], box["y"] + box["height"] / 2, box["width"]


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_axe_finds_nothing_serious(dark, browse, built):
    from website.libraries import MODULES
    axe = (MODULES / "axe-core/axe.min.js").read_text(encoding="utf-8")
    page, found = browse(dark=dark), []
    for name in KINDS[:7] if dark else KINDS:
        page.goto(name)
        page.evaluate("document.querySelectorAll('details').forEach((it, i) => { if (i < 12) it.open = true; })")
        page.evaluate(axe)
        for violation in page.evaluate("axe.run(document, {resultTypes: ['violations']}).then(result => result.violations)"):
            if violation["impact"] in ("serious", "critical"):
                found.append((name, violation["id"], [node["html"][:150] for node in violation["nodes"][:3]], len(violation["nodes"])))
    assert found == []


def test_by_keyboard_alone_from_home_to_an_answer(browse):
    page = browse()
    page.goto("index.html")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.textContent.trim()") == "Skip to content"
    page.keyboard.press("Enter")
    _tab_to(page, "it => it.getAttribute('href') === 'path.html' && it.closest('article')")
    page.keyboard.press("Enter")
    page.wait_for_url("**/path.html")
    _tab_to(page, "it => it.closest('.map') && it.getAttribute('href') === 'tasks/ae.html'")
    page.keyboard.press("Enter")
    page.wait_for_url("**/tasks/ae.html")
    _tab_to(page, "it => it.tagName === 'SUMMARY' && it.closest('.spoiler')")
    page.keyboard.press("Enter")
    _tab_to(page, "it => it.type === 'radio'")
    page.keyboard.press("ArrowRight")
    assert "framework=tensorflow" in page.url


def _tab_to(page, what, most=250):
    for _ in range(most):
        page.keyboard.press("Tab")
        if page.evaluate(f"Boolean(({what})(document.activeElement))"):
            return
    raise AssertionError(f"Tab does not come to {what}")


def test_a_question_prints_as_a_sheet(browse):
    page = browse()
    page.goto("tasks/vae.html")
    page.emulate_media(media="print")
    for hidden in (".sidebar-drawer", ".bar", "#hints", "#answers", ".toc-drawer"):
        assert not page.locator(hidden).first.is_visible(), hidden
    assert page.locator(".katex-display").first.is_visible()
    assert page.pdf().count(b"/Type /Page\n") in range(2, 7)


def test_without_scripts_everything_can_be_read(browse):
    page = browse(java_script_enabled=False)
    page.goto("side/vae.html")
    assert page.locator('[data-part="training-step"] > .of').count() == 4 and page.locator('[data-part="training-step"] pre').first.is_visible()
    page.goto("tasks/vae.html")
    assert page.locator(".katex-display").count() >= 3
    page.locator("details.spoiler summary").click()
    assert page.get_by_text("import torch").first.is_visible()
    page.goto("lockstep.html")
    assert page.locator("table.agreement").is_visible()


def test_a_moving_picture_can_be_stopped(browse):
    page = browse(reduced_motion="reduce")
    page.goto("index.html")
    assert page.locator("#moving").get_attribute("src").endswith(".png")
    page.get_by_role("button", name="Play").click()
    assert page.locator("#moving").get_attribute("src").endswith(".webp")
