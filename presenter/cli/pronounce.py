"""Commands for the pronunciations of an installation."""

from __future__ import annotations

import argparse
import json
from collections.abc import Iterable
from dataclasses import asdict
from typing import Any

from presenter.types import Entry


def add(commands: Any) -> None:
    """Add ``pronounce`` with ``list``, ``add`` and ``remove``."""
    parser = commands.add_parser("pronounce", help="how words are said in all lessons")
    actions = parser.add_subparsers(required=True, metavar="ACTION")
    listed = actions.add_parser("list", help="list the words")
    listed.set_defaults(command=_list)
    added = actions.add_parser(
        "add",
        help="say a word in another way",
        description="Lessons can do the same for themselves with pronounce: in their front matter.",
    )
    added.add_argument("word", metavar="WORD", help="as it is written")
    added.add_argument("say", metavar="SAY", help='"sequel", "tuh-MAY-toe", or IPA: "/təˈmeɪtoʊ/"')
    added.set_defaults(command=_add)
    removed = actions.add_parser("remove", help="forget a word")
    removed.add_argument("word", metavar="WORD")
    removed.set_defaults(command=_remove)
    for action in (added, removed):
        action.add_argument("--language", metavar="L", help="only in texts of this language, e.g. de")
    for action in (listed, added, removed):
        action.add_argument("--json", action="store_true", help="print as JSON")


def _list(options: argparse.Namespace) -> int:
    from presenter import pronunciations, settings

    found = pronunciations.entries(settings.read().home)
    if not found and not options.json:
        print("No words yet. Add one: presenter pronounce add SQL sequel")
    return _print(found, options)


def _add(options: argparse.Namespace) -> int:
    from presenter import pronunciations, settings

    home = settings.read().home
    return _print([pronunciations.add(home, options.word, options.say, options.language or "")], options)


def _remove(options: argparse.Namespace) -> int:
    from presenter import pronunciations, settings

    return _print(pronunciations.remove(settings.read().home, options.word, options.language), options)


def _print(found: Iterable[Entry], options: argparse.Namespace) -> int:
    if options.json:
        print(json.dumps([asdict(entry) for entry in found], ensure_ascii=False))
        return 0
    for entry in found:
        print(f"{entry.language or 'all':<5} {entry.word}  {entry.say}")
    return 0
