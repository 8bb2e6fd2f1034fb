"""What is broken on purpose: photos, sounds and decks with changed bytes, and requests with changed values.

Each is to be read, or refused in plain words with a code, within seconds. Files pass the checks of every
door; requests go to a server of its own, by HTTP and by MCP.
"""

from __future__ import annotations

import http.client
import io
import itertools
import json
import random
import tempfile
import time
import zipfile
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from presenter import audio, decks, intake, tokens
from presenter.bench.decks import document, presentation
from presenter.bench.readers import said
from presenter.bench.service import Service, small
from presenter.errors import PresenterError, WorkError
from presenter.evaluate import Measure
from presenter.settings import Settings
from presenter.studio import Studio

PHOTOS, SOUNDS, DECKS, BODIES = 80, 60, 20, 60
"""How many of each kind, of which ``scale`` is a multiple: 220 in all."""
SECONDS, SECONDS_OF_A_DECK = 5.0, 30.0
"""Within which each is to be answered."""

ODD: tuple[Any, ...] = (
    None, True, -1, 0, 10**30, 1e308, "", " ", "\0", "x" * 70_000, "../../etc/passwd", "file:///etc/passwd",
    "http://127.0.0.1:1/", "\u202e\u200b", "[pause 99999]", "{{lesson}}", "<script>",
    "---\nvoice: [\n---\n", [], {}, [[[[]]]], {"a": {"b": None}}, "%s%n", "😀" * 300, "# " * 500,
)  # fmt: skip
"""Values that nobody expects."""


class Tally:
    """Counts how damaged things were answered.

    Args:
        kind: what they are, in the plural.
        limit: seconds that an answer may take.
    """

    def __init__(self, kind: str, limit: float) -> None:
        self._kind, self._limit = kind, limit
        self._count = self._crashes = self._late = 0
        self._slowest = 0.0
        self._codes: Counter[str] = Counter()

    def look(self, call: Callable[[], str]) -> None:
        """Ask for one more answer.

        Args:
            call: gives ``"read"`` or the code of a refusal, or raises it.
        """
        began = time.monotonic()
        try:
            code = call()
        except PresenterError as error:
            code = error.code if error.message else "no message"
        except Exception as error:
            code = type(error).__name__
        spent = time.monotonic() - began
        self._count += 1
        self._codes[code] += 1
        self._crashes += code != "read" and (not code.startswith("E-") or code == "E-INTERNAL")
        self._late += spent > self._limit
        self._slowest = max(self._slowest, spent)

    def measures(self) -> Iterator[Measure]:
        """What was counted."""
        name = self._kind.split()[-1]
        what = f"{self._count} {self._kind}"
        codes = ", ".join(f"{code} {count}" for code, count in self._codes.most_common(6))
        yield Measure(f"damaged-{name}", f"{what}: crashes", self._crashes, "", None, 0, codes)
        yield Measure(f"late-{name}", f"{what}: the slowest answer", self._slowest, "s", None, self._limit)


def measure(settings: Settings, folder: Path, scale: int, report: Callable[[str], None]) -> Iterator[Measure]:
    """All kinds.

    Args:
        settings: of the installation whose checks are asked; its home is not written to by photos and decks.
        folder: for files that come and go.
        scale: 10 gives 2,200 of them.
    """
    report(f"{PHOTOS * scale} damaged photos")
    yield from _photos(Studio(settings), folder, PHOTOS * scale)
    report(f"{SOUNDS * scale} damaged sounds")
    yield from _sounds(SOUNDS * scale)
    report(f"{DECKS * scale} damaged decks")
    yield from _decks(folder, DECKS * scale)
    report(f"{BODIES * scale} damaged requests")
    yield from _bodies(settings, BODIES * scale)


def _photos(studio: Studio, folder: Path, count: int) -> Iterator[Measure]:
    from PIL import Image

    kept = []
    with Image.open(studio.settings.assets / "presenters" / "ada.png") as image:
        for kind in ("JPEG", "PNG", "WEBP"):
            stream = io.BytesIO()
            image.convert("RGB").resize((320, 320)).save(stream, kind)
            kept.append(stream.getvalue())
    tally, file = Tally("damaged photos", SECONDS), folder / "photo"

    def look() -> str:
        studio.preflight(file)
        return "read"

    for number in range(count):
        file.write_bytes(mutated(kept[number % 3], number))
        tally.look(look)
    yield from tally.measures()


def _sounds(count: int) -> Iterator[Measure]:
    sound = said("Bees hum.")
    kept = [audio.encoded(sound, "WAV"), audio.encoded(sound, "FLAC")]
    tally = Tally("damaged sounds", SECONDS)
    for number in range(count):
        data = mutated(kept[number % 2], number)

        def look(data: bytes = data) -> str:
            intake.read(data, seconds_limit=30)
            return "read"

        tally.look(look)
    yield from tally.measures()


def _decks(folder: Path, count: int) -> Iterator[Measure]:
    """A PPTX with changed bytes, a PPTX whose parts were changed and packed again, and a PDF, in turn."""
    slides, pages = presentation(4), document(4)
    tally = Tally("damaged decks", SECONDS_OF_A_DECK)
    for number in range(count):
        file = folder / ("deck.pdf" if number % 3 == 2 else "deck.pptx")
        whole = pages if number % 3 == 2 else slides
        file.write_bytes(repacked(slides, number) if number % 3 == 1 else mutated(whole, number))

        def look(file: Path = file) -> str:
            decks.read(file, renderer="embedded")
            return "read"

        tally.look(look)
    yield from tally.measures()


