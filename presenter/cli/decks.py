"""The command that makes a lesson of a deck."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any

from presenter.cli.arguments import add_deck, clear_progress, read_script, show_progress, studio

EXAMPLES = """examples:
  presenter import lecture.pptx                 # writes lecture/lesson.md and lecture/slides/
  presenter import handout.pdf --script said.txt -o handout-lesson
  presenter render lecture/lesson.md -o lecture.mp4

What is said comes from the speaker notes of a PPTX, from below a line "--- notes ---" on the page of a
PDF, from NAME.txt beside NAME.png in a folder, from the comments of a Marp deck, or for all of them from
--script: a part for each slide, between lines of ---. Import the deck again into the same folder when it
has changed: what you edited in lesson.md stays.
"""


def add(commands: Any) -> None:
    """Add ``import``."""
    parser = commands.add_parser(
        "import",
        help="make a lesson of a deck: PPTX, PDF, a folder of pictures, Marp",
        description="Make a lesson of a deck, to be edited; again, to follow a changed deck.",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "deck", type=Path, metavar="DECK", help="a .pptx, a .pdf, a folder of pictures, a Marp .md"
    )
    parser.add_argument(
        "-o", "--out", type=Path, metavar="FOLDER", help="of the lesson (default: named as the deck)"
    )
    parser.add_argument(
        "--language", metavar="L", help="language of what is said, e.g. en-GB (default: detected)"
    )
    add_deck(parser)
    parser.set_defaults(command=_import)


def _import(options: argparse.Namespace) -> int:
    deck: Path = options.deck
    default = Path(f"{deck.resolve().name}-lesson" if deck.is_dir() else deck.stem)
    found = studio().import_deck(
        deck, options.out or default, script=read_script(options.script), renderer=options.renderer,
        language=options.language, report=show_progress,
    )  # fmt: skip
    clear_progress()
    for warning in found.warnings:
        print(f"note: {warning}", file=sys.stderr)
    count = "1 slide" if found.slides == 1 else f"{found.slides} slides"
    print(f'{found.lesson}: "{found.title}", {count}, drawn by {found.drawn_by}')
    return 0
