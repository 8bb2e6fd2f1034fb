"""The command that trains a model of one's own."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any

from presenter.cli.arguments import clock, positive, studio
from presenter.errors import InputError

MINUTES = 60.0
"""How long a training runs when nobody says."""
EXAMPLES = """\
examples:
  presenter train wav2lip --clip anna.mp4 --person "Anna B." -o checkpoints/wav2lip/anna.safetensors
  presenter train wav2lip --resume checkpoints/wav2lip/anna.training --minutes 120

The clips show one person who speaks, from the front and in good light; the last part of each is held out
and tells how good the model is. Ctrl-C saves. The folder that ends in .training holds the faces that were cut
out, samples to look at and all that is needed to go on; delete it when the model is good. On a CPU take
--slim 4."""


def add(commands: Any) -> None:
    """Add ``train``."""
    train = commands.add_parser("train", help="train a model on your own footage, with no strings attached")
    kinds = train.add_subparsers(required=True, metavar="MODEL")
    wav2lip = kinds.add_parser(
        "wav2lip", help="the lips of one person, for the animator wav2lip",
        epilog=EXAMPLES, formatter_class=argparse.RawDescriptionHelpFormatter,
    )  # fmt: skip
    wav2lip.add_argument(
        "--clip",
        type=Path,
        action="append",
        default=[],
        metavar="CLIP",
        help="a video with sound; again for more",
    )
    wav2lip.add_argument("--person", metavar="WHO", help="who is seen in it and agreed; kept on record")
    wav2lip.add_argument("-o", "--out", type=Path, metavar="OUT.safetensors", help="the model to make")
    wav2lip.add_argument(
        "--resume", type=Path, metavar="FOLDER", help="go on with a training that was stopped"
    )
    wav2lip.add_argument("--from", type=Path, dest="source", metavar="MODEL", help="a model to begin with")
    wav2lip.add_argument("--layout", type=int, metavar="N", help="pixels: 96 (default), 256, 288 or 384")
    wav2lip.add_argument(
        "--slim", type=int, metavar="N", help="so many times fewer channels: 1 (default), 2, 4, 8"
    )
    wav2lip.add_argument("--steps", type=_count, metavar="N", help="end after so many steps in all")
    wav2lip.add_argument(
        "--minutes", type=positive, metavar="M", help=f"end after so many minutes (default: {MINUTES:.0f})"
    )
    wav2lip.add_argument("--batch", type=_count, metavar="N", help="windows of five frames a step")
    wav2lip.add_argument("--rate", type=positive, metavar="R", help="rate of learning (default: 0.0001)")
    wav2lip.add_argument(
        "--seed", type=int, metavar="N", help="of the first weights and all choices (default: 0)"
    )
    wav2lip.set_defaults(command=_train)


def _count(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError(f"{text} is no whole number above 0")
    return int(text)


def _train(options: argparse.Namespace) -> int:
    from presenter import training

    plan = training.resume(options.resume) if _is_resumed(options) else _plan(options)
    minutes = options.minutes or (None if options.steps else MINUTES)
    outcome = training.train(
        plan, studio().settings, resumed=options.resume is not None, person=options.person,
        steps=options.steps, seconds=minutes and 60 * minutes, report=_report,
    )  # fmt: skip
    print(f"{'stopped' if outcome.stopped else 'done'} after {outcome.steps} steps", file=sys.stderr)
    print(f"untrained: {outcome.first.line()}")
    print(f"model:     {outcome.best.line()}")
    print(f"{outcome.out} (samples: {outcome.samples})")
    if outcome.stopped:
        print(f"Go on with: presenter train wav2lip --resume {plan.folder}", file=sys.stderr)
    return int(outcome.stopped)


def _is_resumed(options: argparse.Namespace) -> bool:
    """Whether to go on with a training; everything that it was begun with stays."""
    given = [
        name for name in ("clip", "out", "source", "layout", "slim", "batch", "rate", "seed")
        if getattr(options, name) not in (None, [])
    ]  # fmt: skip
    if options.resume is None:
        return False
    if given:
        name = {"source": "from"}.get(given[0], given[0])
        raise InputError(
            "E-USAGE", f"--{name} cannot be changed with --resume.", "Leave it out, or begin a new training."
        )
    return True


def _plan(options: argparse.Namespace) -> Any:
    from presenter.training import Plan

    if not options.clip or options.out is None:
        raise InputError(
            "E-USAGE", "A training needs clips and a name for the model.",
            'For example: presenter train wav2lip --clip anna.mp4 --person "Anna B." -o anna.safetensors.',
        )  # fmt: skip
    if options.source is not None and (options.layout or options.slim):
        raise InputError(
            "E-USAGE",
            "The model to begin with decides layout and slimness.",
            "Leave out --layout and --slim.",
        )
    chosen = {
        "size": options.layout, "divisor": options.slim, "seed": options.seed, "batch": options.batch,
        "rate": options.rate,
    }  # fmt: skip
    given = {name: value for name, value in chosen.items() if value is not None}
    return Plan(tuple(options.clip), options.out, source=options.source, **given)


def _report(done: float, left: float | None, text: str) -> None:
    """One line that is written over; lines that end stay."""
    if text.endswith("\n"):
        print(("\r\x1b[K" if sys.stderr.isatty() else "") + text, end="", file=sys.stderr, flush=True)
    elif sys.stderr.isatty():
        rest = f", {clock(left)} left" if left is not None else ""
        print(f"\r\x1b[K{done:4.0%}  {text}{rest}", end="", file=sys.stderr, flush=True)
