"""Downloads go on where they broke off, bring the right file or none, and follow only safe addresses."""

import hashlib
import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from presenter import cli, settings
from presenter.engines import download, weights
from presenter.errors import SetupError

CONTENT = bytes(range(256)) * 8000  # 2 MB


class Mirror(ThreadingHTTPServer):
    """A server with one file and the faults that servers have."""

    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), _Handler)
        self.content = CONTENT
        self.status = 200
        self.kind = "application/octet-stream"
        self.location = ""
        self.ranges = True
        self.cuts = []  # bytes after which a connection ends, one for each of the next connections
        self.asked = []  # the Range header of each request

    def handle_error(self, *_):
        """A client that hangs up is nothing to talk about."""

    @property
    def url(self):
        return f"http://127.0.0.1:{self.server_port}"


class _Handler(BaseHTTPRequestHandler):
    def do_GET(self):
        server = self.server
        wanted = self.headers.get("Range")
        server.asked.append(wanted)
        start = int(wanted[6:-1]) if wanted and server.ranges else 0
        data = server.content[start:]
        partial = bool(wanted) and server.ranges
        self.send_response(302 if server.location else 206 if partial else server.status)
        if server.location:
            self.send_header("Location", server.location)
        self.send_header("Content-Type", server.kind)
        self.send_header("Content-Length", str(len(data)))
        if partial:
            self.send_header(
                "Content-Range", f"bytes {start}-{len(server.content) - 1}/{len(server.content)}"
            )
        self.end_headers()
        cut = server.cuts.pop(0) if server.cuts else len(data)
        self.wfile.write(data[:cut])
        self.close_connection = True

    def log_message(self, *_):
        pass


@pytest.fixture
def mirrors():
    """Three servers; only what a test asks for is wrong with them."""
    found = [Mirror() for _ in range(3)]
    for mirror in found:
        threading.Thread(target=mirror.serve_forever, args=(0.02,), daemon=True).start()
    yield found
    for mirror in found:
        mirror.shutdown()
        mirror.server_close()


@pytest.fixture
def folder(tmp_path, monkeypatch, mirrors):
    """An empty checkpoints folder, and a manifest of one file that the three servers have."""
    links = tuple(weights.Link(f"{mirror.url}/big.bin") for mirror in mirrors)
    sha256 = hashlib.sha256(CONTENT).hexdigest()
    row = weights.Checkpoint("big", "large", "big.bin", len(CONTENT), sha256, "MIT", True, links)
    monkeypatch.setattr(weights, "manifest", lambda: (row,))
    place = tmp_path / "checkpoints"
    monkeypatch.setenv("PRESENTER_CHECKPOINTS", str(place))
    monkeypatch.setenv("PRESENTER_HOME", str(tmp_path / "home"))
    monkeypatch.setattr(
        settings, "current", lambda: settings.Settings(checkpoints=place, home=tmp_path / "home")
    )
    return place


def visible(folder):
    return sorted(path.name for path in folder.iterdir() if path.name != ".lock")


def test_a_file_comes_from_the_first_place_that_has_it(folder, mirrors):
    (path,) = weights.fetch("large")
    assert path.read_bytes() == CONTENT
    assert visible(folder) == ["big.bin"]
    weights.fetch("large")
    assert [len(mirror.asked) for mirror in mirrors] == [1, 0, 0]


def test_a_connection_that_breaks_is_gone_on_with_from_there(folder, mirrors):
    mirrors[0].cuts = [500_000, 700_000]
    weights.fetch("large")
    assert mirrors[0].asked == [None, "bytes=500000-", "bytes=1200000-"]
    assert (folder / "big.bin").read_bytes() == CONTENT


def test_what_was_brought_is_kept_for_the_next_time(folder, mirrors):
    for mirror in mirrors:
        mirror.cuts = [500_000, 0] if mirror is mirrors[0] else [0]
    with pytest.raises(SetupError, match="E-MODEL-FETCH"):
        weights.fetch("large")
    assert visible(folder) == [".big.bin.part"]
    weights.fetch("large")
    assert mirrors[0].asked[-1] == "bytes=500000-"
    assert visible(folder) == ["big.bin"]


def test_a_server_that_cannot_go_on_sends_the_whole_file_again(folder, mirrors):
    mirrors[0].ranges = False
    mirrors[0].cuts = [500_000]
    weights.fetch("large")
    assert mirrors[0].asked == [None, "bytes=500000-"]
    assert (folder / "big.bin").read_bytes() == CONTENT


def test_half_of_another_file_is_begun_anew(folder, mirrors):
    folder.mkdir()
    (folder / ".big.bin.part").write_bytes(b"X" * 500_000)
    weights.fetch("large")
    assert mirrors[0].asked == ["bytes=500000-", None]
    assert (folder / "big.bin").read_bytes() == CONTENT


