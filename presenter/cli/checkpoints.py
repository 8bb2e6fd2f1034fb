"""Commands for model files."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterable
from dataclasses import asdict
from pathlib import Path
from typing import Any

from presenter.cli.arguments import clock

_EXAMPLES = """examples:
  presenter checkpoints list
  presenter checkpoints fetch faces
  presenter checkpoints fetch wav2lip --accept-licence wav2lip
  presenter checkpoints fetch wav2lip --from /media/stick/models
  presenter checkpoints add ~/Downloads/wav2lip_gan.pth
  presenter checkpoints add mine.pth --as anna
  presenter checkpoints verify
"""


def add(commands: Any) -> None:
    """Add ``checkpoints`` with ``list``, ``fetch``, ``verify`` and ``add``."""
    parser = commands.add_parser(
        "checkpoints", help="list, fetch, check and add model files", description="Model files.",
        epilog=_EXAMPLES, formatter_class=argparse.RawDescriptionHelpFormatter,
    )  # fmt: skip
    actions = parser.add_subparsers(required=True, metavar="ACTION")
    listed = _action(
        actions, "list", _list, "list the model files, their licences and whether they are there"
    )
    fetch = _action(
        actions, "fetch", _fetch, "fetch a group of model files and check their sha256",
        "presenter checkpoints fetch faces\n"
        "  presenter checkpoints fetch wav2lip --accept-licence wav2lip\n"
        "  presenter checkpoints fetch wav2lip --from /media/stick/models",
    )  # fmt: skip
    fetch.add_argument("group", metavar="GROUP", help="faces, evaluate, wav2lip (with GAN) or wav2lip_plain")
    fetch.add_argument("--from", dest="origin", default="", metavar="FOLDER",
                       help="a folder, or the address of one, that holds the files")  # fmt: skip
    verify = _action(actions, "verify", _verify, "read every model file and say whether it can be used")
    added = _action(
        actions, "add", _add, "take in a model file that you have: recognise, check and convert it",
        "presenter checkpoints add ~/Downloads/wav2lip_gan.pth\n"
        "  presenter checkpoints add mine.pth --as anna\n"
        "  presenter checkpoints add model.safetensors --as english",
    )  # fmt: skip
    added.add_argument("file", type=Path, metavar="FILE", help="a model file; it stays as it is")
    added.add_argument("--as", dest="name", default="", metavar="NAME",
                       help="what it is called here; for pocket-tts the language")  # fmt: skip
    for action in (fetch, added):
        action.add_argument(
            "--accept-licence", default="", metavar="NAME",
            help="accept the licence of this model (see: presenter checkpoints list)",
        )  # fmt: skip
    for action in (listed, fetch, verify, added):
        action.add_argument("--json", action="store_true", help="print as JSON")


def _action(actions: Any, name: str, command: Any, text: str, examples: str = "") -> Any:
    parser = actions.add_parser(
        name, help=text, description=f"{text[:1].upper()}{text[1:]}.",
        epilog=f"examples:\n  {examples or f'presenter checkpoints {name}'}",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )  # fmt: skip
    parser.set_defaults(command=command)
    return parser


def _list(options: argparse.Namespace) -> int:
    from presenter import checkpoints, settings

    here = settings.read()
    entries = checkpoints.listed(here)
    if options.json:
        rows = [{**asdict(entry), **_terms(here.home, entry.name)} for entry in entries]
        print(json.dumps(rows, ensure_ascii=False))
        return 0
    for entry in entries:
        size = f"{entry.bytes / 1e6:.1f} MB" if entry.bytes else ""
        known = "sha256 known" if entry.sha256 else "sha256 unknown"
        use = "commercial use" if entry.commercial else "NON-COMMERCIAL"
        print(f"{entry.state:<8} {entry.name:<29} {size:>9}  {known}  {entry.licence}, {use}")
        print(f"{'':<9}{entry.file}: {entry.detail}{f' -> {entry.remedy}' if entry.remedy else ''}")
        if (terms := checkpoints.terms(entry.name)) and entry.file.endswith("/"):
            who = checkpoints.accepted(here.home, entry.name)
            state = f"accepted by {who.who} on {who.when[:10]}" if who else "not accepted yet"
            print(f"{'':<9}licence ({state}): {terms.text}")
    return 0


def _terms(home: Path, name: str) -> dict[str, Any]:
    from presenter import checkpoints

    terms, found = checkpoints.terms(name), checkpoints.accepted(home, name)
    return {"terms": terms.text if terms else "", "accepted": asdict(found) if found else None}


def _fetch(options: argparse.Namespace) -> int:
    from presenter import checkpoints, settings

    here = settings.read()
    _settle(here.home, checkpoints.needed(options.group), options)
    meter = _Meter(quiet=options.json)
    try:
        paths = checkpoints.fetch(
            here, options.group, origin=options.origin, progress=meter.say, tick=meter.tick
        )
    finally:
        meter.end()
    _print(options, ({"file": path.name} for path in paths), "file")
    return 0


def _verify(options: argparse.Namespace) -> int:
    from presenter import checkpoints, settings

    bad, rows = 0, []
    for verdict in checkpoints.verify(settings.read()):
        bad += bool(verdict.code)
        rows.append(asdict(verdict))
        if not options.json:
            state = "fail" if verdict.code else "ok"
            print(f"{state:<5} {verdict.file}: {verdict.detail} {verdict.code}".rstrip())
            if verdict.remedy:
                print(f"{'':<6}-> {verdict.remedy}")
    if options.json:
        print(json.dumps(rows, ensure_ascii=False))
    elif not rows:
        print("No model files yet. Fetch the ones for faces: presenter checkpoints fetch faces")
    return 3 if bad else 0


def _add(options: argparse.Namespace) -> int:
    from presenter import checkpoints, settings

    here = settings.read()
    if options.accept_licence:
        _settle(here.home, options.accept_licence, options)
    found = checkpoints.look(options.file)
    _settle(here.home, checkpoints.terms_of(found), options)
    target = checkpoints.put(here, options.file, found, options.name)
    place = target.relative_to(here.checkpoints).as_posix()
    _print(options, [{"kind": found.kind, "file": place, "sha256": found.digest}], "file", "kind")
    return 0


def _settle(home: Path, name: str, options: argparse.Namespace) -> None:
    """Show the terms of a model where nobody accepted them yet, and take the answer.

    Raises:
        InputError: ``E-MODEL-LICENCE`` where there is nobody to ask, or the answer is no.
    """
    from presenter import checkpoints
    from presenter.checkpoints import licences

    terms = checkpoints.terms(name)
    if terms is None or checkpoints.accepted(home, name):
        return
    if not options.json:
        print(f"Licence of {name}: {terms.licence}.\n{terms.text}", file=sys.stderr)
    agreed = options.accept_licence == name
    if agreed or (not options.json and _answer().strip().lower() == "yes"):
        checkpoints.accept(home, name)
    licences.check(home, name)


def _answer() -> str:
    """What somebody at a terminal answers; ``""`` where nobody sits at one."""
    if not (sys.stdin.isatty() and sys.stderr.isatty()):
        return ""
    print("Do you accept this? Type yes: ", end="", file=sys.stderr, flush=True)
    return sys.stdin.readline()


def _print(options: argparse.Namespace, rows: Iterable[dict[str, str]], *shown: str) -> None:
    rows = list(rows)
    if options.json:
        print(json.dumps(rows, ensure_ascii=False))
        return
    for row in rows:
        print(": ".join(row[name] for name in shown))


class _Meter:
    """Progress: one line that changes on a terminal, a line for every tenth elsewhere."""

    def __init__(self, quiet: bool) -> None:
        self._quiet = quiet
        self._live = sys.stderr.isatty()
        self._open = False
        self._tenth = -1

    def say(self, line: str) -> None:
        """Print what happens."""
        self.end()
        if not self._quiet:
            print(line, file=sys.stderr)

    def tick(self, at: Any) -> None:
        """Print how far a download is."""
        tenth = at.done * 10 // at.bytes
        if self._quiet or (not self._live and tenth == self._tenth):
            return
        self._tenth = tenth
        left = f", {clock(at.seconds)} left" if at.seconds is not None and at.done < at.bytes else ""
        line = f"{at.file}: {at.done / 1e6:.0f} of {at.bytes / 1e6:.0f} MB{left}"
        print(
            f"\r\x1b[K{line}" if self._live else line,
            end="" if self._live else "\n",
            file=sys.stderr,
            flush=True,
        )
        self._open = self._live

    def end(self) -> None:
        """Leave the line that changes."""
        if self._open:
            print(file=sys.stderr)
            self._open = False
