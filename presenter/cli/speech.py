"""Commands about sound alone: say a text, measure a voice."""

from __future__ import annotations

import argparse
import json
import os
import sys
from pathlib import Path
from typing import Any, Literal

from presenter.cli.arguments import clear_progress, clock, positive, read_text, show_progress, studio
from presenter.errors import InputError, SetupError
from presenter.records import whole

EXAMPLES = """examples:
  presenter say "Hello, and welcome." -o hello.wav
  presenter say lesson.md --voice noah --speed 0.9 -o lesson.flac
  echo "Bonjour à tous." | presenter say - --language fr -o - | aplay
"""


def add(commands: Any) -> None:
    """Add ``say``."""
    say = commands.add_parser(
        "say",
        help="say a text and write the sound",
        description="Say a text and write the sound: 48 kHz, mono, -16 LUFS.",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    say.add_argument("text", metavar="TEXT", help="quoted text, a .md or .txt file, or - for standard input")
    say.add_argument(
        "-o", "--out", required=True, metavar="OUT.wav", help="a .wav or .flac file, or - for standard output"
    )
    say.add_argument("--voice", metavar="V", help="a voice (see: presenter voices)")
    say.add_argument("--language", metavar="L", help="language of the text, e.g. en-GB, de, fr, hi, zh")
    say.add_argument("--speaker", metavar="E", help="speech engine (see: presenter engines)")
    say.add_argument("--speed", type=positive, default=1.0, metavar="F", help="0.5 (slow) to 2 (fast)")
    say.add_argument(
        "--seed",
        type=_seed,
        default=0,
        metavar="N",
        help="another number gives another take, where an engine can",
    )
    say.add_argument("--json", action="store_true", help="print when each word is heard, as JSON")
    say.set_defaults(command=_say)


def add_voice(evaluate: Any) -> None:
    """The options of ``evaluate`` for a voice."""
    evaluate.add_argument("--voice", metavar="V", help="a voice that is here (see: presenter voices)")
    evaluate.add_argument(
        "--person", metavar="FOLDER", help="recordings of a person with their texts; nothing of them is kept"
    )
    evaluate.add_argument("--speaker", metavar="E", help="speech engine (see: presenter engines)")
    evaluate.add_argument(
        "--train", type=int, metavar="N", help="so many lines are learnt from, the others are said"
    )
    evaluate.add_argument("--lines", metavar="FOLDER", help="lines to say instead of the others")
    evaluate.add_argument(
        "--most", type=int, default=10, metavar="N", help="say at most so many (default: 10)"
    )
    evaluate.add_argument("--others", metavar="FOLDER", help="other people: SPEAKER-NAME.wav; is one nearer?")
    evaluate.add_argument(
        "--language", metavar="L", help="language of the lines (default: the enrolled voice's, else en)"
    )


def wants_voice(options: argparse.Namespace) -> bool:
    """Whether ``evaluate`` is to measure a voice and not a video."""
    chosen = [name for name in ("video", "voice", "person") if getattr(options, name) is not None]
    if len(chosen) != 1:
        what = " and ".join(chosen) or "nothing"
        raise InputError(
            "E-USAGE", f"Asked for: {what}; one of VIDEO, --voice and --person is needed.",
            "See presenter evaluate --help.",
        )  # fmt: skip
    return chosen != ["video"]


def evaluate_voice(options: argparse.Namespace) -> int:
    """Measure a voice; exit status 1 when a bar is missed."""
    from presenter.evaluate.trial import try_voice

    card = try_voice(
        studio().settings,
        voice=options.voice,
        person=options.person,
        speaker=options.speaker,
        train=options.train,
        lines=options.lines,
        most=options.most,
        others=options.others,
        language=options.language,
        report=show_progress,
    )
    clear_progress()
    if options.json:
        print(json.dumps(card.as_dict()))
        return 0 if card.passed else 1
    learnt = f"learnt from {card.learnt} lines ({clock(card.learnt_seconds)})" if card.learnt else "built in"
    print(f"{card.voice} ({card.engine}), {learnt}; {card.lines} other lines said")
    print(f"{'':<8}{'':<48}{'person':>9}{'plain':>9}{'voice':>9}   bar")
    for row in card.rows:
        print(row.line())
    return 0 if card.passed else 1


def _seed(text: str) -> int:
    if not text.isdecimal() or int(text) >= 2**32:
        raise argparse.ArgumentTypeError(f"{text} is no whole number from 0 to {2**32 - 1}")
    return int(text)


def _say(options: argparse.Namespace) -> int:
    kind = _kind(options.out)
    if options.out == "-" and options.json:
        raise InputError(
            "E-USAGE", "Sound and JSON cannot both go to standard output.", "Name a file after -o.", "out"
        )
    text, _ = read_text(options.text)
    here = studio()
    recital = here.say(
        text,
        voice=options.voice,
        language=options.language,
        speaker=options.speaker,
        speed=options.speed,
        seed=options.seed,
        report=_progress,
    )
    _write(options.out, here.sound(recital, kind))
    for warning in recital.warnings:
        print(f"note: {warning}", file=sys.stderr)
    if options.json:
        print(json.dumps(_as_dict(recital), ensure_ascii=False))
    elif options.out != "-":
        count = len(recital.sentences)
        said = f"{count} sentence{'s' * (count != 1)} in the voice {recital.voice.name} ({recital.engine})"
        print(f"{options.out}: {clock(recital.seconds)} of speech, {said}")
    return 0


def _progress(done: int, count: int) -> None:
    if sys.stderr.isatty() and count > 1:
        print(f"\r\x1b[Ksentence {done} of {count}", end="\n" if done == count else "", file=sys.stderr)


def _kind(out: str) -> Literal["WAV", "FLAC"]:
    if out == "-":
        return "WAV"
    kinds: dict[str, Literal["WAV", "FLAC"]] = {".wav": "WAV", ".flac": "FLAC"}
    kind = kinds.get(Path(out).suffix.lower())
    if kind is None:
        raise InputError(
            "E-OUT-TYPE", f'"{Path(out).name}" is no name of a sound file.',
            "Choose a name that ends in .wav or .flac.", "out",
        )  # fmt: skip
    if not os.access(Path(out).absolute().parent, os.W_OK):  # told before anything is spoken
        raise SetupError(
            "E-OUT-WRITE", f'"{Path(out).name}" cannot be written there.',
            "Choose a folder that exists and can be written.", "out",
        )  # fmt: skip
    return kind


def _write(out: str, data: bytes) -> None:
    """The whole file or none; ``-`` is standard output."""
    if out == "-":
        sys.stdout.buffer.write(data)
        return
    path = Path(out)
    try:
        with whole(path) as draft:
            draft.write_bytes(data)
    except OSError as error:
        raise SetupError(
            "E-OUT-WRITE", f'"{path.name}" could not be written ({error.strerror}).',
            "Choose another name or folder.", "out",
        ) from error  # fmt: skip


def _as_dict(recital: Any) -> dict[str, Any]:
    def rows(spans: Any) -> list[dict[str, Any]]:
        return [
            {"text": span.label, "start": round(span.start, 4), "end": round(span.end, 4)} for span in spans
        ]

    return {
        "seconds": round(recital.seconds, 4),
        "voice": recital.voice.id,
        "language": recital.language,
        "engine": recital.engine,
        "sentences": rows(recital.sentences),
        "words": rows(recital.words),
    }
