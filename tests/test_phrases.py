"""What the core says in English, in the languages of the page: nothing stale, and what is left in English."""

import ast
import functools
import re
from pathlib import Path

import pytest

from presenter.settings import ROOT
from presenter.web.phrases import phrases, tables
from presenter.web.words import NAMES

FOLDER = ROOT / "assets" / "web" / "phrases"
OTHERS = [code for code in NAMES if code != "en"]

ELSEWHERE = (
    "api", "audit", "batch", "bench", "checkpoints", "cli", "credentials", "engines/checkpoint",
    "engines/download", "engines/pocket", "engines/s3fd", "engines/wav2lip", "engines/weights",
    "engines/xtts", "evaluate", "exports/subtitles", "films", "hosting", "jobs/health", "jobs/tables",
    "jobs/worker", "keys", "lines", "mcp", "moderation", "music", "people/exchange", "pipeline",
    "publishing", "registry", "settings", "signing", "takedown", "terminal", "themes", "tokens",
    "training", "verify/provenance", "video/writing", "web/server",
)  # fmt: skip
"""Modules whose errors a visitor of the page does not meet: other doors, what the operator sets up, and the
model files."""


ENGLISH = frozenset(
    f"E-{name}" for name in (
        "CHAT-HEAR", "CHAT-MISSING", "CONFIG-FILE", "CONSENT-BROKEN", "CONSENT-NEEDED", "CONSENT-UNKNOWN",
        "CONSENT-WRITE", "DECK-FOLDER", "ENGINE-BROKEN", "EXPORT-FORM", "FACE-LOST", "FACE-NUMBER",
        "FRAME-SIZE", "HOST-NAME", "JOB-KEY", "ORIGIN", "OUT-WRITE", "PORTRAIT-BROKEN",
        "SCRIPT-SAY", "SCRIPT-STYLE",
        "SLIDES-LARGE", "SLIDES-MANY", "SLIDES-RENDERER", "SLIDES-TYPE",
        "SPEED", "SUBTITLES-FILE", "SUBTITLES-LANGUAGE",
        "SUBTITLES-TWICE", "VIDEO-BROKEN", "VIDEO-LARGE", "VIDEO-LONG", "VIDEO-RATE", "VIDEO-SIZE",
        "VOICE-ENGINE", "VOICE-FOLDER", "VOICE-NONE",
    )
)  # fmt: skip
"""Codes of which something is left in English: damage on the server's disk, SSML's rarer mistakes, films,
and orders that the page does not make."""


def template(node):
    """A text of the source with ``{}`` for its values, or None."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    if isinstance(node, ast.JoinedStr):
        return "".join(part.value if isinstance(part, ast.Constant) else "{}" for part in node.values)
    return None


@functools.cache
def trees():
    return {
        path.relative_to(ROOT / "presenter").as_posix(): ast.parse(path.read_text(encoding="utf-8"))
        for path in sorted((ROOT / "presenter").rglob("*.py"))
    }


@functools.cache
def source():
    """All texts of the source, and of the list of model files."""
    found = {text for tree in trees().values() for node in ast.walk(tree) if (text := template(node))}
    return found | set(re.findall('"(.*)"', (ROOT / "checkpoints" / "manifest.toml").read_text("utf-8")))


def raised():
    """Module, code, message and hint of every error and verdict that visitors of the page can meet, where
    these stand in the call itself."""
    for name, tree in trees().items():
        if name.startswith(ELSEWHERE):
            continue
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and node.args:
                for at, argument in enumerate(node.args):
                    code = template(argument) or ""
                    if re.fullmatch(r"[EW]-[A-Z]+(-[A-Z]+)?", code):
                        for said in node.args[at + 1 : at + 3]:
                            if shown := template(said):
                                yield name, code, shown


def bare(text):
    return re.sub(r"\{\d?\}", "{}", text)


def test_every_english_text_of_the_tables_still_stands_in_the_source():
    assert [english for english in tables(FOLDER) if bare(english) not in source()] == []


def test_no_english_text_stands_in_two_tables():
    rows = [line for path in FOLDER.glob("*.toml") for line in path.read_text("utf-8").splitlines()]
    heads = [line for line in rows if line.startswith("[")]
    assert len(heads) == len(set(heads)) == len(tables(FOLDER))


@pytest.mark.parametrize("code", OTHERS)
def test_every_phrase_is_there_in_every_language_with_the_same_values(code):
    def fields(text):
        return sorted(re.findall(r"\{\d\}", text))

    rows = tables(FOLDER)
    assert [english for english, row in rows.items() if not row.get(code)] == []
    assert [english for english, row in rows.items() if fields(english) != fields(row[code])] == []


def test_what_visitors_of_the_page_can_meet_is_translated_but_for_what_is_named_here():
    known = {bare(english) for english in tables(FOLDER)}
    found = set(raised())
    left = {row for row in found if row[2] not in known}
    codes = {code for _, code, _ in found}
    whole = codes - {code for _, code, _ in left}
    print(f"\n{len(found) - len(left)} of {len(found)} texts, {len(whole)} of {len(codes)} codes")
    for row in sorted(left):
        print(*row)
    assert {code for _, code, _ in left} - ENGLISH == set(), "translate it, or name its code above"


def test_values_come_where_the_language_wants_them_and_as_it_writes_them():
    german, chinese = phrases("de", FOLDER), phrases("zh", FOLDER)
    assert german("The photo has 120.5 megapixels; the limit is 50.") == (
        "Das Foto hat 120,5 Megapixel; die Grenze ist 50."
    )
    assert german("The beginning is cut off.") == "Der Anfang ist abgeschnitten."
    assert german('Did you mean "ruth"? Known: auto, ruth.') == "Meinten Sie „ruth“? Bekannt: auto, ruth."
    assert german('Line 3: "pitch" is "x"; a number from 0.5 to 2 is needed.') == (
        "Zeile 3: „pitch“ ist „x“; nötig ist eine Zahl von 0,5 bis 2."
    )
    assert german("No recogniser for French is installed; messages can be typed.").startswith(
        "Für Französisch ist"
    )
    assert chinese('There is no voice "x".') == "没有名为“x”的声音。"


def test_what_is_in_no_table_stays_as_it_is():
    assert phrases("fr", FOLDER)("Nobody ever said this sentence.") == "Nobody ever said this sentence."
    assert phrases("en", FOLDER)("No face found.") == "No face found."
    assert phrases("de", FOLDER)("x" * 5000) == "x" * 5000


def test_a_long_text_of_a_stranger_is_looked_up_at_once():
    text = 'Line "' * 300
    assert phrases("de", Path(FOLDER))(text) == text
