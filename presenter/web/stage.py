"""The stage: the player, how far a render is, and what a render would cost."""

from __future__ import annotations

import json
from collections.abc import Sequence

from presenter.estimate import Estimate
from presenter.jobs import Job
from presenter.video import Chapter
from presenter.web import views
from presenter.web.elements import button, escape
from presenter.web.library import downloads, forms
from presenter.web.words import Words


def player(words: Words, job: Job | None, chapters: Sequence[Chapter] = (), sample: str = "") -> str:
    """What is seen: a finished video, the finished pieces of one, or the sample.

    Args:
        job: the newest job of the lesson that has something to be seen, or None.
        sample: HTML that stands there while there is nothing of the lesson's own.
    """
    inside = sample
    if job is not None and job.video is not None:
        below = _about(words, job) + _chapters(words, chapters)
        inside = f"<div class='screen'>{views.player(words, job)}</div>{below}"
    elif job is not None and job.pieces and not job.finished:
        inside = (
            f"{early(words)}<p class='facts-line'><span class='chip'>{words('stage.generated')}"
            f"</span>{words('stage.early')}</p>"
        )
    return f"<div data-place='player' class='player'>{inside}</div>"


def early(words: Words, *, autoplay: bool = False) -> str:
    """A player for the pieces of a video that is being made."""
    return (
        "<div class='screen early'><video controls playsinline data-early preload='auto'"
        f"{' autoplay' if autoplay else ''}"
        f" aria-label='{words('stage.early')}'></video><p data-caption class='caption'></p></div>"
    )


def listed(pieces: Sequence[tuple[str, str]], place: str) -> str:
    """The attributes that name finished pieces, their addresses and words, for the player in a place."""
    rows = json.dumps([{"src": source, "text": text} for source, text in pieces], ensure_ascii=False)
    return f"data-pieces='{escape(rows)}' data-for='{place}'"


def _about(words: Words, job: Job) -> str:
    video = job.video
    assert video is not None
    total = video.reused + video.rendered
    facts = (
        views.clock(video.seconds),
        words("stage.made-in", time=views.clock(video.spent)),
        words("stage.reused", total, reused=video.reused),
    )
    share = (
        f"<button type='button' class='plain' data-copy='watch/{job.id}' "
        f"data-copied='{words('library.copied')}'>"
        f"{words('library.share')}</button>"
    )
    return (
        f"<p class='facts-line'><span class='chip'>{words('stage.generated')}</span>{' · '.join(facts)}</p>"
        f"<p class='downloads'>{''.join(downloads(words, job))}{share}</p>{forms(words, job)}"
    )


def _chapters(words: Words, chapters: Sequence[Chapter]) -> str:
    if not chapters:
        return ""
    items = "".join(
        f"<li><button type='button' data-seek='{chapter.start:.2f}'><span "
        f"class='time'>{views.clock(chapter.start)}</span>"
        f"{escape(chapter.title)}</button></li>"
        for chapter in chapters
    )
    return f"<nav class='chapters' aria-label='{words('stage.chapters')}'><ol>{items}</ol></nav>"


def making(words: Words, lesson: str, job: Job, pieces: Sequence[tuple[str, str]]) -> str:
    """How far a render is; asks again by itself. What a screen reader is told changes seldom.

    Args:
        pieces: address and words of each finished piece, in order.
    """
    percent = int(100 * job.done)
    if job.state == "queued" and job.ahead:
        head, detail, say = words("stage.waiting"), words("stage.ahead", job.ahead), words("stage.waiting")
    else:
        head = words(f"stage.{job.stage}") if words.has(f"stage.{job.stage}") else words("stage.prepare")
        detail = words("stage.pieces", job.count, ready=job.ready) if job.count else ""
        say = f"{head}, {percent // 10 * 10} %"
    left = (
        words("stage.left", time=views.clock(job.left))
        if job.left is not None and job.state == "running"
        else ""
    )
    value = f" value='{percent}'" if job.state == "running" else ""
    return (
        f"<div data-place='making' class='making progress' data-poll='lessons/{lesson}/progress' "
        f"data-every='{700 if job.ready else 300}'"
        f" data-say='{say}' {listed(pieces, 'player')}><p><strong>{head}</strong><span>{percent} %</span></p>"
        f"<progress max='100'{value} aria-label='{words('stage.progress')}'></progress>"
        f"<p class='small'><span>{detail}</span><span>{left}</span></p>"
        f"<p class='choices'>{button(words.plain('stage.cancel'), post=f'lessons/{lesson}/cancel')}"
        f"<span class='small'>{words('stage.leave')}</span></p></div>"
    )


def ready(words: Words, lesson: str, cost: Estimate, note: str = "", *, made: bool) -> str:
    """What a render would give and cost, and the button.

    Args:
        made: whether the lesson as it stands is made already.
    """
    label = words.plain("stage.again" if made else "stage.make")
    look = "plain" if made else "primary"
    post = f"lessons/{lesson}/make"
    draft = "" if made else button(words.plain("stage.draft"), post=post, body={"draft": "yes"})
    return (
        f"<div data-place='making' class='making' data-part><div data-message>{note}</div><p class='choices'>"
        f"{button(label, look=look, post=post)}{draft}<span class='small price'>{price(words, cost)}"
        f"</span></p></div>"
    )


def broken(failure: str) -> str:
    """The lesson cannot be rendered as it stands."""
    return f"<div data-place='making' class='making' data-part><div data-message></div>{failure}</div>"


def price(words: Words, cost: Estimate) -> str:
    """Length, time to render and what is reused, in one line."""
    length = words("stage.length" if cost.exact else "stage.about-length", time=views.clock(cost.seconds))
    if not cost.new:
        return f"{length} · {words('stage.all-made')}"
    work = words("stage.work", time=duration(words, cost.work))
    reused = words("stage.reuses", cost.sentences, reused=cost.reused)
    return f"{length} · {work} · {reused}"


def duration(words: Words, seconds: float) -> str:
    """``8 s`` or ``2:30 min``."""
    if seconds < 90:
        return words.plain("stage.seconds", count=max(1, round(seconds)))
    return words.plain("stage.minutes", time=views.clock(seconds))
