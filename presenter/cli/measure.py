"""Commands that measure."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

from presenter.cli import speech
from presenter.cli.arguments import clear_progress, clock, positive, show_progress, studio
from presenter.errors import InputError

SERVICE: dict[str, dict[str, Any]] = {
    "faults": {"kills": 8, "jobs": 4, "refusals": 3},
    "fairness": {"jobs": 3},
    "load": {"minutes": 0.3, "burst": 30, "jobs": 10},
    "cluster": {"sentences": 8},
}
"""Measurements of the service, with the sizes of their short form."""


def add(commands: Any) -> None:
    """Add ``evaluate`` and ``bench``."""
    _add_evaluate(commands)
    _add_bench(commands)


def _add_evaluate(commands: Any) -> None:
    evaluate = commands.add_parser(
        "evaluate", help="measure a video that was made here, or a voice; exit status 1 when a bar is missed"
    )
    evaluate.add_argument("video", type=Path, nargs="?", metavar="VIDEO")
    evaluate.add_argument(
        "--seconds", type=positive, metavar="S", help="how much of the picture is looked at (default: 60)"
    )
    evaluate.add_argument("--sheet", type=Path, metavar="OUT.png", help="write a contact sheet of the video")
    evaluate.add_argument("--json", action="store_true", help="print the score card as JSON")
    speech.add_voice(evaluate.add_argument_group("instead of a video: a voice"))
    evaluate.set_defaults(command=_evaluate)


def _add_bench(commands: Any) -> None:
    bench = commands.add_parser("bench", help="measure speed and memory on this machine")
    bench.add_argument(
        "what", nargs="?", choices=("lesson", "wav2lip", "decks", "trust", *SERVICE), default="lesson",
        help="a whole lesson (default), Wav2Lip beside the published way of running it, importing decks, "
        "what the safeguards hold (trust), or the service: faults (killed processes), fairness (and "
        "cancelling), load, cluster (needs --database)",
    )  # fmt: skip
    bench.add_argument(
        "--minutes", type=positive, default=1.0, metavar="M", help="length of the lesson (default: 1)"
    )
    bench.add_argument(
        "--long",
        action="store_true",
        help="also a lesson ten times as long; of trust, ten times as many tries",
    )
    bench.add_argument("--size", metavar="WxH", default="512x512", help="of wav2lip's video (512x512)")
    bench.add_argument("--json", action="store_true", help="print as JSON")
    bench.add_argument(
        "--short", action="store_true", help="of the service: the short form, which takes about two minutes"
    )
    bench.add_argument(
        "--only", metavar="PART", action="append", default=[],
        help="of trust: sound, clean-sound, picture, clean-picture, bytes, enrolments, voices, films or "
        "damaged; several times for several",
    )  # fmt: skip
    bench.add_argument("--database", metavar="URL", help="of cluster: an empty PostgreSQL database")
    bench.set_defaults(command=_bench)


def _evaluate(options: argparse.Namespace) -> int:
    if speech.wants_voice(options):
        return speech.evaluate_voice(options)
    from presenter.evaluate import contact_sheet, evaluate

    card = evaluate(options.video, studio().settings, seconds_limit=options.seconds, report=show_progress)
    clear_progress()
    if options.sheet:
        contact_sheet(options.video, options.sheet)
    if options.json:
        print(json.dumps(card.as_dict()))
    else:
        print(f"{clock(card.seconds)} of video; {card.watched} of {card.frames} frames looked at")
        for measure in card.measures:
            print(measure.line())
    for measure in card.missed:
        print(f"missed: {measure.line()}", file=sys.stderr)
    return 0 if card.passed else 1


def _bench(options: argparse.Namespace) -> int:
    from presenter import bench

    def report(text: str) -> None:
        print(f"{text} ...", file=sys.stderr, flush=True)

    if options.what in SERVICE:
        return _bench_service(options, report)
    if options.what == "wav2lip":
        from presenter.bench import lips
        from presenter.order import parse_size

        found = lips.run(studio().settings, size=parse_size(options.size), report=report)
    elif options.what == "decks":
        from presenter.bench import decks

        found = decks.run(report)
    elif options.what == "trust":
        from presenter.bench import trust

        for part in options.only:
            if part not in trust.PARTS:
                raise InputError(
                    "E-BENCH-PART", f'"{part}" is no part of this.', f"There are: {', '.join(trust.PARTS)}.",
                    "only",
                )  # fmt: skip
        found = trust.run(studio().settings, long=options.long, only=options.only, report=report)
    else:
        found = bench.run(studio().settings, minutes=options.minutes, long=options.long, report=report)
    print(json.dumps(found.as_dict()) if options.json else "\n".join(found.lines()))
    return 0


def _bench_service(options: argparse.Namespace, report: Callable[[str], None]) -> int:
    """Exit status 1 when a bar is missed."""
    from importlib import import_module

    sizes: dict[str, Any] = SERVICE[options.what] if options.short else {}
    if options.what == "cluster":
        sizes = {**sizes, "database": options.database}
    measures = []
    for measure in import_module(f"presenter.bench.{options.what}").run(
        studio().settings, report=report, **sizes
    ):
        measures.append(measure)
        if not options.json:
            print(measure.line(), flush=True)
    if options.json:
        print(json.dumps([asdict(measure) for measure in measures]))
    return 1 if any(measure.passed is False for measure in measures) else 0
