"""Pronunciations: how words are to be said in all lessons of an installation, and in one lesson.

Those of an installation stand in ``pronunciations.toml`` in its folder, one table for each language and
``all`` for those of every language:

    [all]
    SQL = "sequel"

    [de]
    Chef = "/ʃɛf/"

Those of a lesson stand in its front matter; they win.
"""

from __future__ import annotations

import difflib
import json
import tomllib
from collections.abc import Iterable, Sequence
from pathlib import Path

from presenter import records, text
from presenter.errors import InputError, SetupError
from presenter.types import Entry

FILE = "pronunciations.toml"
MOST = 5_000
"""Words that an installation keeps at most."""
LONGEST_WORD = 80
"""Characters."""
_ALL = "all"


def chosen(entries: Iterable[Entry], language: str) -> dict[str, str]:
    """Word -> what to say, for texts of a language; of several entries for a word the last one counts.

    Args:
        entries: those of the installation, then those of the lesson.
        language: BCP 47 tag.
    """
    wanted = text.base(language)
    return {one.word: one.say for one in entries if not one.language or text.base(one.language) == wanted}


def entries(home: Path) -> tuple[Entry, ...]:
    """The installation's entries: those of every language, then those of one, sorted.

    Raises:
        SetupError: ``E-CONFIG-FILE`` where the file was changed by hand and cannot be read any more.
    """
    try:
        tables = tomllib.loads((home / FILE).read_text(encoding="utf-8"))
    except (FileNotFoundError, NotADirectoryError):
        return ()
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise _broken(
            str(error) if isinstance(error, tomllib.TOMLDecodeError) else "no text in UTF-8"
        ) from error
    found = []
    for head, words in tables.items():
        if not isinstance(words, dict):
            raise _broken(f'"{head}" stands in no table such as [all] or [de]')
        for word, say in words.items():
            try:
                found.append(checked(word, say if isinstance(say, str) else "", "" if head == _ALL else head))
            except InputError as error:
                raise _broken(error.message.rstrip(".")) from error
    return _sorted(found)


def _broken(reason: str) -> SetupError:
    return SetupError(
        "E-CONFIG-FILE",
        f"The file {FILE} cannot be read: {reason}.",
        "Mend it or remove it.",
        "pronunciations",
    )


def _sorted(found: Iterable[Entry]) -> tuple[Entry, ...]:
    return tuple(sorted(found, key=lambda one: (one.language, one.word.casefold(), one.word)))


def checked(word: str, say: str, language: str = "") -> Entry:
    """An entry in its one spelling.

    Args:
        word: as it is written in lessons; one or a few words.
        say: plain words, a respelling or IPA between slashes.
        language: a language's tag or name, or ``""`` for every language.

    Raises:
        InputError: ``E-PRONOUNCE-WORD``, ``E-PRONOUNCE-SAY``, ``E-PRONOUNCE-LANG``.
    """
    word, say = (" ".join(text.clean(one)[0].split()) for one in (word, say))
    if not any(map(text.is_word, word)):
        raise InputError(
            "E-PRONOUNCE-WORD", f'"{word[:40]}" is no word.', "Give the word as it is written.", "word"
        )
    if len(word) > LONGEST_WORD:
        what = f"The word has {len(word)} characters; the limit is {LONGEST_WORD}."
        raise InputError("E-PRONOUNCE-WORD", what, "Give one word or a few.", "word")
    wrong = text.unsayable(say) if say else "is empty"
    if wrong:
        raise InputError(
            "E-PRONOUNCE-SAY",
            f'What is to be said for "{word[:40]}" {wrong}.',
            "Write plain words, a respelling such as tuh-MAY-toe, or IPA such as /təˈmeɪtoʊ/.",
            "say",
        )
    tag = text.canonical(language) if language else ""
    if tag is None:
        raise InputError(
            "E-PRONOUNCE-LANG",
            f'"{language[:40]}" is not a language.',
            "Write one such as en or de.",
            "language",
        )
    return Entry(word, say, tag)


def add(home: Path, word: str, say: str, language: str = "") -> Entry:
    """Keep an entry; it takes the place of the one that the word had in that language.

    Raises:
        InputError: as ``checked``, and ``E-PRONOUNCE-MANY``.
        SetupError: ``E-CONFIG-FILE``, ``E-STORE-WRITE``.
    """
    entry = checked(word, say, language)
    others = [one for one in entries(home) if (one.word, one.language) != (entry.word, entry.language)]
    if len(others) >= MOST:
        what = f"{len(others):,} words are kept; the limit is {MOST:,}."
        raise InputError("E-PRONOUNCE-MANY", what, "Remove some first.", "word")
    _write(home, [*others, entry])
    return entry


def remove(home: Path, word: str, language: str | None = None) -> tuple[Entry, ...]:
    """Forget a word; without a language in all of them. Returns what was forgotten.

    Raises:
        InputError: ``E-PRONOUNCE-UNKNOWN`` when there is no such entry, ``E-PRONOUNCE-LANG``.
        SetupError: ``E-CONFIG-FILE``, ``E-STORE-WRITE``.
    """
    tag = checked(word, "x", language).language if language else language
    kept = entries(home)
    gone = tuple(one for one in kept if one.word == word and tag in (None, one.language))
    if not gone:
        near = difflib.get_close_matches(word, [one.word for one in kept], 1)
        hint = f'Did you mean "{near[0]}"?' if near else "See those that there are: presenter pronounce list."
        raise InputError("E-PRONOUNCE-UNKNOWN", f'There is no pronunciation of "{word[:40]}".', hint, "word")
    _write(home, [one for one in kept if one not in gone])
    return gone


def _write(home: Path, found: Sequence[Entry]) -> None:
    """All at once or not at all."""
    lines: list[str] = []
    for language in sorted({one.language for one in found}):
        lines += ["", f"[{language or _ALL}]"]
        # Strings of JSON are strings of TOML.
        lines += (
            f"{json.dumps(one.word, ensure_ascii=False)} = {json.dumps(one.say, ensure_ascii=False)}"
            for one in _sorted(found)
            if one.language == language
        )
    try:
        home.mkdir(parents=True, exist_ok=True)
        with records.whole(home / FILE) as draft:
            draft.write_text(
                "# How words are said: presenter pronounce add WORD SAY\n" + "\n".join(lines) + "\n", "utf-8"
            )
    except OSError as error:
        raise SetupError(
            "E-STORE-WRITE",
            f"The pronunciations cannot be written ({error.strerror}).",
            "Free some space or set PRESENTER_HOME to another folder.",
        ) from error