def test_more_than_the_whole_file_is_begun_anew(folder):
    folder.mkdir()
    (folder / ".big.bin.part").write_bytes(CONTENT + b"more")
    weights.fetch("large")
    assert (folder / "big.bin").read_bytes() == CONTENT


def test_a_dead_link_a_web_page_and_another_file_are_named_and_passed_over(folder, mirrors):
    mirrors[0].status = 404
    mirrors[1].content, mirrors[1].kind = b"<html>Sign in</html>", "text/html; charset=utf-8"
    lines = []
    weights.fetch("large", progress=lines.append)
    assert "127.0.0.1: the link is dead (404)" in lines
    assert "127.0.0.1: it sent a web page instead of the file" in lines
    assert (folder / "big.bin").read_bytes() == CONTENT


def test_when_nobody_has_it_every_reason_is_told(folder, mirrors):
    mirrors[0].status = 410
    mirrors[1].status = 403
    mirrors[2].content = b"X" + CONTENT[1:]
    with pytest.raises(SetupError) as caught:
        weights.fetch("large")
    assert caught.value.code == "E-MODEL-FETCH"
    for reason in ("the link is dead (410)", "it asks for a login (403)", "its sha256 differs"):
        assert reason in caught.value.message
    assert "presenter checkpoints add big.bin" in caught.value.hint
    assert visible(folder) == []


def test_a_file_of_another_size_is_not_even_brought(folder, mirrors):
    for mirror in mirrors:
        mirror.content = CONTENT * 2
    with pytest.raises(SetupError, match="4,096,000 bytes to send instead of 2,048,000"):
        weights.fetch("large")


def test_only_safe_addresses_are_followed(folder, mirrors, tmp_path):
    for bad in ("http://example.org/big.bin", "ftp://example.org/big.bin"):
        with pytest.raises(download.Unreachable, match="only https"):
            download.bring(bad, tmp_path / "part", 10)
    for target in ("http://example.org/big.bin", "file:///etc/passwd"):
        mirrors[0].location = target
        with pytest.raises(download.Unreachable, match=r"address that is not used|it answered 302"):
            download.bring(f"{mirrors[0].url}/big.bin", tmp_path / "part", 10)
    assert not (tmp_path / "part").exists()


def test_nobody_at_the_other_end_is_a_reason_and_no_traceback(tmp_path):
    mirror = Mirror()
    mirror.server_close()
    with pytest.raises(download.Unreachable, match="no connection"):
        download.bring(f"{mirror.url}/big.bin", tmp_path / "part", 10)


def test_progress_ends_at_the_whole_file_and_tells_the_time_that_is_left(folder, mirrors, monkeypatch):
    now = iter(range(10_000))
    monkeypatch.setattr(download.time, "monotonic", lambda: next(now))
    seen = []
    weights.fetch("large", tick=seen.append)
    assert [at.done for at in seen] == sorted(at.done for at in seen)
    assert seen[-1].done == seen[-1].bytes == len(CONTENT)
    assert seen[-1].seconds == 0
    assert seen[0].file == "big.bin"
    assert seen[0].seconds > seen[len(seen) // 2].seconds > 0


def test_a_folder_takes_the_place_of_the_internet(folder, mirrors, tmp_path, capsys):
    stick = tmp_path / "stick"
    stick.mkdir()
    assert cli.main(["checkpoints", "fetch", "large", "--from", str(stick)]) == 3
    assert "E-MODEL-FETCH" in capsys.readouterr().err
    (stick / "big.bin").write_bytes(CONTENT)
    assert cli.main(["checkpoints", "fetch", "large", "--from", str(stick), "--json"]) == 0
    out, err = capsys.readouterr()
    assert (json.loads(out), err) == ([{"file": "big.bin"}], "")
    assert not any(mirror.asked for mirror in mirrors)
    (folder / "big.bin").unlink()
    assert cli.main(["checkpoints", "fetch", "large", "--from", stick.as_uri()]) == 0
    assert cli.main(["checkpoints", "fetch", "large", "--from", "http://example.org"]) == 0  # it is there
    (folder / "big.bin").unlink()
    assert cli.main(["checkpoints", "fetch", "large", "--from", "http://example.org"]) == 3
    assert "only https" in capsys.readouterr().err


def test_the_command_line_shows_how_far_it_is(folder, capsys):
    assert cli.main(["checkpoints", "fetch", "large"]) == 0
    out, err = capsys.readouterr()
    assert out == "big.bin\n"
    assert "fetching big.bin (2 MB) from 127.0.0.1" in err
    assert "big.bin: 2 of 2 MB" in err


def test_of_several_at_once_one_downloads(folder, mirrors):
    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor(3) as pool:
        results = list(pool.map(lambda _: weights.fetch("large"), range(3)))
    assert results[0] == results[1] == results[2]
    assert len(mirrors[0].asked) == 1
    assert visible(folder) == ["big.bin"]
