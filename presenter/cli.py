"""The command line.

Exit status: 0 done, 1 it failed on the way, 2 the input must be mended, 3 the set-up must be mended.
"""

from __future__ import annotations

import argparse
import json
import logging
import math
import os
import re
import sys
from collections.abc import Callable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from presenter import __version__
from presenter.errors import InputError, PresenterError, SetupError, WorkError
from presenter.interrupts import stoppable
from presenter.terminal import Parser, mend_streams

EXAMPLES = """examples:
  presenter render assets/lessons/welcome.md -o welcome.mp4
  presenter render "Hello, and welcome to physics." --portrait ben -o hello.mp4
  presenter render lesson.md --photo me.jpg --consent "Ada Example, herself" -o lesson.mp4
  echo "Bonjour à tous." | presenter render - --language fr --size 1080x1920 --captions burned -o salut.mp4
"""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; returns the exit status."""
    mend_streams()
    options = argparse.Namespace()
    try:
        with stoppable():
            _parser().parse_args(arguments, options)
            logging.basicConfig(format="%(message)s")
            logging.getLogger("presenter").setLevel(logging.DEBUG if options.verbose else logging.INFO)
            command: Callable[[argparse.Namespace], int] = options.command
            status = command(options)
            sys.stdout.flush()
            return status
    except PresenterError as error:
        _complain(error, options)
        return error.exit
    except KeyboardInterrupt:
        line = "\n" if sys.stderr.isatty() else ""  # the terminal shows ^C behind the progress
        print(f"{line}Stopped. What was finished is kept; start again to go on from there.", file=sys.stderr)
        return 1
    except BrokenPipeError:
        # Nobody reads on: what is still to be flushed at the exit goes nowhere.
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        return 1
    except OSError as error:
        reason = error.strerror or type(error).__name__
        what = f"The system refused to read or write ({reason})."
        return _unforeseen(WorkError("E-SYSTEM", what, "Check disk space and permissions."), error, options)
    except Exception as error:  # a bug: say so without a traceback
        what = f"Internal error ({type(error).__name__})."
        shown = PresenterError("E-INTERNAL", what, "Run again with --verbose and report it.")
        return _unforeseen(shown, error, options)


def _unforeseen(shown: PresenterError, error: Exception, options: argparse.Namespace) -> int:
    """Say it in one sentence and keep the details in the log, under the reference."""
    logging.getLogger("presenter").debug("%s %s", shown.code, shown.reference, exc_info=error)
    _complain(shown, options)
    return shown.exit


def _complain(error: PresenterError, options: argparse.Namespace) -> None:
    if getattr(options, "json", False):
        print(json.dumps(error.as_dict(), ensure_ascii=False))
    print(f"{error} (reference {error.reference})", file=sys.stderr)


def _parser() -> argparse.ArgumentParser:
    parser = Parser(
        prog="presenter",
        description="A script, a photo and a voice in; a talking-head lesson video out.",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="version", version=f"presenter {__version__}")
    parser.add_argument("--verbose", action="store_true", help="log details, also of internal errors")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    _add_render(commands)
    _add_check(commands)
    _add_evaluate(commands)
    _add_bench(commands)
    _add_small(commands)
    return parser


def _add_render(commands: Any) -> None:
    render = commands.add_parser(
        "render",
        help="make a video from a lesson",
        description="Make a video from a lesson.",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    _add_lesson(render)
    render.add_argument("-o", "--out", required=True, type=Path, metavar="OUT.mp4", help="the video to write")
    render.add_argument(
        "--workers", type=int, metavar="N", help="processes that draw (default: one per core)"
    )
    render.add_argument("--json", action="store_true", help="print the result as JSON")
    render.add_argument("--quiet", action="store_true", help="no progress on the terminal")
    render.set_defaults(command=_render)


def _add_check(commands: Any) -> None:
    check = commands.add_parser(
        "check", help="read a lesson and say what is wrong with it, without rendering"
    )
    _add_lesson(check)
    check.set_defaults(command=_check)
    photo = commands.add_parser("photo", help="look at a photo and say whether it will work")
    photo.add_argument("photo", type=Path)
    photo.add_argument(
        "--outline", type=Path, metavar="OUT.png", help="write the photo with eyes and mouth outlined"
    )
    photo.set_defaults(command=_photo)


def _add_evaluate(commands: Any) -> None:
    evaluate = commands.add_parser(
        "evaluate", help="measure a video that was made here; exit status 1 when a bar is missed"
    )
    evaluate.add_argument("video", type=Path, metavar="VIDEO")
    evaluate.add_argument(
        "--seconds", type=_positive, metavar="S", help="how much of the picture is looked at (default: 60)"
    )
    evaluate.add_argument("--sheet", type=Path, metavar="OUT.png", help="write a contact sheet of the video")
    evaluate.add_argument("--json", action="store_true", help="print the score card as JSON")
    evaluate.set_defaults(command=_evaluate)


def _add_bench(commands: Any) -> None:
    bench = commands.add_parser("bench", help="measure speed and memory on this machine")
    bench.add_argument(
        "--minutes", type=_positive, default=1.0, metavar="M", help="length of the lesson (default: 1)"
    )
    bench.add_argument("--long", action="store_true", help="compare with a lesson ten times as long")
    bench.add_argument("--json", action="store_true", help="print as JSON")
    bench.set_defaults(command=_bench)


def _add_lesson(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "lesson", metavar="LESSON", help="a .md or .txt file, quoted text, or - for standard input"
    )
    who = parser.add_mutually_exclusive_group()
    who.add_argument("--photo", type=Path, metavar="P", help="a photo (or a short clip) of the presenter")
    who.add_argument("--portrait", metavar="NAME", help="a sample presenter (see: presenter voices)")
    parser.add_argument("--consent", metavar="WHO", help="who gave leave to use the photo; kept on record")
    parser.add_argument("--voice", metavar="V", help="a voice (see: presenter voices)")
    parser.add_argument("--language", metavar="L", help="language of the lesson, e.g. en-GB, de, fr, hi, zh")
    parser.add_argument("--speaker", metavar="E", help="speech engine (see: presenter engines)")
    parser.add_argument("--animator", metavar="E", help="face engine (see: presenter engines)")
    parser.add_argument("--layout", metavar="L", help="full, pip-right, pip-left, side-by-side, slide-only")
    parser.add_argument("--size", metavar="WxH", help="1280x720 (default), 1920x1080, 1080x1920, 1080x1080")
    parser.add_argument("--fps", type=int, metavar="N", help="24, 25 (default), 30, 50 or 60")
    parser.add_argument("--captions", metavar="C", help="burned, soft (default) or none")


def _add_small(commands: Any) -> None:
    for name, command, text in (
        ("engines", _engines, "list the engines with licence and languages"),
        ("voices", _voices, "list voices and sample presenters"),
        ("doctor", _doctor, "check that everything needed is there"),
    ):
        parser = commands.add_parser(name, help=text)
        parser.add_argument("--json", action="store_true", help="print as JSON")
        parser.set_defaults(command=command)
    checkpoints = commands.add_parser("checkpoints", help="fetch model files")
    actions = checkpoints.add_subparsers(required=True, metavar="ACTION")
    fetch = actions.add_parser("fetch", help="fetch a group of model files (faces) and check their sha256")
    fetch.add_argument("group", choices=["faces"])
    fetch.set_defaults(command=_fetch)
    people = commands.add_parser("people", help="list who gave consent, or end a consent")
    people.add_argument("--revoke", metavar="ID", help="end it and delete all that was made from the photo")
    people.add_argument("--json", action="store_true", help="print as JSON")
    people.set_defaults(command=_people)
    forget = commands.add_parser("forget", help="delete finished work, or all that was made from a photo")
    what = forget.add_mutually_exclusive_group(required=True)
    what.add_argument("--all", action="store_true", help="everything in the store")
    what.add_argument("--photo", type=Path, metavar="P", help="all that was derived from this file")
    forget.set_defaults(command=_forget)


def _positive(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not 0 < value < math.inf:
        raise argparse.ArgumentTypeError(f"{text} is no number above 0")
    return value


# --- reading the order ------------------------------------------------------------------------

LARGEST_FILE = 16_000_000
"""Bytes of a lesson that are read; its characters are counted later."""
DOCUMENTS = frozenset(
    [".doc", ".docx", ".epub", ".htm", ".html", ".key", ".odp", ".odt", ".pdf", ".ppt", ".pptx", ".rtf"]
)
"""Suffixes of files that somebody may take for a lesson."""


def _source(lesson: str) -> tuple[str, Path | None]:
    """The lesson's text and the folder of its pictures."""
    path = Path(lesson)
    named = "\n" not in lesson and path.suffix.lower() in (".md", ".txt", ".markdown")
    if lesson == "-":
        data, folder = sys.stdin.buffer.read(LARGEST_FILE + 1), Path.cwd()
    elif named and os.path.isfile(lesson):
        data, folder = _read(path), path.resolve().parent
    elif os.path.exists(lesson) or (path.suffix.lower() in DOCUMENTS and not re.search(r"\s", lesson)):
        raise InputError(
            "E-SCRIPT-TYPE",
            f'"{path.name or lesson}" is not a lesson.',
            "Name a text file that ends in .md or .txt, or quote the text itself.",
            "script",
        )
    elif named and not re.search(r"\s", lesson):
        raise InputError("E-SCRIPT-FILE", f'There is no file "{path.name}".', "Check its name.", "script")
    else:
        return lesson, None
    if len(data) > LARGEST_FILE:
        raise InputError(
            "E-SCRIPT-LONG",
            f"The lesson has more than {LARGEST_FILE / 1e6:.0f} MB.",
            "Split it into several.",
            "script",
        )
    try:
        return data.decode("utf-8-sig"), folder
    except UnicodeDecodeError as error:
        raise InputError(
            "E-SCRIPT-TYPE",
            f"The lesson is not a text in UTF-8 (byte {error.start}).",
            "Save it as plain text in UTF-8.",
            "script",
        ) from error


