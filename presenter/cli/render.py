"""Commands that make a video, or look at what one would be made of."""

from __future__ import annotations

import argparse
import json
import sys
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

from presenter.cli.arguments import add_lesson, clock, ordered, studio
from presenter.cli.export import add_forms
from presenter.errors import InputError, PresenterError, SetupError

EXAMPLES = """examples:
  presenter render assets/lessons/welcome.md -o welcome.mp4
  presenter render "Hello, and welcome to physics." --portrait ben -o hello.mp4
  presenter render lesson.md --photo me.jpg --consent "Ada Example, herself" -o lesson.mp4
  presenter render deck.pptx --photo me.jpg --consent "Ada Example, herself" -o lesson.mp4
  echo "Bonjour à tous." | presenter render - --language fr --size 1080x1920 --captions burned -o salut.mp4
"""


def add(commands: Any) -> None:
    """Add ``render``, ``estimate``, ``check`` and ``photo``."""
    _add_render(commands)
    _add_estimate(commands)
    _add_check(commands)


def _add_render(commands: Any) -> None:
    render = commands.add_parser(
        "render",
        help="make a video from a lesson",
        description="Make a video from a lesson.",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    add_lesson(render)
    render.add_argument("-o", "--out", required=True, type=Path, metavar="OUT.mp4", help="the video to write")
    add_forms(render, "--also")
    render.add_argument(
        "--workers", type=int, metavar="N", help="processes that draw (default: one per core)"
    )
    render.add_argument("--json", action="store_true", help="print the result as JSON")
    render.add_argument("--quiet", action="store_true", help="no progress on the terminal")
    render.set_defaults(command=_render)


def _add_estimate(commands: Any) -> None:
    estimate = commands.add_parser(
        "estimate", help="say how long a video would be and what rendering it would cost"
    )
    add_lesson(estimate)
    estimate.add_argument("--json", action="store_true", help="print the result as JSON")
    estimate.set_defaults(command=_estimate)


def _add_check(commands: Any) -> None:
    check = commands.add_parser(
        "check", help="read a lesson and say what is wrong with it, without rendering"
    )
    add_lesson(check)
    check.set_defaults(command=_check)
    photo = commands.add_parser("photo", help="look at a photo and say whether it will work")
    photo.add_argument("photo", type=Path)
    photo.add_argument(
        "--outline", type=Path, metavar="OUT.png", help="write the photo with eyes and mouth outlined"
    )
    photo.add_argument("--face", type=int, metavar="N", help="which of several faces, from the left, from 1")
    photo.set_defaults(command=_photo)


def _render(options: argparse.Namespace) -> int:
    from presenter.types import Progress

    terminal = sys.stderr.isatty()

    def report(progress: Progress) -> None:
        left = "" if progress.left is None else f", {clock(progress.left)} left"
        line = f"{progress.done:4.0%}  {progress.message}{left}"
        if terminal:
            print(
                f"\r\x1b[K{line}", end="" if progress.stage != "done" else "\n", file=sys.stderr, flush=True
            )
        elif progress.stage == "done":
            print(line, file=sys.stderr)

    made_by = studio(workers=options.workers)
    with ordered(options, made_by) as (order, told):
        try:
            video = made_by.render(order, options.out, report=(lambda _: None) if options.quiet else report)
        except PresenterError:
            if terminal and not options.quiet:
                print(file=sys.stderr)
            raise
    video = replace(video, warnings=(*told, *video.warnings))
    if options.forms:
        made = made_by.export(options.out, options.forms)
        video = replace(video, files=(*video.files, *map(str, made)))
    for warning in video.warnings:
        print(f"note: {warning}", file=sys.stderr)
    if options.json:
        print(json.dumps(asdict(video), ensure_ascii=False))
    else:
        speed = video.seconds / video.spent if video.spent else 0.0
        print(
            f"{video.path}: {clock(video.seconds)} of video in {clock(video.spent)} "
            f"({speed:.1f}x real time), {video.rendered} pieces drawn, {video.reused} reused"
        )
    return 0


def _estimate(options: argparse.Namespace) -> int:
    made_by = studio()
    with ordered(options, made_by) as (order, _):
        found = made_by.estimate(order)
    if options.json:
        print(json.dumps(asdict(found), ensure_ascii=False))
        return 0
    print(found)
    if not found.learnt:
        print("note: the time is a guess until this machine has rendered something like it.")
    return 0


def _check(options: argparse.Namespace) -> int:
    made_by = studio()
    with ordered(options, made_by) as (order, told):
        lesson = made_by.check(order)
    print(
        f'"{lesson.title}", {lesson.language}: {len(lesson.slides)} slides, {len(lesson.segments)} sentences'
    )
    for warning in (*told, *lesson.warnings):
        print(f"note: {warning}")
    return 0


def _photo(options: argparse.Namespace) -> int:
    if not options.photo.is_file():
        raise InputError(
            "E-PHOTO-FILE", f'There is no file "{options.photo.name}".', "Check its name.", "photo"
        )
    found = studio().preflight(options.photo, options.face)
    if len(found.faces) > 1:
        for number, box in enumerate(found.faces, 1):
            print(
                f"face {number}: {box.width:.0f} pixels wide, "
                f"at {(box.x0 + box.x1) / 2:.0f}, {(box.y0 + box.y1) / 2:.0f}"
            )
    for verdict in found.verdicts:
        print(f"{verdict.severity}: {verdict.code}: {verdict.message} {verdict.hint}".rstrip())
    if options.outline and found.outline is not None:
        _save(found.outline, options.outline)
    if any(verdict.severity == "refuse" for verdict in found.verdicts):
        return 2
    print("This photo can be used.")
    return 0


def _save(picture: Any, path: Path) -> None:
    from PIL import Image

    try:
        Image.fromarray(picture).save(path)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or "its name does not end in .png or .jpg"
        raise SetupError(
            "E-OUT-WRITE",
            f'"{path.name}" cannot be written ({reason}).',
            "Choose another name or folder.",
            "out",
        ) from error
