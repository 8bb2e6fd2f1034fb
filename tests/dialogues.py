"""Golden dialogues: how replies are written down, and how many are right."""

import tomllib
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from presenter import script
from presenter.director import Context, Proposal, Question, Reply, apply, understand
from presenter.errors import PresenterError

FOLDER = Path(__file__).resolve().parent / "golden" / "dialogues"
VOICES = ("aria", "noah", "clara", "felix", "ruth", "Ms Rivera")


@dataclass(frozen=True)
class Dialogue:
    language: str
    lesson: str
    say: tuple[str, ...]
    want: tuple[str, ...]
    """What is right, one reply each."""
    select: str = ""


def read(folder: str = "") -> list[Dialogue]:
    """The dialogues of a folder: ``unseen``, ``others``, or those that the grammar was written for."""
    found = []
    for file in sorted((FOLDER / folder).glob("*.toml")):
        table = tomllib.loads(file.read_text(encoding="utf-8"))
        base = table
        if "like" in table:
            base = tomllib.loads((FOLDER / f"{table['like']}.toml").read_text(encoding="utf-8"))
        for row in table["dialogues"]:
            say = (row["say"],) if isinstance(row["say"], str) else tuple(row["say"])
            want = row["want"] if isinstance(row["want"], str) else " && ".join(row["want"])
            other = row.get("or", [])
            other = [other] if isinstance(other, str) else other
            found.append(
                Dialogue(base["language"], base["lesson"], say, (want, *other), row.get("select", ""))
            )
    return found


def hold(dialogue: Dialogue) -> tuple[str, Reply]:
    """What came of a dialogue: as it is written down, and the reply itself."""
    lesson = script.parse(dialogue.lesson)
    number = int(dialogue.select[1:]) - 1 if dialogue.select else None
    context = Context(
        script=lesson,
        slide="" if number is None else lesson.slides[number].id,
        voices=VOICES,
        own_voices=("Ms Rivera",),
        portraits=("ada", "ben", "mei"),
        themes=("clean", "dark"),
        language=dialogue.language,
    )
    for message in dialogue.say:
        reply = understand(message, context)
        waits = reply if reply.kind in ("question", "refusal", "proposal") else None
        before = context.pending
        if isinstance(before, Proposal) and reply.kind == "request" and reply.action == "approve":
            context = replace(context, last=before.edits)
        context = replace(context, pending=waits)
    return written(reply, lesson), reply


def written(reply: Reply, lesson: script.Script) -> str:
    match reply.kind:
        case "proposal":
            if reply.fresh:
                return f'new "{reply.edits[0].new}"'
            return " && ".join(_edit(edit, lesson) for edit in reply.edits)
        case "request":
            return " ".join(["request", reply.action, *reply.arguments])
        case "refusal":
            return f"refuse {reply.code}"
        case "question":
            return "ask: " + " | ".join(choice.label for choice in reply.choices)
    return reply.kind


def right(got: str, wanted: tuple[str, ...]) -> bool:
    return any(_fits(got, one) for one in wanted)


def _fits(got: str, wanted: str) -> bool:
    if wanted == "ask":
        return got.startswith("ask")
    if wanted.startswith("ask: "):
        return got.startswith("ask: ") and set(got[5:].split(" | ")) == set(wanted[5:].split(" | "))
    if wanted.startswith("new "):
        return got.startswith(wanted.rstrip('"'))
    return got == wanted


def _address(name: str, lesson: script.Script) -> str:
    for number, slide in enumerate(lesson.slides, 1):
        if slide.id == name:
            return f"S{number}"
        own = [one.id for one in lesson.segments if one.slide == slide.id]
        if name in own:
            return f"{number}.{own.index(name) + 1}"
    return name


def _edit(edit, lesson) -> str:
    where = _address(getattr(edit, "target", ""), lesson)
    match edit.kind:
        case "delete":
            return f"delete {where}"
        case "move":
            return f"move {where} {edit.place} {_address(edit.beside, lesson)}"
        case "set":
            return f"set {where} {edit.name} {edit.value}"
        case "replace" if edit.old:
            old = edit.old.replace("\n", "\\n")
            return f'replace {where} "{old}" "{edit.new}"'
        case "replace":
            return f'replace {where} "{edit.new}"'
    return f'insert {edit.what} {edit.place} {_address(edit.beside, lesson)} "{edit.text}"'


def applies(dialogue: Dialogue, reply: Reply) -> bool:
    """Whether all that a reply proposes can be applied."""
    return all(_applies(dialogue.lesson, one) for one in _proposals(reply))


def _proposals(reply: Reply) -> Iterator[Reply]:
    if reply.kind == "proposal":
        yield reply
    if isinstance(reply, Question):
        for choice in reply.choices:
            yield from _proposals(choice.reply)


def _applies(source: str, reply: Reply) -> bool:
    try:
        apply(source, reply.edits)
    except PresenterError:
        return False
    return True


def main(folder: str = "") -> None:
    dialogues = read(folder)
    good = wrong = 0
    for one in dialogues:
        got, reply = hold(one)
        if right(got, one.want):
            good += 1
            if not applies(one, reply):
                print(f"CANNOT  {one.say} -> {got}")
        else:
            wrong += reply.kind in ("proposal", "request")
            print(f"{one.language}  {one.say[-1]}\n      want {one.want}\n      got  {got}")
    share = good / len(dialogues)
    print(f"{good} of {len(dialogues)} right ({share:.1%}), {wrong} proposals or requests of something else")


if __name__ == "__main__":
    import sys

    main(*sys.argv[1:])
