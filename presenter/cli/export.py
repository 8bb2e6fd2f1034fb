"""Making transcript, sound, poster and the like of a finished video."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

from presenter.cli.arguments import studio


def add(commands: Any) -> None:
    """Add ``export``."""
    export = commands.add_parser(
        "export",
        help="make a transcript, sound, poster or preview of a finished video",
        description="Make files of a finished video: "
        "transcript (.html, .md), audio (.m4a), poster (.jpg, .png), preview (.webp, .gif), "
        "slides (.pptx), captions (.vtt, .srt), chapters (.chapters.vtt).",
    )
    export.add_argument("video", type=Path, metavar="VIDEO.mp4", help="a video that was rendered here")
    add_forms(export, "--as", required=True)
    export.add_argument(
        "-o", "--out", type=Path, metavar="FOLDER", help="where to (default: beside the video)"
    )
    export.add_argument("--json", action="store_true", help="print the result as JSON")
    export.set_defaults(command=_export)


def add_forms(parser: argparse.ArgumentParser, option: str, *, required: bool = False) -> None:
    """The option that lists what to make."""
    parser.add_argument(
        option, dest="forms", required=required, type=_forms, default=(), metavar="LIST",
        help="kinds or names of files, e.g. transcript,audio,poster.png",
    )  # fmt: skip


def _forms(text: str) -> tuple[str, ...]:
    return tuple(filter(None, (one.strip() for one in text.split(","))))


def _export(options: argparse.Namespace) -> int:
    files = studio().export(options.video, options.forms, options.out)
    if options.json:
        print(json.dumps({"files": [str(file) for file in files]}, ensure_ascii=False))
    else:
        for file in files:
            print(f"{file}: {file.stat().st_size / 1e6:.2f} MB")
    return 0
