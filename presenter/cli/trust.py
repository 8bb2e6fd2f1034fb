"""Was it made here, what left, and what was taken down: verify, audit, takedown."""

from __future__ import annotations

import argparse
import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

from presenter.cli.arguments import studio
from presenter.verify import Verdict


def add(commands: Any) -> None:
    """Add these commands."""
    verify = commands.add_parser(
        "verify", help="tell whether a file was made here, and changed since",
        description="Looks for signed credentials, watermarks, the label and the records of this "
        "installation. Works on copies that were coded anew, cut, scaled or stripped. Exit status 0: made "
        "here; 1: changed since, made elsewhere or unknown.",
    )  # fmt: skip
    verify.add_argument("file", type=Path, metavar="FILE", help="a video, a sound or a picture")
    verify.add_argument("--json", action="store_true", help="print the verdict as JSON")
    verify.set_defaults(command=_verify)

    audit = commands.add_parser("audit", help="show or check the log of what left")
    actions = audit.add_subparsers(required=True, metavar="ACTION")
    show = actions.add_parser("show", help="the events, the oldest first")
    show.add_argument("--last", type=int, default=0, metavar="N", help="only so many of the newest")
    check = actions.add_parser("verify", help="tell whether a line was changed, dropped or added")
    for action, command in ((show, _show), (check, _check)):
        action.add_argument("--json", action="store_true", help="print it as JSON")
        action.set_defaults(command=command)

    takedown = commands.add_parser(
        "takedown", help="hide a video and let it not be published again",
        description="Without a name it lists what was taken down. Hiding works at once, in every running "
        "door; a video that is made anew from the same lesson is refused as well.",
    )  # fmt: skip
    takedown.add_argument("name", nargs="?", metavar="DIGEST|ID", help="as presenter verify names them")
    takedown.add_argument("--reason", default="", metavar="TEXT", help="kept for yourself")
    takedown.add_argument("--undo", action="store_true", help="let it be published again")
    takedown.add_argument("--json", action="store_true", help="print it as JSON")
    takedown.set_defaults(command=_takedown)


def _verify(options: argparse.Namespace) -> int:
    found = studio().verify(options.file)
    if options.json:
        print(json.dumps(asdict(found), ensure_ascii=False, indent=1))
        return 0 if found.answer == "made here" else 1
    print(f"{found.answer}: {found.sentence}")
    signed = found.credentials
    state = "none" if signed is None else signed.state
    by = f', signed by "{signed.signer}", {signed.time}' if signed and signed.signer else ""
    print(f"  credentials  {state}{by}")
    for name, mark, identities in (
        ("sound", found.sound, (found.sound and found.sound.identity,)),
        ("picture", found.picture, found.picture.identities if found.picture else ()),
    ):
        if mark is None:
            print(f"  {name:11}  nothing to look at")
        else:
            legible = ", ".join(filter(None, identities))
            text = f"watermark {legible}" if legible else "watermark, not legible" if mark.present else "none"
            print(f"  {name:11}  {text} (score {mark.score:.1f})")
    print(f"  label        {_label(found)}")
    print(f"  sha256       {found.digest}")
    for video in found.videos:
        print(f"  video        {video}")
    if found.blocked:
        print("  taken down   yes")
    return 0 if found.answer == "made here" else 1


def _label(found: Verdict) -> str:
    said = "in its words" if found.label else "not in its words"
    if found.seen is None:
        return said
    if not found.seen.present:
        return f"{said}, not seen in the picture (best match {found.seen.score:.2f})"
    return f"{said}, seen in the picture ({found.seen.language}, match {found.seen.score:.2f})"


def _show(options: argparse.Namespace) -> int:
    from presenter import audit

    lines = list(audit.lines(studio().settings.home))[-options.last :]
    for line in lines:
        if options.json:
            print(json.dumps(asdict(line), ensure_ascii=False))
        else:
            detail = "  ".join(f"{name}={_short(value)}" for name, value in line.detail.items() if value)
            print(f"{line.number:6}  {line.time}  {line.event:10}  {detail}")
    return 0


def _short(value: object) -> str:
    if isinstance(value, list):
        return f"{value[0]}…({len(value)})" if len(value) > 1 else str(value[0])
    text = str(value)
    return f"{text[:16]}…" if len(text) > 36 else text


def _check(options: argparse.Namespace) -> int:
    from presenter import audit

    found = audit.check(studio().settings.home)
    if options.json:
        print(json.dumps(asdict(found)))
    else:
        print(found.broken or "The log is whole.", f"{found.lines} lines hold; the last is {found.head}.")
    return 1 if found.broken else 0


def _takedown(options: argparse.Namespace) -> int:
    from presenter import takedown

    here = studio()
    if options.name is None:
        held = takedown.blocks(here.settings.home).values()
        if options.json:
            print(json.dumps([asdict(row) for row in held], ensure_ascii=False, indent=1))
        else:
            print("\n".join(f"{row.digest}  {row.since}  {row.reason}" for row in held) or "Nothing.")
        return 0
    videos = here.takedown(options.name, reason=options.reason, undo=options.undo)
    if options.json:
        print(json.dumps(list(videos)))
    else:
        done = "may be published again" if options.undo else "is hidden, and is not published again"
        print("\n".join(f"{video} {done}." for video in videos))
    return 0
