"""Commands about voices: which there are, and how somebody's own voice is enrolled."""

from __future__ import annotations

import argparse
import json
import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from presenter.cli.arguments import studio
from presenter.errors import InputError

ENROL_EXAMPLES = """\
examples:
  presenter voices enrol Anna --language en                      print the lines to read
  presenter voices enrol Anna --person "Anna B." --language en --lines line-*.wav
  presenter voices enrol Anna --lines line-03.wav                read one again, go on later
  presenter voices enrol Anna --person "Anna B." --free talk.m4a
  presenter voices enrol Anna --person "Anna B." --from anna.zip take in a voice that was exported

A file belongs to the line whose number is in its name (line-03.wav); files without a number are taken in
order. What is good is kept; when all lines are read the voice is ready. With --finish it is made of what
there is: at least 6 s of speech, a minute or more gives a good likeness."""


def add(commands: Any) -> None:
    """Add ``voices`` with its actions."""
    voices = commands.add_parser("voices", help="list voices; enrol, show, export or forget one's own")
    voices.add_argument("--json", action="store_true", help="print as JSON")
    voices.set_defaults(command=_list)
    actions = voices.add_subparsers(metavar="ACTION")
    listing = actions.add_parser("list", help="list voices and sample presenters (the default)")
    listing.set_defaults(command=_list)
    _add_enrol(actions)
    show = actions.add_parser("show", help="show how good an enrolled voice is")
    show.set_defaults(command=_show)
    export = actions.add_parser(
        "export", help="copy a voice out, as a folder or a .zip",
        epilog="example: presenter voices export Anna -o anna.zip",
    )  # fmt: skip
    export.add_argument("-o", "--out", type=Path, required=True, metavar="OUT", help="a folder or a .zip")
    export.set_defaults(command=_export)
    forget = actions.add_parser("forget", help="delete a voice and all that was made with it")
    forget.set_defaults(command=_forget)
    for parser in (show, export, forget):
        parser.add_argument("name", metavar="NAME")
    for parser in (listing, show, export, forget):
        # A default here would overrule what stands before the action.
        parser.add_argument("--json", action="store_true", default=argparse.SUPPRESS, help="print as JSON")


def _add_enrol(actions: Any) -> None:
    enrol = actions.add_parser(
        "enrol", help="make a voice of a few lines that somebody reads",
        epilog=ENROL_EXAMPLES, formatter_class=argparse.RawDescriptionHelpFormatter,
    )  # fmt: skip
    enrol.add_argument("name", metavar="NAME", nargs="?", default="", help="of the voice to be")
    enrol.add_argument("--person", metavar="WHO", help="who gives consent; kept on record")
    enrol.add_argument("--language", metavar="L", help="language of what is read (default: en)")
    how = enrol.add_mutually_exclusive_group()
    how.add_argument("--lines", type=Path, nargs="+", metavar="FILE", help="recordings of the lines")
    how.add_argument("--free", type=Path, metavar="FILE", help="one longer recording, at most 2 min")
    how.add_argument("--from", type=Path, dest="source", metavar="FOLDER", help="an exported voice")
    how.add_argument("--resume", action="store_true", help="show what is still to be read")
    enrol.add_argument("--text", default="", metavar="T", help="what is said in the free recording")
    enrol.add_argument(
        "--accept", type=int, nargs="+", default=[], metavar="N", help="keep these lines as they are"
    )
    enrol.add_argument("--finish", action="store_true", help="make the voice of what there is")
    enrol.add_argument("--json", action="store_true", default=argparse.SUPPRESS, help="print as JSON")
    enrol.set_defaults(command=_enrol)


# --- what there is ---