def repacked(data: bytes, seed: int) -> bytes:
    """A zip file one of whose parts is damaged, and whose checksums are right all the same."""
    draw = random.Random(seed)
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        names = old.namelist()
        hurt = draw.choice([name for name in names if "slide" in name] or names)
        for name in names:
            new.writestr(name, mutated(old.read(name), seed) if name == hurt else old.read(name))
    return out.getvalue()


def mutated(data: bytes, seed: int) -> bytes:
    """The same with some bytes changed, dropped, repeated or cut off."""
    draw = random.Random(seed)
    out = bytearray(data)
    for _ in range(draw.randrange(1, 12)):
        at = draw.randrange(len(out))
        match draw.randrange(4):
            case 0:
                out[at] ^= 1 << draw.randrange(8)
            case 1:
                out[at : at + 4] = draw.randbytes(4)
            case 2:
                del out[at : at + draw.randrange(1, 64)]
            case 3:
                out[at:at] = out[at : at + draw.randrange(1, 256)]
        out = out or bytearray(b"\0")
    return bytes(out[: draw.randrange(1, len(out) + 1)] if draw.random() < 0.1 else out)


# --- requests -----------------------------------------------------------------------------------

LESSON = "# Bees\n\n- one\n\nBees hum. They fly.\n"
_ORDER = {"lesson": LESSON, "portrait": "ada", "voice": "auto", "layout": "auto", "language": "en"}


def _tool(name: str, /, **arguments: Any) -> dict[str, Any]:
    params = {"name": name, "arguments": arguments}
    return {"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": params}


REQUESTS: tuple[tuple[str, dict[str, Any]], ...] = (
    ("/api/v1/check", _ORDER),
    ("/api/v1/estimate", _ORDER),
    ("/api/v1/jobs", {**_ORDER, "priority": 5}),
    ("/mcp", _tool("write_lesson", name="bees", text=LESSON)),
    ("/mcp", _tool("change_lesson", name="bees", old="hum", new="sing")),
    ("/mcp", _tool("estimate", lesson="bees", portrait="ada", voice="auto")),
    ("/mcp", _tool("render", lesson="bees", layout="full", size="1280x720", captions="soft")),
    ("/mcp", _tool("watch", job="x" * 22, seconds=0)),
)
"""Addresses and bodies that are right."""


def changed(body: dict[str, Any], seed: int) -> bytes:
    """A body in which values are odd, fields are dropped, added or renamed; or its bytes are damaged."""
    draw = random.Random(seed)
    if seed % 3 == 0:
        return mutated(json.dumps(body).encode(), seed)
    found: dict[str, Any] = json.loads(json.dumps(body))
    for _ in range(draw.randrange(1, 4)):
        place = found
        while draw.random() < 0.7 and (
            inner := [value for value in place.values() if isinstance(value, dict)]
        ):
            place = draw.choice(inner)
        name = draw.choice(list(place) or ["lesson"])
        match draw.randrange(4):
            case 0:
                place.pop(name, None)
            case 1:
                place[f"{name}{draw.choice(['_', chr(0), 'ä'])}"] = draw.choice(ODD)
            case _:
                place[name] = draw.choice(ODD)
    return json.dumps(found).encode()


def _bodies(settings: Settings, count: int) -> Iterator[Measure]:
    tally = Tally("damaged JSON bodies", SECONDS)
    with tempfile.TemporaryDirectory(prefix="presenter-bench-") as name:
        folder = Path(name)
        own = small(settings, folder / "home", requests_a_minute=1_000_000)
        service = Service(own, ("serve", "--workers", "0"), folder / "log")
        token = tokens.create(own.home, "bench")
        try:
            service.start()
            _until_it_answers(own)
            for number, (path, body) in zip(range(count), itertools.cycle(REQUESTS), strict=False):
                data = changed(body, number)
                tally.look(lambda path=path, data=data: _answer(own, token, path, data))  # type: ignore[misc]
            _post(own, token, "/api/v1/check", json.dumps(_ORDER).encode())  # it still answers
        finally:
            service.end()
    yield from tally.measures()


def _until_it_answers(settings: Settings) -> None:
    for _ in range(600):
        try:
            link = http.client.HTTPConnection("127.0.0.1", settings.port, timeout=5)
            link.request("GET", "/healthz")
            if link.getresponse().status == 200:
                return
        except OSError:
            time.sleep(0.2)
    raise WorkError("E-BENCH", "The server did not start within two minutes.", "Try presenter serve.")


def _post(settings: Settings, token: str, path: str, data: bytes) -> tuple[int, str]:
    link = http.client.HTTPConnection("127.0.0.1", settings.port, timeout=60)
    try:
        link.request("POST", path, data, {
            "Authorization": f"Bearer {token}", "Content-Type": "application/json",
            "Accept": "application/json, text/event-stream",
        })  # fmt: skip
        answer = link.getresponse()
        return answer.status, answer.read().decode("utf-8", "replace")
    finally:
        link.close()


def _answer(settings: Settings, token: str, path: str, data: bytes) -> str:
    """``"read"``, the code of a refusal, or what is wrong with the answer."""
    status, text = _post(settings, token, path, data)
    if "Traceback" in text or "E-INTERNAL" in text:
        return f"traceback at {path}"
    if status >= 500:
        return f"status {status} at {path}"
    if status < 300:
        return "read"
    return "E-MCP-PROTOCOL" if path == "/mcp" else str(json.loads(text)["code"])