def _read(path: Path) -> bytes:
    try:
        with path.open("rb") as stream:
            return stream.read(LARGEST_FILE + 1)
    except OSError as error:
        raise InputError(
            "E-SCRIPT-FILE",
            f'The file "{path.name}" cannot be read ({error.strerror}).',
            "Check its permissions.",
            "script",
        ) from error


def _order(options: argparse.Namespace) -> Any:
    from presenter.order import Order, parse_size

    source, folder = _source(options.lesson)
    width, height = parse_size(options.size) if options.size else (None, None)
    return Order(
        source=source,
        folder=folder,
        portrait=options.photo or options.portrait,
        consent=options.consent,
        voice=options.voice,
        language=options.language,
        speaker=options.speaker,
        animator=options.animator,
        layout=options.layout,
        width=width,
        height=height,
        fps=options.fps,
        captions=options.captions,
    )


def _studio(**arguments: Any) -> Any:
    from presenter.settings import read
    from presenter.studio import Studio

    return Studio(read(arguments))


# --- commands ---------------------------------------------------------------------------------


def _render(options: argparse.Namespace) -> int:
    from presenter.types import Progress

    terminal = sys.stderr.isatty()

    def report(progress: Progress) -> None:
        left = "" if progress.left is None else f", {_clock(progress.left)} left"
        line = f"{progress.done:4.0%}  {progress.message}{left}"
        if terminal:
            print(
                f"\r\x1b[K{line}", end="" if progress.stage != "done" else "\n", file=sys.stderr, flush=True
            )
        elif progress.stage == "done":
            print(line, file=sys.stderr)

    order = _order(options)
    studio = _studio(workers=options.workers)
    try:
        video = studio.render(order, options.out, report=(lambda _: None) if options.quiet else report)
    except PresenterError:
        if terminal and not options.quiet:
            print(file=sys.stderr)
        raise
    for warning in video.warnings:
        print(f"note: {warning}", file=sys.stderr)
    if options.json:
        print(json.dumps(asdict(video), ensure_ascii=False))
    else:
        speed = video.seconds / video.spent if video.spent else 0.0
        print(
            f"{video.path}: {_clock(video.seconds)} of video in {_clock(video.spent)} "
            f"({speed:.1f}x real time), {video.rendered} pieces drawn, {video.reused} reused"
        )
    return 0


