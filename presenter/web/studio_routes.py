"""The addresses behind the page's views, all below ``/studio/`` but those of pictures."""

from __future__ import annotations

from collections.abc import Callable

from starlette.routing import BaseRoute

from presenter.errors import InputError
from presenter.web import screens, shell
from presenter.web.bench import Bench
from presenter.web.cameras import Cameras
from presenter.web.house import House
from presenter.web.lessons import Lessons
from presenter.web.library import Library
from presenter.web.portraits import Portraits
from presenter.web.proof import Proof
from presenter.web.requests import Handler, Reader
from presenter.web.visits import Asked, Visit


class Views:
    """The views of the page by their names.

    Args:
        bench, portraits, library, proof, house: what stands in them.
    """

    def __init__(
        self, bench: Bench, portraits: Portraits, library: Library, proof: Proof, house: House
    ) -> None:
        self._portraits = portraits
        self._views: dict[str, Callable[[Visit, Asked], str]] = {
            "lesson": bench.view,
            "people": self._people,
            "library": library.view,
            "verify": proof.view,
            "house": house.view,
        }

    def start(self, visit: Visit, asked: Asked) -> str:
        """The whole page with the view that is asked for; a lesson that is gone gives way to a welcome."""
        name, _, rest = asked.query.get("view", "lesson").partition("/")
        try:
            shown = self._named(visit, name, rest)
        except InputError:
            shown = self._named(visit, "lesson", "new")
        return shell.frame(visit.words, shown)

    def view(self, visit: Visit, asked: Asked) -> str:
        """A view."""
        return self._named(visit, asked.place["name"], asked.place.get("id", ""))

    def _named(self, visit: Visit, name: str, rest: str) -> str:
        name = name if name in self._views else "lesson"
        return shell.view(name, self._views[name](visit, Asked({"id": rest})))

    def _people(self, visit: Visit, _: Asked) -> str:
        return (
            shell.heading(visit.words, "people") + self._portraits.panel(visit) + screens.shell(visit.words)
        )


def rows(views: Views, bench: Bench, lessons: Lessons, cameras: Cameras, portraits: Portraits,
         library: Library, proof: Proof, house: House) -> list[tuple[str, str, Handler]]:  # fmt: skip
    """Method, address below ``/studio/`` and handler."""
    one = "lessons/{id}"
    posts = {
        "messages": lessons.say, "choose": lessons.choose, "approve": lessons.approve,
        "discard": lessons.discard, "confirm": lessons.confirm, "source": lessons.write,
        "settings": lessons.set, "layout": lessons.layout,
        "move": lessons.move, "undo": lessons.undo, "redo": lessons.redo, "restore": lessons.restore,
        "delete": lessons.delete, "files": lessons.bring, "agree": lessons.agree, "make": lessons.make,
        "cancel": lessons.cancel, "answer": lessons.answer,
    }  # fmt: skip
    return [
        ("GET", "start", views.start),
        ("GET", "view/{name}", views.view),
        ("GET", "view/{name}/{id}", views.view),
        ("POST", "lessons", lessons.begin),
        ("POST", "lessons/sample", lessons.sample),
        ("POST", "lessons/files", lessons.bring),
        ("POST", "lessons/heard", lessons.hear),
        *(("POST", f"{one}/{name}", handler) for name, handler in posts.items()),
        ("GET", f"{one}/progress", bench.progress),
        ("GET", f"{one}/answer", bench.answer),
        ("GET", f"{one}/reply", lessons.reply),
        ("POST", "cameras", cameras.ask),
        ("POST", "cameras/{id}", cameras.answer),
        ("POST", "portraits", portraits.bring),
        ("POST", "portraits/agree", portraits.agree),
        ("POST", "portraits/forget", portraits.forget),
        ("POST", "portraits/revoke", portraits.revoke),
        ("GET", "portraits/{portrait}", portraits.look),
        ("GET", "library", library.list),
        ("POST", "library/{job}/delete", library.delete),
        ("GET", "library/{job}/forms/{form}", library.form),
        ("POST", "verify", proof.verify),
        ("GET", "doctor", house.doctor),
    ]


def table(reader: Reader, listed: list[tuple[str, str, Handler]]) -> list[BaseRoute]:
    """For the application."""
    return [reader.route(method, f"/studio/{path}", handler) for method, path, handler in listed]
