"""Downloads, from a server of our own on this computer: whole, damaged, broken off, interrupted."""

import hashlib
import io
import signal
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from test_datasets import ROOT, refused

from harness.data import describe, fetch, files, module

imori = module("imori")
mnist = module("mnist")

CONTENT = {name: hashlib.shake_256(name.encode()).digest(300_000) for name in mnist.SHA256}
FIRST = next(iter(CONTENT))
SUMS = {name: hashlib.sha256(data).hexdigest() for name, data in CONTENT.items()}


class Server(ThreadingHTTPServer):
    """Serves `content`; a `mode` other than "whole" spoils the answers."""
    daemon_threads = True
    mode = "whole"

    def __init__(self):
        super().__init__(("127.0.0.1", 0), Answer)
        self.content, self.asked, self.go_on = dict(CONTENT), [], threading.Event()
        self.base = f"http://127.0.0.1:{self.server_port}/"


class Answer(BaseHTTPRequestHandler):
    def do_GET(self):
        name, mode = self.path[1:], self.server.mode
        self.server.asked.append(name)
        if name not in self.server.content or mode == "error":
            return self.send_error(404 if mode == "whole" else 503)
        data = self.server.content[name]
        self.send_response(200)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data[::-1] if mode == "wrong" else data[:200_000] if mode in ("half", "stalled") else data)
        self.wfile.flush()
        if mode == "stalled":
            self.server.go_on.wait(60)

    def log_message(self, *_):
        pass


@pytest.fixture
def server():
    server = Server()
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
    yield server
    server.go_on.set()
    server.shutdown()
    server.server_close()


@pytest.fixture(autouse=True)
def cache(monkeypatch, tmp_path, server):
    """An empty cache, nothing elsewhere, and MNIST at our server, with other content."""
    monkeypatch.delenv("WORKBOOK_DATA", raising=False)
    monkeypatch.setenv("WORKBOOK_CACHE", str(tmp_path / "cache"))
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    monkeypatch.setattr(files, "SYSTEM", tmp_path / "system")
    monkeypatch.setattr(mnist, "BASE", server.base)
    monkeypatch.setattr(mnist, "SHA256", SUMS)
    return tmp_path / "cache"


def there(directory):
    """{name: content} of all files below a directory."""
    return {path.name: path.read_bytes() for path in Path(directory).rglob("*") if path.is_file()}


def test_success_and_no_second_download(server, cache):
    assert describe("mnist").where == "not fetched" and not cache.exists()
    paths = fetch("mnist")
    assert sorted(path.name for path in paths) == sorted(CONTENT)
    assert there(cache) == CONTENT
    assert describe("mnist").where == str(cache / "mnist")
    server.mode = "error"
    assert fetch("mnist") == paths and server.asked == list(CONTENT)


def test_only_what_is_missing_or_damaged_is_downloaded(server, cache):
    paths = {path.name: path for path in fetch("mnist")}
    missing, damaged = list(CONTENT)[1:3]
    paths[missing].unlink()
    assert describe("mnist").where == "not fetched"
    paths[damaged].write_bytes(b"damaged")
    server.asked.clear()
    fetch("mnist")
    assert server.asked == [missing, damaged] and there(cache) == CONTENT


def test_nested_paths(server, cache, monkeypatch):
    path = "train/images/akahara/akahara_0001.jpg"
    server.content[path] = b"newt"
    monkeypatch.setattr(imori, "BASE", server.base)
    monkeypatch.setattr(imori, "SHA256", {path: hashlib.sha256(b"newt").hexdigest()})
    assert fetch("imori") == [cache / "imori" / path]


@pytest.mark.parametrize("mode, said", [
    ("wrong", "wrong checksum"), ("half", "the connection was closed"), ("error", "the server answered 503"),
    ("stalled", "the server does not answer"),
])
def test_failure_leaves_nothing_behind(server, cache, monkeypatch, mode, said):
    server.mode = mode
    monkeypatch.setattr(files, "TIMEOUT", 0.2)
    refused([server.base + FIRST, cache, said, f"download it yourself to DIR/mnist/{FIRST} and use --data-dir DIR"],
            fetch, "mnist")
    assert there(cache) == {}
    server.mode = "whole"
    fetch("mnist")
    assert there(cache) == CONTENT


def test_missing_on_the_server(server):
    del server.content[FIRST]
    refused([server.base + FIRST, "the server answered 404"], fetch, "mnist")


def test_connection_refused(server, cache):
    server.shutdown()
    server.server_close()
    refused([server.base + FIRST, "no connection (ConnectionError)"], fetch, "mnist")
    assert there(cache) == {}


def test_cache_that_cannot_be_written(cache):
    cache.write_text("a file where the directory should be")
    refused([cache, FIRST], fetch, "mnist")


def test_directories_searched_are_named(server, tmp_path):
    server.mode = "error"
    refused([f"mnist was not found in {tmp_path} or {tmp_path / 'system'}, and {server.base}"], fetch, "mnist", tmp_path)


@pytest.mark.parametrize("interruption", [signal.SIGINT, signal.SIGKILL])
def test_interruption_leaves_no_half_file(server, cache, interruption):
    """Ctrl-C leaves nothing at all; a kill may leave pooch's temporary file, never one under the real name."""
    server.mode = "stalled"
    code = ("import signal, sys; signal.signal(signal.SIGINT, signal.default_int_handler)\n"
            "from harness.data import fetch, module; mnist = module('mnist'); mnist.BASE = sys.argv[1]; fetch('mnist')")
    with subprocess.Popen([sys.executable, "-c", code, server.base], cwd=ROOT, stderr=subprocess.DEVNULL) as process:
        while not any(map(len, there(cache).values())):  # until a part of the file is on the disk
            assert process.poll() is None
        process.send_signal(interruption)
        assert process.wait(30) != 0
    left = there(cache)
    assert not set(left) & set(CONTENT)
    assert left == {} or interruption == signal.SIGKILL
    server.mode = "whole"
    fetch("mnist")
    assert there(cache).items() >= CONTENT.items()


def test_nothing_is_printed(server):
    code = f"from harness.data import fetch, module; mnist = module('mnist'); mnist.BASE, mnist.SHA256 = {server.base!r}, {SUMS}; fetch('mnist')"
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, check=True)
    assert (done.stdout, done.stderr) == (b"", b"") and server.asked == list(SUMS)


def test_but_one_line_on_a_terminal(server, cache, monkeypatch):
    terminal = io.StringIO()
    terminal.isatty = lambda: True
    monkeypatch.setattr(sys, "stderr", terminal)
    for _ in range(2):  # the second time, there is nothing to download
        fetch("mnist")
    assert terminal.getvalue() == f"downloading mnist from {server.base} into {cache / 'mnist'}\n"