def _list(options: argparse.Namespace) -> int:
    here = studio()
    rows = [{**asdict(voice), "engines": _engines(voice)} for voice in here.voices()]
    begun = here.enrolments()
    if options.json:
        under_way = [
            {"name": one.name, "language": one.language, "progress": one.progress()} for one in begun
        ]
        print(
            json.dumps(
                {"voices": rows, "portraits": here.portraits(), "enrolments": under_way}, ensure_ascii=False
            )
        )
        return 0
    print("voices:    " + ", ".join(row["id"] for row in rows if not row["reference"]))
    for row in rows:
        if row["reference"]:
            spoken = ", ".join(row["engines"])
            print(f"own:       {row['id']} ({', '.join(row['languages'])}; spoken by {spoken})")
    for one in begun:
        done, of = one.progress()
        print(f"begun:     {one.name} ({done} of {of} lines are read)")
    print("portraits: " + ", ".join(here.portraits()))
    print("languages: " + ", ".join(here.languages()))
    return 0


def _engines(voice: Any) -> list[str]:
    """Names of the speakers that are ready to speak in a voice."""
    from presenter.engines import choice, engines

    if not voice.reference:
        return [voice.engine]
    return [row.name for row in engines("speaker") if row.cloning and choice.ready(row)]


def _show(options: argparse.Namespace) -> int:
    kept = studio().voice_record(options.name)
    if options.json:
        values = asdict(kept)
        del values["folder"]
        print(json.dumps(values, ensure_ascii=False))
        return 0
    languages = ", ".join(kept.languages)
    print(_plain(f"{kept.name} ({languages}), enrolled {kept.created[:10]}, consent: {kept.person}"))
    print(_plain(kept.report.sentence))
    for line in kept.lines:
        print(_plain(f"{line.id:<8} {line.seconds:5.1f} s  {_said(line.verdicts)}"))
    return 0


def _plain(shown: str) -> str:
    """A record may come from elsewhere: what would steer the terminal is shown as an escape."""
    return "".join(
        char if unicodedata.category(char)[0] != "C" else char.encode("unicode_escape").decode()
        for char in shown
    )


def _export(options: argparse.Namespace) -> int:
    made = studio().export_voice(options.name, options.out)
    print(json.dumps({"out": str(made)}) if options.json else f"{made} holds the voice and its recordings.")
    return 0


def _forget(options: argparse.Namespace) -> int:
    count = studio().forget_voice(options.name)
    print(json.dumps({"deleted": count}) if options.json else f"{count} files and folders deleted")
    return 0


# --- enrolling ---


def _enrol(options: argparse.Namespace) -> int:
    here = studio()
    if options.source is not None:
        voice = here.import_voice(options.source, consent=options.person or "", name=options.name)
        return _ready(options, voice, ())
    enrolment = _begun(options)
    if options.lines is None and options.free is None and not options.accept and not options.finish:
        return _tell(options, enrolment)
    if enrolment is None:
        enrolment = here.enrol(options.name, person=options.person or "", language=options.language or "en")
    try:
        status, takes = _take(options, enrolment)
        done, of = enrolment.progress()
        if status == 0 and (options.finish or options.free or done == of):
            return _ready(options, enrolment.finish(), takes)
    finally:
        if not enrolment.takes():  # nothing was good, or somebody stopped it: nothing stays
            enrolment.discard()
    if options.json:
        return _tell(options, enrolment, takes) or status
    print(_left(enrolment))
    return status


def _begun(options: argparse.Namespace) -> Any:
    """The enrolment of that name to go on with, or None where a new one is to begin."""
    from presenter.people import checked_name, normal

    here = studio()
    found = next((one for one in here.enrolments() if normal(one.name) == normal(options.name)), None)
    if found is not None and not found.takes() and options.person is not None:
        found.discard()  # the first command was interrupted before anything was kept
        found = None
    if found is not None:
        found.refuse_others(options.person, options.language)
    elif options.name:
        checked_name(here.settings.home, options.name)
    return found


