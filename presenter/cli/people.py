"""Whose face and voice may be used: consents on record, raised and ended."""

from __future__ import annotations

import argparse
import json
import sys
from dataclasses import asdict
from pathlib import Path
from typing import Any

from presenter.cli.arguments import studio

LEVELS = {1: "attested", 2: "spoken challenge", 3: "voice and face", 4: "verified by the operator"}


def add(commands: Any) -> None:
    """Add ``people``."""
    people = commands.add_parser(
        "people", help="who gave consent: list, show, challenge, verify, consent, revoke",
        description="Without an action it lists. A consent begins with somebody's word (level 1). Reading a "
        "challenge aloud makes it level 2, before a camera level 3, with a portrait from the film. Level 4 "
        "is the operator's word, also for people who cannot read aloud.",
    )  # fmt: skip
    people.add_argument("--revoke", metavar="ID", dest="id", help="the same as the action revoke")
    people.add_argument("--json", action="store_true", help="print as JSON")
    people.set_defaults(command=_list)
    actions = people.add_subparsers(metavar="ACTION")
    for name, command, text in (
        ("list", _list, "all consents, the oldest first"),
        ("show", _show, "one consent, what speaks for it, and what was made with it"),
        ("challenge", _challenge, "a text to be read aloud, good for five minutes"),
        ("verify", _verify, "judge a recording or a film of a challenge"),
        ("consent", _consent, "put on record that you verified a consent yourself (level 4)"),
        ("revoke", _revoke, "end a consent, block its videos and delete all that was derived"),
    ):
        action = actions.add_parser(name, help=text, description=f"{text[0].upper()}{text[1:]}.")
        if name == "verify":
            action.add_argument("challenge", metavar="CHALLENGE", help="its id")
            action.add_argument("recording", type=Path, metavar="RECORDING", help="a sound file, or a film")
        elif name != "list":
            action.add_argument("id", metavar="ID", help="of the consent")
        if name == "challenge":
            action.add_argument("--language", default="en", metavar="TAG", help="of the text (default: en)")
            action.add_argument("--camera", action="store_true", help="to be read before a camera (level 3)")
        if name == "consent":
            action.add_argument("--operator", required=True, metavar="WHO", help="who verified it")
        action.add_argument("--json", action="store_true", default=argparse.SUPPRESS, help="print as JSON")
        action.set_defaults(command=command)


def _list(options: argparse.Namespace) -> int:
    if getattr(options, "id", None):
        return _revoke(options)
    entries = studio().people().entries()
    if options.json:
        print(json.dumps([asdict(entry) for entry in entries], ensure_ascii=False))
        return 0
    for entry in entries:
        consent = entry.consent
        state = f"ended {consent.revoked[:10]}" if consent.revoked else "holds"
        who = f"{consent.scope}  {consent.person or '(no name kept)'}  level {consent.level}"
        print(f"{consent.id}  {consent.given[:10]}  {state}  {who}")
    return 0


def _show(options: argparse.Namespace) -> int:
    from presenter import registry

    here = studio()
    entry = here.people().entry(options.id)
    covered = () if entry.consent.revoked else (entry.reference, *entry.covers)
    videos = registry.made_from(here.settings.home, *covered)
    if options.json:
        print(json.dumps({**asdict(entry), "videos": videos}, ensure_ascii=False, indent=1))
        return 0
    consent = entry.consent
    who = consent.person or "(no name kept)"
    print(f"{who}: {consent.scope}, level {consent.level} ({LEVELS.get(consent.level, '')})")
    print(f"  given        {consent.given}")
    print(f"  ended        {consent.revoked or 'no'}")
    print(f"  expires      {consent.expires or 'no'}")
    if entry.statement:
        print(f"  agreed to    {entry.statement}")
    for name, value in entry.evidence.items():
        print(f"  {name:11}  {value}")
    for video in videos:
        print(f"  video        {video}")
    return 0


def _challenge(options: argparse.Namespace) -> int:
    from presenter.people import statement
    from presenter.people.gestures import WORDS

    found = studio().challenge(options.id, language=options.language, before_camera=options.camera)
    if options.json:
        moves = [asdict(gesture) for gesture in found.gestures]
        values = {"id": found.id, "text": found.text, "expires": found.expires, "gestures": moves}
        print(json.dumps(values, ensure_ascii=False))
        return 0
    if options.camera:
        print(
            "Film your face and read this aloud in one go, with the voice that was enrolled. Where a movement"
        )
        print("stands, pause, make it clearly, and read on:\n")
    else:
        print("Read this aloud in one go, with the voice that was enrolled, and record it:\n")
    for place, part in enumerate((*found.parts, None)):
        for gesture in found.gestures:
            if gesture.before == place:
                print(f"    ( {WORDS[gesture.kind]} )")
        if part is not None:
            print(f"    {part.text}")
    if options.camera:
        print("\nThe film is not kept, but its best picture becomes a portrait. Whoever hands it in agrees:")
        print(f"    {statement(options.language)}")
    handed_in = "FILM" if options.camera else "RECORDING"
    print(f"\nWithin five minutes: presenter people verify {found.id} {handed_in}")
    return 0


def _verify(options: argparse.Namespace) -> int:
    from presenter.people.binding import leaving_out

    passed = studio().answer(options.challenge, options.recording)
    if options.json:
        values = {**asdict(passed.consent), "left_out": passed.left_out}
        if passed.face is not None:
            values |= {"face": asdict(passed.face), "portrait": str(passed.portrait)}
        print(json.dumps(values, ensure_ascii=False))
        return 0
    _raised(options, passed.consent)
    print("The recording is part of the voice now.")
    if passed.left_out:
        print(leaving_out(passed.left_out))
    if passed.face is not None:
        _raised(options, passed.face)
        print(f"Portrait from the film: {passed.portrait}")
        print("This picture has level 3. Other photos keep their level: no face is compared with another.")
    return 0


def _consent(options: argparse.Namespace) -> int:
    return _raised(options, studio().people().vouched(options.id, options.operator))


def _raised(options: argparse.Namespace, consent: Any) -> int:
    if options.json:
        print(json.dumps(asdict(consent), ensure_ascii=False))
    else:
        print(f"{consent.id}: level {consent.level} ({LEVELS[consent.level]}).")
    return 0


def _revoke(options: argparse.Namespace) -> int:
    done = studio().revoke(options.id)
    if options.json:
        print(json.dumps(asdict(done)))
    else:
        print(f"Consent ended; {done.deleted} files deleted.")
        for video in done.videos:
            print(f"  blocked, and to be deleted wherever copies are: {video}")
        print("  nothing is left of it" if not done.residue else f"  left: {', '.join(done.residue)}")
    for name in done.residue:
        print(f"still there: {name}", file=sys.stderr)
    return 1 if done.residue else 0
