"""The settings at the head of a lesson, changed line by line."""

from __future__ import annotations

import json
import re
from collections.abc import Callable

from presenter.errors import InputError
from presenter.script import front


def put(source: str, name: str, value: str) -> str:
    """The source with a setting exchanged, added or taken away; the other lines stay as they are.

    Args:
        source: a lesson.
        name: a key of ``front.KEYS``, or ``pronounce.<word>``.
        value: ``""`` takes the setting away.

    Raises:
        InputError: ``E-EDIT-VALUE`` for a name that is none.
    """
    key, _, word = name.partition(".")
    if key not in front.KEYS or (key == "pronounce") != bool(word):
        raise InputError(
            "E-EDIT-VALUE",
            f'"{name[:40]}" is no setting of a lesson.',
            f"Known: {', '.join(front.KEYS)}.",
            "edit",
        )
    end = front.read(source).end
    lines = source[:end].split("\n")[1:] if end else ["---", ""]
    if not end:
        source, end = f"---\n---\n\n{source}", 8
        lines = ["---", ""]
    change: Callable[[list[str]], list[str]] = (
        (lambda rows: _word_set(rows, word, value)) if word else (lambda rows: _line_set(rows, key, value))
    )
    close = next(at for at, line in enumerate(lines) if re.fullmatch(r"(?:---|\.\.\.)[ \t]*", line))
    rows = change(lines[:close])
    rest = source[end:]
    if not rows:
        return rest.lstrip("\n")
    return "\n".join(["---", *rows, *lines[close:]]) + rest


def _scalar(value: str) -> str:
    """A value as YAML reads it back unchanged."""
    plain = re.fullmatch(r"[^\W_][\w .,/+×-]*", value) and value == value.strip()
    return value if plain else json.dumps(value, ensure_ascii=False)


def _line_set(rows: list[str], key: str, value: str) -> list[str]:
    own = [at for at, row in enumerate(rows) if re.match(rf"[\"']?{re.escape(key)}[\"']?[ \t]*:", row)]
    new = [f"{key}: {_scalar(value)}"] if value else []
    if not own:
        return [*rows, *new]
    stop = own[0] + 1
    while stop < len(rows) and rows[stop].startswith((" ", "\t")):
        stop += 1
    return [*rows[: own[0]], *new, *rows[stop:]]


def _word_set(rows: list[str], word: str, value: str) -> list[str]:
    head = next((at for at, row in enumerate(rows) if re.match(r"pronounce[ \t]*:", row)), None)
    written = f"  {_scalar(word)}: {_scalar(value)}"
    if head is None:
        return [*rows, "pronounce:", written] if value else rows
    stop = head + 1
    while stop < len(rows) and rows[stop].startswith((" ", "\t")):
        stop += 1
    same = re.compile(rf"\s+[\"']?{re.escape(word)}[\"']?[ \t]*:")
    kept = [row for row in rows[head + 1 : stop] if not same.match(row)]
    kept += [written] if value else []
    return [*rows[:head], *(["pronounce:", *kept] if kept else []), *rows[stop:]]