def _take(options: argparse.Namespace, enrolment: Any) -> tuple[int, list[Any]]:
    """Hand everything in; a verdict is printed for each line at once."""
    takes = []
    if options.free is not None:
        take = enrolment.add(options.free, options.text)
        if not take.accepted:
            enrolment.drop(take.line)
            first = take.verdicts[0]
            raise InputError(first.code, first.message, first.hint, "voice")
        takes.append(take)
    for line, path in _placed(enrolment, options.lines or ()):
        takes.append(enrolment.record(line.id, path))
        _report(options, line.id, takes[-1])
    for number in options.accept:
        takes.append(enrolment.accept(_line(enrolment, number).id))
        _report(options, takes[-1].line, takes[-1])
    # A line that was handed in twice, or accepted after all, counts as it is now.
    newest = {take.line: take for take in takes}
    return (0 if all(take.accepted for take in newest.values()) else 2), takes


def _report(options: argparse.Namespace, line: str, take: Any) -> None:
    if not options.json:
        state = "good" if take.accepted else "again"
        print(f"{line}  {take.seconds:5.1f} s  {state:<5}  {_said(take.verdicts)}", flush=True)


def _said(verdicts: Sequence[Any]) -> str:
    return " ".join(f"{verdict.message} {verdict.hint}".strip() for verdict in verdicts)


def _line(enrolment: Any, number: int) -> Any:
    if not 1 <= number <= len(enrolment.lines):
        raise InputError(
            "E-VOICE-LINE",
            f"There is no line {number}; there are {len(enrolment.lines)}.",
            "Number the files as the lines.",
            "voice",
        )
    return enrolment.lines[number - 1]


def _placed(enrolment: Any, files: Sequence[Path]) -> Iterator[tuple[Any, Path]]:
    """Each file with its line: by the number in its name, else the next line that has no recording."""
    accepted = {name for name, take in enrolment.takes().items() if take.accepted}
    free = [line for line in enrolment.lines if line.id not in accepted]
    for path in files:
        named = re.search(r"(?<!\d)(\d{1,2})$", path.stem)
        if named:
            line = _line(enrolment, int(named[1]))
        elif free:
            line = free[0]
        else:
            raise InputError(
                "E-VOICE-LINE", f'There is no line left for "{path.name}".', "Number the files.", "voice"
            )
        free = [other for other in free if other.id != line.id]
        yield line, path


def _ready(options: argparse.Namespace, voice: Any, takes: Sequence[Any]) -> int:
    report = studio().voice_record(voice.id).report
    if options.json:
        print(
            json.dumps(
                {"voice": asdict(voice), "takes": [_row(take) for take in takes], "report": asdict(report)}
            )
        )
        return 0
    print(f'The voice "{voice.name}" is ready: {report.sentence}\nUse it: presenter ... --voice {voice.id}')
    return 0


def _row(take: Any) -> dict[str, Any]:
    values = asdict(take)
    for name in ("path", "timbre", "sha256", "source"):
        del values[name]
    return values


def _tell(options: argparse.Namespace, enrolment: Any, takes: Sequence[Any] = ()) -> int:
    """The lines to read, or those that are left."""
    from presenter.people import lines

    shown = enrolment.lines if enrolment else lines(options.language or "en")
    good = {name for name, take in enrolment.takes().items() if take.accepted} if enrolment else set()
    if options.json:
        rows = [{**asdict(line), "accepted": line.id in good} for line in shown]
        known = {"id": enrolment.id, "name": enrolment.name} if enrolment else None
        print(json.dumps({"lines": rows, "enrolment": known, "takes": [_row(take) for take in takes]}))
        return 0
    print("Read these lines calmly, each into a file of its own: line-01.wav, line-02.wav ...")
    for number, line in enumerate(shown, 1):
        print(f"{number:>3}. {line.text}{'  (good)' if line.id in good else ''}")
    if enrolment:
        print(_left(enrolment))
    else:
        name = options.name or "NAME"
        print(f'Then: presenter voices enrol {name} --person "WHO" --lines line-*.wav')
    return 0


def _left(enrolment: Any) -> str:
    done, of = enrolment.progress()
    line = enrolment.next()
    if line is None:
        return "All lines are read; make the voice with --finish."
    number = enrolment.lines.index(line) + 1
    return f"{done} of {of} lines are good ({enrolment.seconds():.0f} s of speech). Next: line {number}."
