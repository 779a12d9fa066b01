"""python -m website: what it refuses, before it removes anything."""

import pytest

pytest.importorskip("sphinx", reason="Sphinx is missing: `make site` installs it")
from website import __main__ as command
from website import libraries


def test_it_does_not_empty_a_folder_that_is_no_site(tmp_path, capsys):
    (tmp_path / "thesis.tex").write_text("years of work")
    assert command.main(["--out", str(tmp_path)]) == 2
    assert "holds something else than a site" in capsys.readouterr().err and (tmp_path / "thesis.tex").exists()


def test_it_says_that_node_is_missing(tmp_path, capsys, monkeypatch):
    monkeypatch.setattr(libraries, "NODE", "no-such-node")
    assert command.main(["--out", str(tmp_path / "site")]) == 2
    assert "needs node and npm" in capsys.readouterr().err and not (tmp_path / "site").exists()


def test_npm_is_asked_again_after_the_lock_file_changed(tmp_path, monkeypatch):
    """And not before."""
    asked = []
    for name in ("package-lock.json", "package.json"):
        (tmp_path / name).write_text("{}")
    monkeypatch.setattr(libraries, "SITE", tmp_path)
    monkeypatch.setattr(libraries, "MODULES", tmp_path / "node_modules")
    monkeypatch.setattr(libraries.shutil, "which", lambda name: name)

    def run(command, **options):
        asked.append(command[1])
        (tmp_path / "node_modules").mkdir(exist_ok=True)
        return type("Done", (), {"returncode": 0})

    monkeypatch.setattr(libraries.subprocess, "run", run)
    libraries.require()
    libraries.require()
    assert asked == ["ci"]
    (tmp_path / "package-lock.json").write_text('{"lockfileVersion": 3}')
    libraries.require()
    assert asked == ["ci", "ci"]


def test_a_formula_that_cannot_be_typeset_is_an_error():
    """And one that can is HTML and MathML."""
    from sphinx.errors import ExtensionError

    from website.sphinx.katex import Katex
    if not (libraries.MODULES / "katex").is_dir():
        pytest.skip("KaTeX is missing: `make site` brings it")
    typeset = Katex()
    try:
        assert "<math" in typeset(r"\frac12 \log\sigma^2", False) and "katex-display" in typeset("x", True)
        with pytest.raises(ExtensionError, match="KaTeX cannot typeset"):
            typeset(r"\frac{1", False)
        assert "katex" in typeset("y", False)
    finally:
        typeset.close()
