"""The chat as it is shown: what was said, what was understood, what would change, what it would cost."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from presenter.director import Question, Refusal, Request
from presenter.jobs import Job
from presenter.lessons import Lesson, Message, can_hear
from presenter.lessons.ears import SECONDS
from presenter.web import library, portraits, stage, views
from presenter.web.elements import button, escape, submit
from presenter.web.words import Words

LONGEST = 40_000
"""Most characters of one message: a pasted text may be long."""
FOLDED = 900
"""A message of more characters is shown folded."""
DECKS = ".pptx,.pdf,.md,.txt,.png,.jpg,.jpeg,.webp"


def chat(words: Words, lesson: Lesson | None, messages: Sequence[Message] = (), waiting: str = "") -> str:
    """The whole chat.

    Args:
        lesson: what it is about; None before there is one.
        messages: what was said.
        waiting: what waits for a click, from ``proposal`` and its kind.
    """
    address = f"lessons/{lesson.id}/messages" if lesson else "lessons"
    files = f"lessons/{lesson.id}/files" if lesson else "lessons/files"
    return (
        f"<section class='chat' data-place='chat' data-part aria-labelledby='chat-head'>"
        f"<h2 id='chat-head'>{words('chat.title')}</h2>{talk(words, lesson, messages, waiting)}"
        f"<div data-place='tray' class='tray'></div><div data-message></div>"
        f"<form class='composer' data-post='{address}' data-clear data-drop>"
        f"<label class='unseen' for='say'>{words('chat.field')}</label>"
        f"<textarea id='say' name='text' rows='1' dir='auto' maxlength='{LONGEST}' required data-send "
        f"data-grow"
        f" placeholder='{words('chat.hint')}'></textarea>"
        f"<label class='attach' title='{words('chat.attach')}'><span class='unseen'>{words('chat.attach')}"
        f"</span>"
        f"<svg class='icon' viewBox='0 0 24 24' aria-hidden='true'><path d='M20 11.5l-8 8a5 5 0 0 "
        f"1-7-7l8.5-8.5a3.3 3.3 0 0 1 4.7 4.7L9.8 17a1.7 1.7 0 0 1-2.4-2.4l7.6-7.6'/></svg>"
        f"<input type='file' accept='{DECKS}' data-file='{files}' data-largest='{portraits.LARGEST}'></label>"
        f"{_microphone(words)}{submit(words.plain('chat.send'), look='primary')}</form>"
        f"<div data-place='heard' hidden></div>"
        f"<p class='small keys'>{words('chat.keys')}</p></section>"
    )


def _microphone(words: Words) -> str:
    """A button that takes down what is said, where that is understood; the script of the voices works it."""
    if not can_hear(words.code):
        return ""
    states = {"off": "speak", "ready": "speak", "opening": "mic-opening", "recording": "mic-stop",
              "sending": "mic-sending", "dropped": "mic-dropped"}  # fmt: skip
    said = "".join(
        f"<span data-word='{state}'>{words(f'chat.{name}')}</span>" for state, name in states.items()
    )
    zones = "".join(
        f"<span data-zone='{zone}'>{words(f'chat.mic-{zone}')}</span>" for zone in ("quiet", "fine", "loud")
    )
    return (
        f"<div class='recorder mic' data-take='lessons/heard' data-limit='{SECONDS:.0f}' data-state='off' "
        f"data-once><button type='button' class='attach' data-record title='{words('chat.speak')}'>"
        "<svg class='icon' viewBox='0 0 24 24' aria-hidden='true'><path d='M12 3a3 3 0 0 0-3 3v5a3 3 0 0 0 6 "
        "0V6a3 3 0 0 0-3-3zM6 11a6 6 0 0 0 12 0M12 17v4M9 21h6'/></svg><span class='dot' aria-hidden='true'>"
        f"</span><span class='unseen' data-label>{words('chat.speak')}</span></button>"
        "<div class='sound'><div class='meter' role='meter' data-meter"
        f" aria-label='{words('chat.mic-level')}'"
        " aria-valuemin='0' aria-valuemax='100' aria-valuenow='0'><span data-level></span></div>"
        f"<p class='small'><span data-advice></span><span data-clock></span></p></div>"
        f"<div hidden>{said}{zones}</div></div>"
    )


def heard(words: Words, said: str) -> str:
    """What was heard, on its way into the message field; nothing is sent by that."""
    return (
        f"<div data-place='heard' hidden data-into='say' data-add='{escape(said)}'"
        f" data-say='{words('chat.mic-heard', said=said)}'></div>"
    )


def talk(words: Words, lesson: Lesson | None, messages: Sequence[Message], waiting: str = "") -> str:
    """What was said, the newest last."""
    items = "".join(_turn(words, message) for message in messages)
    greeting = "" if messages else _greeting(words, lesson)
    return (
        f"<div data-place='talk' class='talk' data-end role='log' tabindex='0' "
        f"aria-label='{words('chat.log')}'>"
        f"{greeting}<ol class='turns'>{items}</ol>{waiting}</div>"
    )


def _greeting(words: Words, lesson: Lesson | None) -> str:
    tries = "".join(
        f"<li><button type='button' class='try' data-into='say' data-fill='{words(f'chat.{name}')}'>"
        f"{words(f'chat.{name}')}</button></li>"
        for name in (
            ("try-topic", "try-paste") if lesson is None else ("edit-slow", "edit-right", "edit-add")
        )
    )
    sample = (
        f"<li><button type='button' class='try' data-post='lessons/sample'>{words('chat.try-sample')}"
        f"</button></li>"
        if lesson is None
        else ""
    )
    return (
        f"<div class='turn'><p>{words('chat.hello' if lesson is None else 'chat.here')}</p>"
        f"<ul class='tries'>{tries}{sample}</ul></div>"
    )


def _turn(words: Words, message: Message) -> str:
    mine, reply = message.who == "user", message.reply
    who = words("chat.you" if mine else "chat.presenter")
    kind = "mine" if mine else f"of-{reply.kind if reply else 'done'}"
    code = f"<p class='small'>{escape(reply.code)}</p>" if isinstance(reply, Refusal) else ""
    shown = "".join(f"<p>{escape(line)}</p>" for line in message.text.splitlines() if line.strip())
    if len(message.text) > FOLDED:
        shown = f"<details><summary>{escape(message.text[:160])} …</summary>{shown}</details>"
    return f"<li class='turn {kind}' dir='auto'><span class='unseen'>{who}</span>{shown}{code}</li>"


def writing(words: Words, lesson: Lesson, said: str) -> str:
    """What a language model has written so far; asks again by itself. The whole is announced when it is
    there."""
    lines = "".join(f"<p>{escape(line)}</p>" for line in said.splitlines() if line.strip())
    return (
        f"<div data-place='writing' class='turn writing' data-poll='lessons/{lesson.id}/reply' "
        f"data-every='300' data-say='{words('chat.writing')}' aria-live='off'>{lines}"
        f"<p class='small'><span class='dots' aria-hidden='true'><i></i><i></i><i></i></span>"
        f"{words('chat.writing')}</p></div>"
    )


def again(words: Words, lesson: Lesson, message: str) -> str:
    """A message that was not answered can be sent again."""
    body = {"text": message}
    return (
        f"<p class='choices'>"
        f"{button(words.plain('chat.again'), post=f'lessons/{lesson.id}/messages', body=body)}</p>"
    )


# --- what waits for a click ---


def choices(lesson: Lesson, reply: Question | Refusal) -> str:
    """The ways in which a message can be read, or what can be done instead."""
    buttons = "".join(
        f"<li>{button(choice.label, post=f'lessons/{lesson.id}/choose', body={'choice': str(index + 1)})}"
        f"</li>"
        for index, choice in enumerate(reply.choices)
    )
    return f"<ul class='tries'>{buttons}</ul>" if buttons else ""


def answering(words: Words, lesson: Lesson, job: Job | None, pieces: Sequence[tuple[str, str]]) -> str:
    """Below an answer: its video, or the offer to make one.

    Args:
        pieces: address and words of each finished piece, while it is being made.
    """
    if job is not None and not job.finished:
        return answer_player(words, job) + answer_making(words, lesson, job, pieces)
    if job is not None and job.video is not None and Path(job.video.path).is_file():
        return answer_player(words, job)
    offer = button(words.plain("chat.as-video"), post=f"lessons/{lesson.id}/answer")
    failed = views.failure(words, job.error) if job and job.error else ""
    return f"{failed}<p class='choices'>{offer}</p>"


def answer_player(words: Words, job: Job) -> str:
    """The video of an answer, or its pieces while it is being made."""
    inside = ""
    if job.video is not None:
        inside = f"<div class='screen'>{views.player(words, job)}</div>"
    elif job.pieces and not job.finished:
        inside = stage.early(words, autoplay=True)
    label = f"<p class='facts-line'><span class='chip'>{words('stage.generated')}</span></p>"
    return f"<div data-place='answer-player' class='answer'>{inside}{label if inside else ''}</div>"


def answer_making(words: Words, lesson: Lesson, job: Job, pieces: Sequence[tuple[str, str]]) -> str:
    """How far the video of an answer is; asks again by itself."""
    value = f" value='{int(100 * job.done)}'" if job.state == "running" else ""
    head = words("stage.waiting" if job.state == "queued" and job.ahead else "chat.answering")
    return (
        f"<div data-place='answer-making' class='answer-making' data-poll='lessons/{lesson.id}/answer'"
        f" data-every='500' data-say='{head}' {stage.listed(pieces, 'answer-player')}><p "
        f"class='small'>{head}</p>"
        f"<progress max='100'{value} aria-label='{words('stage.progress')}'></progress></div>"
    )


def telling(words: Words, request: Request, job: Job | None, price: str) -> str:
    """Below something that was asked for and needs no click: the figures, the files, or where it is.

    Args:
        job: the newest job of the lesson with something to be seen.
        price: what a render would give and cost.
    """
    if request.action == "download" and job is not None and job.video is not None:
        return f"<p class='downloads'>{''.join(library.downloads(words, job))}</p>"
    if request.action in ("verify", "enrol"):
        view = "verify" if request.action == "verify" else "people"
        return f"<p class='choices'><a class='plain' href='#{view}'>{words(f'view.{view}')}</a></p>"
    return f"<p class='price'>{price}</p>" if request.action in ("estimate", "status", "download") else ""


def confirming(words: Words, lesson: Lesson, reply: Request, price: str = "") -> str:
    """Something that is wanted but needs a click on exactly this."""
    yes = (
        words.plain(f"chat.do.{reply.action}")
        if words.has(f"chat.do.{reply.action}")
        else words.plain("chat.yes")
    )
    look = "danger" if reply.action.startswith("forget") else "primary"
    return (
        f"<section class='proposal' data-say='{escape(reply.summary)}'>"
        f"<p class='price'>{price}</p><p class='choices'>"
        f"{button(yes, look=look, post=f'lessons/{lesson.id}/confirm', focus=True)}"
        f"{button(words.plain('chat.discard'), post=f'lessons/{lesson.id}/discard')}</p></section>"
    )