def _check(options: argparse.Namespace) -> int:
    lesson = _studio().check(_order(options))
    print(
        f'"{lesson.title}", {lesson.language}: {len(lesson.slides)} slides, {len(lesson.segments)} sentences'
    )
    for warning in lesson.warnings:
        print(f"note: {warning}")
    return 0


def _photo(options: argparse.Namespace) -> int:
    if not options.photo.is_file():
        raise InputError(
            "E-PHOTO-FILE", f'There is no file "{options.photo.name}".', "Check its name.", "photo"
        )
    found = _studio().preflight(options.photo)
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


def _evaluate(options: argparse.Namespace) -> int:
    from presenter.evaluate import contact_sheet, evaluate

    def report(done: float, text: str) -> None:
        if sys.stderr.isatty():
            print(f"\r\x1b[K{done:4.0%}  {text}", end="", file=sys.stderr, flush=True)

    card = evaluate(options.video, _studio().settings, seconds_limit=options.seconds, report=report)
    if sys.stderr.isatty():
        print("\r\x1b[K", end="", file=sys.stderr)
    if options.sheet:
        contact_sheet(options.video, options.sheet)
    if options.json:
        print(json.dumps(card.as_dict()))
    else:
        print(f"{_clock(card.seconds)} of video; {card.watched} of {card.frames} frames looked at")
        for measure in card.measures:
            print(measure.line())
    for measure in card.missed:
        print(f"missed: {measure.line()}", file=sys.stderr)
    return 0 if card.passed else 1


