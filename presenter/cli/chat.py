"""The command that changes a lesson by talking about it."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from presenter.cli.arguments import studio
from presenter.errors import InputError, PresenterError

if TYPE_CHECKING:
    from presenter.director import Context, Edit, Proposal, Reply, Request

EXAMPLES = """examples:
  presenter chat lesson.md
  presenter chat lesson.md "slower on slide 3 and drop the last example" "yes"
  presenter chat lesson.md --language de "lösche den letzten Satz"
"""


def add(commands: Any) -> None:
    """Add ``chat``."""
    parser = commands.add_parser(
        "chat",
        help="change a lesson by saying what should change",
        description="Change a lesson by saying what should change. Every change is shown before it is made.",
        epilog=EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "lesson", type=Path, metavar="LESSON.md", help="a lesson; a new one if it is not there"
    )
    parser.add_argument("messages", nargs="*", metavar="MESSAGE", help="what to say instead of asking for it")
    parser.add_argument("--language", default="en", metavar="L", help="of the conversation (default: en)")
    parser.set_defaults(command=_chat)


def _chat(options: argparse.Namespace) -> int:
    talk = _Talk(options.lesson, options.language)
    for message in options.messages or _typed():
        if options.messages:
            print(f"> {message}")
        try:
            talk.hear(message)
        except PresenterError as error:
            if options.messages:
                raise
            print(error)
    if talk.waits and options.messages:
        print("Nothing was changed yet. Add the message yes to approve.")
    return 0


def _typed() -> Iterator[str]:
    """Lines from the terminal, or from standard input."""
    asking = sys.stdin.isatty()
    while True:
        if asking:
            print("> ", end="", flush=True)
        line = sys.stdin.readline()
        if not line or line.strip().lower() in ("quit", "exit", "bye"):
            return
        if line.strip():
            yield line.strip()


class _Talk:
    """A conversation about a file. Undo goes back to how the file was when it began."""

    def __init__(self, path: Path, language: str) -> None:
        from presenter.cli.arguments import read_text
        from presenter.lessons import Cast, understanding

        self.path, self.language = path, language
        self.studio = studio()
        self.source = read_text(str(path))[0] if path.exists() else ""
        if not path.exists() and path.suffix.lower() not in (".md", ".txt", ".markdown"):
            raise InputError(
                "E-SCRIPT-TYPE", f'"{path.name}" is not a lesson.', "Name a file that ends in .md.", "script"
            )
        self.cast = Cast.here(self.studio.settings, self.studio.voices())
        self.understand = understanding(self.studio.settings)
        self.waiting: Any = None
        self.last: tuple[Edit, ...] = ()
        self.done: list[str] = []
        self.undone: list[str] = []

    @property
    def waits(self) -> bool:
        """Whether a proposal waits."""
        return getattr(self.waiting, "kind", "") == "proposal"

    def hear(self, message: str) -> None:
        """Answer a message on the terminal."""
        reply = self.understand(message, self._context(), lambda words: print(words, end="", flush=True))
        self._answer(reply)

    def _context(self) -> Context:
        from presenter.director import Context

        return Context(
            script=self.studio.parse(self.source) if self.source.strip() else None,
            voices=self.cast.voices,
            portraits=self.cast.portraits,
            themes=self.cast.themes,
            language=self.language,
            pending=self.waiting,
            last=self.last,
        )

    def _answer(self, reply: Reply) -> None:
        match reply.kind:
            case "proposal":
                self._propose(reply)
            case "request":
                self._carry_out(reply)
            case "answer":
                print(reply.text)
            case "question" | "refusal":
                print(reply.text if reply.kind == "question" else f"{reply.code}: {reply.text}")
                for number, choice in enumerate(reply.choices, 1):
                    print(f"  {number}. {choice.label}")
                self.waiting = reply

    def _propose(self, proposal: Proposal) -> None:
        from presenter.director import apply, diff, plain

        if proposal.fresh and self.source.strip():
            print(f"{self.path.name} is a lesson already; a new one needs its own: presenter chat NEW.md")
            return
        limit = self.studio.settings.max_script_characters
        before = "" if proposal.fresh else self.source
        after = apply(before, proposal.edits, limit=limit)
        print(proposal.summary)
        print(plain(diff(before, after, limit=limit)))
        for note in proposal.notes:
            print(f"note: {note}")
        print(f"{self._price(after)}Approve? yes or no")
        self.waiting = proposal

    def _price(self, source: str) -> str:
        """What a render would take after the change, as far as that can be told."""
        from presenter.order import Order

        try:
            return f"{self.studio.estimate(Order(source, folder=self.path.resolve().parent))}. "
        except InputError:
            return ""

    def _carry_out(self, request: Request) -> None:
        proposal, self.waiting = self.waiting, None
        if request.action == "approve" and getattr(proposal, "kind", "") == "proposal":
            from presenter.director import apply

            limit = self.studio.settings.max_script_characters
            self.done.append(self.source)
            self.undone.clear()
            self.last = proposal.edits
            self._write(apply("" if proposal.fresh else self.source, proposal.edits, limit=limit))
        elif request.action == "discard":
            print("Discarded.")
        elif request.action == "undo" and self.done:
            for _ in range(min(int((*request.arguments, "1")[0]), len(self.done))):
                self.undone.append(self.source)
                self._write(self.done.pop())
        elif request.action == "redo" and self.undone:
            self.done.append(self.source)
            self._write(self.undone.pop())
        elif request.action == "estimate":
            print(self._price(self.source))
        elif request.action in ("undo", "redo"):
            print(f"There is nothing to {request.action}.")
        else:
            print(f"{request.summary}{self._elsewhere(request)}")

    def _elsewhere(self, request: Request) -> str:
        """The command that does what a conversation never does by itself."""
        name = self.path.name
        commands = {
            "render": f"presenter render {name} -o {self.path.stem}.mp4",
            "verify": "presenter verify FILE",
            "enrol": "presenter voices enrol",
            "forget-voice": "presenter voices forget NAME",
        }
        return f" Run: {commands[request.action]}" if request.action in commands else ""

    def _write(self, source: str) -> None:
        from presenter.records import whole

        if source:
            with whole(self.path) as draft:
                draft.write_text(source, encoding="utf-8")
        self.source = source
        print(f"{self.path.name} is written." if source else "Back to an empty lesson; the file stays.")
