"""What happens when something on the page is used: each handler is one call of the studio and back.

Handlers know no component of the page, so tests call them as they are.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from presenter.errors import Cancelled, InputError, known
from presenter.order import Order, parse_size
from presenter.studio import Studio
from presenter.web import views
from presenter.web.desk import Desk, Job
from presenter.web.photos import Photo, discard, is_animated, still, take
from presenter.web.voices import Voices

OWN = "own"
"""Choice among the presenters: a photo that the person brings."""

FIRST = "welcome"
"""Sample lesson that is filled in at the first visit."""

Step = tuple[str, str | None, Job | None]
"""State of a render: HTML of the status, HTML of the finished video (None: as it is), unfinished job."""


class Handlers:
    """What the page can be asked to do.

    Args:
        studio: does the work.
        desk: where renders wait for their turn.
        voices: knows which voices a browser may use.
    """

    def __init__(self, studio: Studio, desk: Desk, voices: Voices | None = None) -> None:
        self.studio = studio
        self.desk = desk
        self.voices = voices or Voices(studio)

    # --- script ---

    def lessons(self) -> dict[str, str]:
        """File name without suffix -> title of each sample lesson, the first one first."""
        files = sorted((self.studio.settings.assets / "lessons").glob("*.md"))
        files.sort(key=lambda file: file.stem != FIRST)
        return {file.stem: self.studio.parse(file.read_text("utf-8")).title or file.stem for file in files}

    def lesson(self, name: str) -> str:
        """Text of a sample lesson."""
        return (self.studio.settings.assets / "lessons" / f"{name}.md").read_text("utf-8")

    def open_lesson(self, name: str | None, portrait: str) -> tuple[str, str]:
        """A sample lesson was chosen: its text, and the presenter that it asks for."""
        source = self.lesson(name or FIRST)
        wanted = self.studio.parse(source).setting("portrait")
        return source, wanted if wanted in self.studio.portraits() else portrait

    def read(self, source: str, language: str | None, browser: str = "") -> str:
        """What is to be said about a script while it is written."""
        if not source.strip():
            return views.nothing()
        try:
            order = Order(source, self._pictures(), language=language or None)
            self._check_voice(order, browser)
            return views.hints(self.studio.check(order))
        except Exception as error:
            # Nobody pressed a button: it is shown, but interrupts no screen reader.
            return views.failure(known(error), role="status")

    # --- photo ---

    def receive(self, upload: str | None, before: Photo | None) -> tuple[Photo | None, str]:
        """A file was dropped: keep it, look at it, and say what was found."""
        if upload is None:
            return before, ""
        photo: Photo | None = None
        try:
            photo = take(Path(upload), self.studio.settings.home)
            animated = is_animated(photo)
            if animated:
                whole, photo = photo, still(photo, self.studio.settings.home)
                discard(whole)
            found = self.studio.preflight(photo.path)
        except Exception as error:
            if photo is not None:
                discard(photo)  # what cannot be used is not kept either
            return before, views.failure(known(error))
        shown = views.verdicts(found, photo.name, animated)
        if any(verdict.severity == "refuse" for verdict in found.verdicts):
            discard(photo)
            return before, shown
        if before is not None:
            self._replaced(before)
        return photo, shown

    def _replaced(self, photo: Photo) -> None:
        """Another photo was chosen: this one goes, unless a video is still made from it."""
        if not self.desk.uses(photo.path):
            discard(photo)

    def delete(self, photo: Photo | None) -> str:
        """Delete a photo and everything that was made from it."""
        if photo is None:
            return ""
        self.desk.stop(photo.digest)
        self.studio.forget(photo.digest)
        discard(photo)
        noted = any(entry.reference == photo.digest for entry in self.studio.people().entries())
        hint = "The note of who gave leave stays on record." if noted else ""
        return views.notice(
            "good", "The photo and all that was made from it are deleted.", hint, role="status"
        )

    # --- video ---

    def make(
        self,
        source: str,
        portrait: str,
        photo: Photo | None,
        consent: str,
        voice: str | None,
        language: str | None,
        layout: str | None,
        size: str | None,
        captions: str | None,
        browser: str,
    ) -> Iterator[Step]:
        """The button was pressed: status, finished video (None: as before) and job, again and again."""
        try:
            who, leave = self._presenter(portrait, photo, consent)
            width, height = parse_size(size) if size else (None, None)
            order = Order(
                source=source,
                folder=self._pictures(),
                portrait=who,
                consent=leave,
                voice=voice or None,
                language=language or None,
                layout=layout or None,
                width=width,
                height=height,
                captions=captions or None,
            )
            self._check_voice(order, browser)
            own = photo.digest if photo is not None and portrait == OWN else ""
            job = self.desk.submit(order, browser, own)
        except Exception as error:
            yield views.failure(known(error)), None, None
            return
        yield from self.follow(job)

    def follow(self, job: Job) -> Iterator[Step]:
        """Tell how far a render is until it ends."""
        last = ""
        while not job.finished.wait(0.25):
            shown = views.progress(job, self.desk.ahead(job))
            if shown != last:
                yield shown, None, job
            last = shown
        if job.video is not None:
            yield "", views.result(job), None
        elif isinstance(job.error, Cancelled):
            yield views.notice("warn", job.error.message, job.error.hint, role="status"), None, None
        else:
            yield views.failure(known(job.error or RuntimeError("no result"))), None, None

    def resume(self, browser: str) -> Iterator[Step]:
        """The page was opened: go on showing what this browser asked for."""
        jobs = self.desk.of(browser)
        ready = next((job for job in jobs if job.video is not None and Path(job.video.path).is_file()), None)
        if ready is not None:
            yield "", views.result(ready), None
        running = next((job for job in jobs if not job.finished.is_set()), None)
        if running is not None:
            yield from self.follow(running)

    def cancel(self, key: str) -> None:
        """Stop a render, or take it out of the queue."""
        job = self.desk.find(key)
        if job is not None:
            job.stop.set()

    def _presenter(self, portrait: str, photo: Photo | None, consent: str) -> tuple[str | Path, str | None]:
        if portrait != OWN:
            return portrait, None
        if photo is None:
            raise InputError(
                "E-PHOTO-MISSING",
                "There is no photo that can be used yet.",
                "Drop one, or choose a sample presenter.",
                "photo",
            )
        if not consent.strip():
            raise InputError(
                "E-CONSENT-NEEDED",
                "It is not said who gave leave to use this face.",
                'Fill in "Who gave leave to use this face?".',
                "consent",
            )
        return photo.path, consent

    def _check_voice(self, order: Order, browser: str) -> None:
        """Somebody else's voice cannot be asked for, in the menu or by a lesson that names it."""
        lesson = self.studio.parse(order.source, order.language)
        self.voices.check(order.voice or lesson.setting("voice") or self.studio.settings.voice, browser)

    def _pictures(self) -> Path:
        return self.studio.settings.assets / "lessons"
