"""Front matter: the settings at the head of a lesson."""

from __future__ import annotations

import difflib
import math
import re
from collections.abc import Callable
from dataclasses import dataclass

import yaml

from presenter.errors import InputError
from presenter.text import canonical, unsayable
from presenter.types import RATES_OF_FRAMES

LAYOUTS = (
    "auto", "full", "presenter-only", "lower-third", "pip-right", "pip-left", "pip-top-right", "pip-top-left",
    "side-by-side", "slide-only",
)  # fmt: skip
"""Layouts that a lesson may ask for."""

KEYS = (
    "title", "language", "voice", "portrait", "layout", "size", "fps", "captions", "theme",
    "transition", "name", "role", "head", "music", "music_level", "intro", "outro",
    "speaker", "animator", "speed", "pitch", "liveliness", "pronounce",
)  # fmt: skip
"""Settings that a lesson may name."""

_OTHER_WORDS = {
    "lang": "language", "locale": "language", "photo": "portrait", "picture": "portrait", "image": "portrait",
    "face": "portrait", "presenter": "portrait", "avatar": "portrait", "resolution": "size", "rate": "speed",
    "subtitles": "captions", "lexicon": "pronounce", "pronunciation": "pronounce",
    "pronunciations": "pronounce", "style": "theme", "engine": "speaker",
    "lively": "liveliness", "intonation": "liveliness",
}  # fmt: skip

_DEEPEST = 4
"""Levels of nesting that front matter needs at most."""


@dataclass(frozen=True, slots=True)
class Front:
    """What the front matter says."""

    settings: tuple[tuple[str, str], ...] = ()
    """In the order written; the words of ``pronounce`` are keys of their own: ``pronounce.<word>``, and
    ``pronounce:<language>.<word>`` for those of one language."""
    warnings: tuple[str, ...] = ()
    end: int = 0
    """Where the lesson goes on (character offset)."""


def read(source: str) -> Front:
    """Read the front matter of a cleaned lesson; a lesson without any gives an empty ``Front``.

    Raises:
        InputError: ``E-SCRIPT-FRONT`` with the line, for broken YAML or a value that cannot be.
    """
    if not re.match(r"---[ \t]*\n", source):
        return Front()
    first = source.index("\n") + 1
    close = re.compile(r"^(?:---|\.\.\.)[ \t]*$", re.M).search(source, first)
    if close is None:
        if re.match(r"[A-Za-z_]+:(\s|$)", source[first:]):
            raise _error(1, "the settings that begin here have no end", "Add a line --- below them.")
        return Front()
    values = _load(source[first : close.start()])
    if values is None:
        return Front()
    end = min(len(source), close.end() + 1)
    lines = {key: _line_of(key, source[first:end]) for key in values}
    settings: list[tuple[str, str]] = []
    for key, value in values.items():
        settings.extend(_setting(key, value, lines[key]))
    unknown = [key for key in values if key not in KEYS]
    return Front(tuple(settings), tuple(_unknown(key, lines[key]) for key in unknown), end)


def _error(line: int, message: str, hint: str, field: str = "script") -> InputError:
    return InputError("E-SCRIPT-FRONT", f"Line {line}: {message}.", hint, field)


def _load(text: str) -> dict[str, object] | None:
    """The mapping, or None where the text between the rules is no mapping but part of the lesson."""
    try:
        _refuse_tricks(text)
        # All scalars stay text, as written: "no" is Norwegian and not false, a date is a title.
        values = yaml.load(text, Loader=yaml.BaseLoader)
    except yaml.MarkedYAMLError as error:
        lines = text.split("\n")
        marks = [
            mark for mark in (error.problem_mark, error.context_mark) if mark and mark.line < len(lines) - 1
        ]
        number = marks[0].line if marks else 0
        message = f'"{lines[number].strip()[:40]}" cannot be read as a setting'
        raise _error(number + 2, message, "Write one key: value a line.") from error
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise _error(1, "the settings cannot be read", "Write one key: value a line.") from error
    if values is None:
        return {}
    return {str(key): value for key, value in values.items()} if isinstance(values, dict) else None


