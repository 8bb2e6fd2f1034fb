"""The library: the finished videos of a browser, with their files, a link to share, and the way back."""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from babel.dates import format_date, format_time

from presenter import exports
from presenter.errors import InputError
from presenter.jobs import Job
from presenter.lessons import Cast
from presenter.studio import Studio
from presenter.web import shell, views
from presenter.web.elements import button, escape
from presenter.web.shows import Shows
from presenter.web.visits import Asked, Visit
from presenter.web.words import Words

FORMS = ("transcript", "audio", "poster", "preview", "slides")
"""Forms of a video besides the files that lie beside it."""

Origins = Mapping[str, tuple[str, int]]
"""Id of a video -> its lesson, and the number of the version that it was made of."""

SHOWN = 60
"""So many videos are listed; search finds the others."""


class Library:
    """What can be done with finished videos.

    Args:
        studio: knows the jobs and deletes them.
        shows: which videos were made of a lesson.
    """

    def __init__(self, studio: Studio, shows: Shows) -> None:
        self._studio = studio
        self._shows = shows

    def view(self, visit: Visit, asked: Asked) -> str:
        """All finished videos."""
        search = (
            f"<label class='search'><span class='unseen'>{visit.words('library.search')}</span>"
            f"<input type='search' id='search' data-search='library' autocomplete='off' dir='auto'"
            f" placeholder='{visit.words('library.search')}'></label>"
        )
        return shell.heading(visit.words, "library") + search + self.list(visit, asked)

    def list(self, visit: Visit, asked: Asked, note: str = "") -> str:
        """The videos whose title holds the words that are searched for."""
        jobs = self._finished(visit)
        wanted = asked.query.get("q", "").casefold().split()
        found = [job for job in jobs if all(word in job.title.casefold() for word in wanted)]
        empty = "library.nothing" if jobs else "library.empty"
        return films(visit.words, found, self._origins(visit), note, empty)

    def delete(self, visit: Visit, asked: Asked) -> str:
        """Delete a video for good."""
        job = self._studio.job(asked.place["job"], visit.owner)
        self._studio.delete(job.id, visit.owner)
        note = views.notice("good", visit.words.plain("library.deleted", title=job.title))
        return self.list(visit, asked, note)

    def form(self, visit: Visit, asked: Asked) -> Path:
        """A video in another form: its transcript, its sound and the like; made when it is asked for."""
        job = self._studio.job(asked.place["job"], visit.owner)
        if job.video is None or asked.place["form"] not in FORMS:
            raise InputError("E-EXPORT-FORM", "There is no such form.", "Load the page again.", "export")
        return self._studio.export(Path(job.video.path), [asked.place["form"]])[0]

    def _origins(self, visit: Visit) -> Origins:
        """Where the lessons of the videos are; what was made of a deleted one has none."""
        lessons = self._studio.chat(visit.owner, Cast()).lessons()
        return {show.job: (one.id, show.version) for one in lessons for show in self._shows.of(one.id)}

    def _finished(self, visit: Visit) -> Sequence[Job]:
        jobs = self._studio.jobs(visit.owner)
        return [job for job in jobs if job.video is not None and Path(job.video.path).is_file()]


def films(words: Words, jobs: Sequence[Job], origins: Origins, note: str, empty: str) -> str:
    """The list of videos in its place."""
    items = "".join(_film(words, job, *origins.get(job.id, ("", 0))) for job in jobs[:SHOWN])
    inside = f"<ul class='films'>{items}</ul>" if items else f"<p class='nothing'>{words(empty)}</p>"
    told = words("library.found", len(jobs))
    return f"<div data-place='films' data-part data-say='{told}'><div data-message>{note}</div>{inside}</div>"


def _film(words: Words, job: Job, lesson: str, version: int) -> str:
    """A video; the lesson that it was made of, where that is still there, can be opened."""
    video = job.video
    assert video is not None
    made = datetime.datetime.fromtimestamp(job.ended or job.created, datetime.UTC).astimezone()
    facts = " · ".join(
        (
            views.clock(video.seconds),
            escape(words.language(job.language)),
            escape(format_date(made, "medium", locale=words.code)),
            escape(format_time(made, "short", locale=words.code)),
            *([words("lesson.version", number=version)] if version else []),
        )
    )
    name = escape(job.title)
    back = (
        f"<a class='button' href='#lesson/{lesson}'>{words('library.open')}<span class='unseen'> {name}"
        f"</span></a>"
        if lesson
        else ""
    )
    share = (
        f"<button type='button' class='plain' data-copy='watch/{job.id}' "
        f"data-copied='{words('library.copied')}'>"
        f"{words('library.share')}<span class='unseen'> {name}</span></button>"
    )
    sure = button(
        words.plain("library.delete-now"), look="danger", about=job.title, post=f"library/{job.id}/delete"
    )
    return (
        f"<li class='film' data-part><h2>{name}</h2>{views.player(words, job)}<p class='facts-line'>"
        f"<span class='chip'>{words('stage.generated')}</span>{facts}</p>"
        f"<p class='downloads'>{''.join(downloads(words, job))}</p>{forms(words, job)}<div "
        f"class='keeping'>{back}{share}"
        f"<details><summary>{words('library.delete')}<span class='unseen'> {name}</span> …</summary>"
        f"<p>{words('library.delete-what')}</p>{sure}</details></div></li>"
    )


def downloads(words: Words, job: Job) -> Iterator[str]:
    """Links to the files of a video."""
    assert job.video is not None
    for file in (Path(job.video.path), *(Path(side) for side in job.video.files)):
        label = file.suffix[1:].upper()
        size = (
            f"<span class='small'> {views.size(words, file.stat().st_size)}</span>" if file.is_file() else ""
        )
        yield (
            f"<a class='button' href='{views.address(job, file)}?download=1' download>"
            f"<span class='unseen'>{words('library.download')} </span>{escape(label)}{size}</a>"
        )


def forms(words: Words, job: Job) -> str:
    """Buttons for the other forms of a video; each is made when it is asked for."""
    assert job.video is not None
    stem = Path(job.video.path).stem
    suffixes = {str(form.kind): form.suffixes[0] for form in exports.FORMS}
    buttons = "".join(
        f"<button type='button' class='plain' data-download='library/{job.id}/forms/{form}'"
        f" data-name='{escape(stem + suffixes[form])}'>{words(f'form.{form}')}"
        f" <span class='small'>{suffixes[form][1:].upper()}</span></button>"
        for form in FORMS
    )
    return (
        f"<details class='forms' data-part><summary>{words('library.forms')}</summary>"
        f"<p class='downloads'>{buttons}</p><div data-message></div></details>"
    )


def watching(job: Job, words: Words) -> str:
    """A page of its own for whoever was given the link: the video and what it is."""
    assert job.video is not None
    title = escape(job.title)
    return (
        f"<!doctype html><html lang='{words.code}'><head><meta charset='utf-8'><title>{title}</title>"
        "<meta name='viewport' content='width=device-width'><meta name='robots' content='noindex'>"
        "<meta name='color-scheme' content='light dark'><base href='../'>"
        "<link rel='stylesheet' href='web/style.css'><link rel='icon' href='web/favicon.png'></head>"
        f"<body class='watch'><main class='studio'><h1>{title}</h1>{views.player(words, job)}"
        f"<p class='facts-line'><span class='chip'>{words('stage.generated')}"
        f"</span>{views.clock(job.video.seconds)}"
        f" · {escape(words.language(job.language))}</p><p class='small'>{words('shell.honest')}"
        f"</p></main></body></html>"
    )