def _bench(options: argparse.Namespace) -> int:
    from presenter import bench

    def report(text: str) -> None:
        print(f"{text} ...", file=sys.stderr, flush=True)

    found = bench.run(_studio().settings, minutes=options.minutes, long=options.long, report=report)
    print(json.dumps(found.as_dict()) if options.json else "\n".join(found.lines()))
    return 0


def _engines(options: argparse.Namespace) -> int:
    from presenter.engines import engines

    rows = engines()
    if options.json:
        print(json.dumps([asdict(row) for row in rows], ensure_ascii=False))
        return 0
    for row in rows:
        use = "commercial use" if row.commercial else "NON-COMMERCIAL"
        more = f", {row.languages} languages" if row.languages else ""
        print(f"{row.kind:<9} {row.name:<10} {row.licence:<17} {use}{more}\n{'':<21}{row.summary}")
    return 0


def _voices(options: argparse.Namespace) -> int:
    studio = _studio()
    if options.json:
        found = {"voices": [asdict(voice) for voice in studio.voices()], "portraits": studio.portraits()}
        print(json.dumps(found, ensure_ascii=False))
        return 0
    print("voices:    " + ", ".join(voice.id for voice in studio.voices()))
    print("portraits: " + ", ".join(studio.portraits()))
    print("languages: " + ", ".join(studio.languages()))
    return 0


def _doctor(options: argparse.Namespace) -> int:
    findings = _studio().doctor()
    if options.json:
        print(json.dumps([asdict(finding) for finding in findings], ensure_ascii=False))
    else:
        for finding in findings:
            print(f"{finding.state:<5} {finding.name}: {finding.detail}")
            if finding.remedy:
                print(f"{'':<6}-> {finding.remedy}")
    return 3 if any(finding.state == "fail" for finding in findings) else 0


def _fetch(options: argparse.Namespace) -> int:
    from presenter.engines import weights

    for path in weights.fetch(options.group):
        print(path.name)
    return 0


def _people(options: argparse.Namespace) -> int:
    studio = _studio()
    if options.revoke:
        print(f"Consent ended; {studio.revoke(options.revoke)} files deleted.")
        return 0
    entries = studio.people().entries()
    if options.json:
        print(json.dumps([asdict(entry) for entry in entries], ensure_ascii=False))
        return 0
    for entry in entries:
        consent = entry.consent
        state = f"ended {consent.revoked[:10]}" if consent.revoked else "holds"
        print(f"{consent.id}  {consent.given[:10]}  {state}  {consent.scope}  {consent.person}")
    return 0


def _forget(options: argparse.Namespace) -> int:
    from presenter.people import reference_of

    references = [] if options.all else [reference_of(options.photo)]
    print(f"{_studio().forget(*references)} files deleted")
    return 0


def _clock(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes}:{rest:02d}"