def _refuse_tricks(text: str) -> None:
    """Aliases can multiply a small file to gigabytes, and deep nesting overflows the stack."""
    depth = 0
    for event in yaml.parse(text, Loader=yaml.BaseLoader):
        line = event.start_mark.line + 2 if event.start_mark else 1
        if isinstance(event, yaml.AliasEvent):
            raise _error(line, "references with * are not allowed in settings", "Write the value itself.")
        if isinstance(event, yaml.CollectionStartEvent):
            depth += 1
        elif isinstance(event, yaml.CollectionEndEvent):
            depth -= 1
        if depth > _DEEPEST:
            raise _error(
                line, f"the settings are nested deeper than {_DEEPEST} levels", "Write key: value lines."
            )


def _line_of(key: str, text: str) -> int:
    for number, line in enumerate(text.split("\n"), 2):
        if line.lstrip("\"' ").startswith(key):
            return number
    return 1


def _unknown(key: str, line: int) -> str:
    near = _OTHER_WORDS.get(key.lower()) or next(iter(difflib.get_close_matches(key.lower(), KEYS, 1)), None)
    advice = f'Did you mean "{near}"?' if near else f"Known: {', '.join(KEYS)}."
    return f'Line {line}: unknown setting "{key[:40]}". {advice}'


def _setting(key: str, value: object, line: int) -> list[tuple[str, str]]:
    if key == "pronounce":
        return _pronounce(value, line)
    if not isinstance(value, str):
        if key in KEYS:
            raise _error(line, f'"{key}" has several values', "Give it one.", key)
        return [(key, str(value))]
    value = value.strip()
    check = _CHECKS.get(key)
    if check and value:
        wanted = check(value)
        if wanted:
            raise _error(
                line, f'"{key}" is "{value[:40]}"; {wanted} is needed', "Change it or remove the line.", key
            )
    return [(key, value)]


def _pronounce(value: object, line: int) -> list[tuple[str, str]]:
    if value == "":
        return []
    rows: list[tuple[str, object]] = []
    for word, say in value.items() if isinstance(value, dict) else [("", None)]:
        if isinstance(say, dict):
            language = canonical(str(word))
            if language is None:
                raise _error(
                    line, f'"{str(word)[:40]}" is not a language', "Write one such as de.", "pronounce"
                )
            rows += ((f"pronounce:{language}.{one}", said) for one, said in say.items())
        else:
            rows.append((f"pronounce.{word}", say))
    for key, say in rows:
        if not isinstance(say, str):
            hint = "Write one indented line a word: NASA: nassa."
            raise _error(line, '"pronounce" is no list of words', hint, "pronounce")
        wrong = unsayable(say)
        if wrong:
            hint = "Write plain words, a respelling such as tuh-MAY-toe, or IPA such as /təˈmeɪtoʊ/."
            word = key.partition(".")[2]
            raise _error(line, f'what is said for "{word[:40]}" {wrong}', hint, "pronounce")
    return [(key, str(say)) for key, say in rows]


def _number(low: float, high: float) -> Callable[[str], str]:
    def check(value: str) -> str:
        try:
            number = float(value)
        except ValueError:
            number = math.nan
        return "" if low <= number <= high else f"a number from {low:g} to {high:g}"

    return check


def _choice(*choices: str) -> Callable[[str], str]:
    return lambda value: "" if value in choices else f"one of {', '.join(choices)}"


def _size(value: str) -> str:
    return "" if re.fullmatch(r"\d{2,4}\s*[x×]\s*\d{2,4}", value) else "width x height such as 1280x720"


_CHECKS: dict[str, Callable[[str], str]] = {
    "language": lambda value: "" if canonical(value) else "a language such as en, de or hi",
    "layout": _choice(*LAYOUTS),
    "captions": _choice("burned", "soft", "none"),
    "fps": _choice(*map(str, RATES_OF_FRAMES)),
    "speed": _number(0.5, 2),
    "pitch": _number(-12, 12),
    "liveliness": _number(0, 2),
    "music_level": _number(-40, -6),
    "size": _size,
    "transition": _choice("fade", "push", "none"),
    "head": _choice("photo", "cutout"),
}
"""What is wrong with a value: the text says what is needed, empty where nothing is wrong."""
