"""The screens on which somebody reads lines and becomes a voice."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import quote

from presenter import text, typeset
from presenter.people import LEAST, LONGEST, Line, Take, Verdict
from presenter.people.takes import DOUBTFUL
from presenter.web import views
from presenter.web.elements import button, escape, hear
from presenter.web.screens import Card
from presenter.web.words import Words

LINE_LIMIT = 30
"""Longest recording of one line (s)."""

MARKS = {"ok": ("good", "✓", "good"), "warn": ("warn", "!", "better"), "redo": ("bad", "✗", "redo")}
"""Severity of a verdict -> class of its box, sign, name of its words: never colour alone."""

STATES = {"opening": "opening", "recording": "stop", "sending": "sending", "dropped": "dropped"}
"""States of the recorder, besides "off" and "ready" -> name of its words."""

ZONES = ("quiet", "fine", "loud")
"""What the level meter tells apart."""


@dataclass(frozen=True, slots=True)
class Sitting:
    """An enrolment as the booth shows it."""

    key: str
    name: str
    language: str
    lines: Sequence[Line]
    takes: Mapping[str, Take]
    """By line id; free recordings too."""
    seconds: float
    """Speech that will be used."""

    def is_kept(self, index: int) -> bool:
        """Whether that line has a recording that will be used."""
        take = self.takes.get(self.lines[index].id)
        return take is not None and take.accepted

    @property
    def kept(self) -> int:
        """How many lines have one."""
        return sum(self.is_kept(index) for index in range(len(self.lines)))

    @property
    def free(self) -> list[Take]:
        """Recordings besides the lines."""
        lines = {line.id for line in self.lines}
        return [take for take in self.takes.values() if take.line not in lines]

    @property
    def scripted(self) -> bool:
        """Whether the language has lines to read."""
        return text.base(self.lines[0].language) == text.base(self.language)

    def address(self, more: str = "") -> str:
        """Where it is asked for."""
        return f"enrolments/{self.key}{more}"


# --- one line ---


def reading(words: Words, sitting: Sitting, at: int, *, taken: bool = False) -> str:
    """One line, large, with the recorder and what was found in its recording.

    Args:
        at: index of the line.
        taken: whether it has just been recorded.
    """
    line, count = sitting.lines[at], len(sitting.lines)
    take = sitting.takes.get(line.id)
    address = sitting.address(f"/lines/{quote(line.id)}")
    onward = taken and sitting.is_kept(at)
    head = words.plain("booth.line", number=at + 1, count=count)
    told = _told(words, take) if taken and take else f"{head}: {line.text}"
    direction = "rtl" if typeset.right_to_left(line.language) else "ltr"
    judged = _judged(words, sitting, at, take, address, focus=onward) if take else ""
    return (
        f"<section class='booth' data-screen='booth' data-part data-say='{escape(told)}'>"
        f"{_trail(words, sitting)}<div class='stand'><div class='head'><h2>{escape(head)}</h2>"
        f"{_kept(words, sitting)}</div>{_steps(words, sitting, at)}"
        f"<blockquote class='line' lang='{escape(line.language)}' dir='{direction}'>{escape(line.text)}"
        f"</blockquote>{recorder(words, address, LINE_LIMIT, again=take is not None, focus=not onward)}"
        f"<div data-message></div>{judged}{_turning(words, sitting, at)}</div>{_ending(words, sitting)}"
        f"{_otherwise(words, sitting, address)}</section>"
    )


def _trail(words: Words, sitting: Sitting) -> str:
    return (
        f"<p class='trail'>{button(words.plain('voices.back'), get='home')}<span>"
        f"<strong>{escape(sitting.name)}</strong> · {escape(words.language(sitting.language))}</span></p>"
    )


def _kept(words: Words, sitting: Sitting) -> str:
    count, kept = len(sitting.lines), sitting.kept
    return (
        f"<p class='kept'><progress max='{count}' value='{kept}' aria-label='{words('booth.lines-kept')}'>"
        f"</progress><span>{words('booth.kept', count, kept=kept)}</span></p>"
    )


def _steps(words: Words, sitting: Sitting, at: int) -> str:
    items = []
    for index, line in enumerate(sitting.lines):
        state = "kept" if sitting.is_kept(index) else "not-used" if line.id in sitting.takes else "open"
        sign = {"kept": "✓", "not-used": "✗"}.get(state, index + 1)
        here = " aria-current='step'" if index == at else ""
        items.append(
            f"<li><button type='button' class='{state}'{here}"
            f" data-get='{sitting.address(f'?at={index}')}'"
            f" aria-label='{words(f'booth.step-{state}', number=index + 1)}'>{sign}</button></li>"
        )
    return f"<ol class='steps' aria-label='{words('booth.lines')}'>{''.join(items)}</ol>"


def recorder(words: Words, address: str, limit: int, *, again: bool, focus: bool) -> str:
    """The button with its level meter. All words stand here; the script only chooses among them."""
    start = words("booth.again" if again else "booth.record")
    states = {"off": start, "ready": start, **{key: words(f"booth.{name}") for key, name in STATES.items()}}
    said = "".join(f"<span data-word='{state}'>{shown}</span>" for state, shown in states.items())
    zones = "".join(f"<span data-zone='{zone}'>{words(f'booth.{zone}')}</span>" for zone in ZONES)
    return (
        f"<div class='recorder' data-take='{address}' data-limit='{limit}' data-state='off'>"
        f"<button type='button' class='record' data-record{' data-focus' if focus else ''}>"
        f"<span class='dot' aria-hidden='true'></span><span data-label>{start}</span></button>"
        f"<div class='sound'><div class='meter' role='meter' data-meter aria-label='{words('booth.meter')}'"
        " aria-valuemin='0' aria-valuemax='100' aria-valuenow='0'><span data-level></span></div>"
        "<p class='small'><span data-advice></span><span data-clock></span></p></div>"
        f"<button type='button' class='plain off' data-off>{words('booth.off')}</button>"
        f"<div hidden>{said}{zones}</div></div><p class='small keys'>{words('booth.keys')}</p>"
    )


def _told(words: Words, take: Take) -> str:
    """What a screen reader says of a recording."""
    return " ".join(
        f"{_mark(words, one)} {_message(words, one)} {words.said(one.hint)}" for one in take.verdicts
    ).strip()


def _mark(words: Words, verdict: Verdict) -> str:
    return words.plain(f"booth.{MARKS[verdict.severity][2]}")


def _message(words: Words, verdict: Verdict) -> str:
    """Its message, unless that only repeats the words that stand before it."""
    said = words.said(verdict.message)
    return "" if said == _mark(words, verdict) else said


def _verdicts(words: Words, take: Take) -> str:
    return "".join(_verdict(words, verdict) for verdict in take.verdicts)


def _verdict(words: Words, verdict: Verdict) -> str:
    """Sign, words, sentence, next step."""
    look, sign, _ = MARKS[verdict.severity]
    hint = f"<p>{escape(words.said(verdict.hint))}</p>" if verdict.hint else ""
    code = f"<p class='small'>{escape(verdict.code)}</p>" if verdict.code else ""
    return (
        f"<div class='notice {look}'><p><strong><span aria-hidden='true'>{sign}</span> "
        f"{escape(_mark(words, verdict))}</strong> {escape(_message(words, verdict))}</p>{hint}{code}</div>"
    )


def _state(words: Words, take: Take) -> str:
    if take.accepted:
        return f"<span class='chip'>{words('booth.used')}</span>"
    return f"<span class='chip dropped'>{words('booth.unused')}</span>"


def _keep(words: Words, take: Take, address: str) -> str:
    """A button to use a recording all the same, where only a machine's ear speaks against it."""
    doubtful = all(one.severity != "redo" or one.code in DOUBTFUL for one in take.verdicts)
    if take.accepted or not doubtful:
        return ""
    return button(words.plain("booth.keep"), post=f"{address}/accept")


def _judged(words: Words, sitting: Sitting, at: int, take: Take, address: str, *, focus: bool) -> str:
    """What was found in the recording of a line, and what can be done about it."""
    onward = ""
    if take.accepted:
        order = (*range(at + 1, len(sitting.lines)), *range(at))
        after = next((index for index in order if not sitting.is_kept(index)), None)
        if after is not None:
            there = sitting.address(f"?at={after}")
            onward = button(words.plain("booth.next"), look="primary", get=there, focus=focus)
    length = words("booth.seconds", seconds=words.number(take.seconds, 1))
    return (
        f"<div class='take'><h3>{words('booth.taken')} <span class='small'>{length}</span>"
        f" {_state(words, take)}</h3>{_verdicts(words, take)}"
        f"<p class='choices'>{onward}{_keep(words, take, address)}"
        f"{button(words.plain('booth.play'), play=f'{address}/take')}</p></div>"
    )


def _turning(words: Words, sitting: Sitting, at: int) -> str:
    back, skip = sitting.address(f"?at={at - 1}"), sitting.address(f"?at={at + 1}")
    before = button(words.plain("booth.previous"), get=back) if at else ""
    after = button(words.plain("booth.skip"), get=skip) if at + 1 < len(sitting.lines) else ""
    return f"<p class='turning'><span>{before}</span><span>{after}</span></p>"


def _ending(words: Words, sitting: Sitting) -> str:
    count, kept = len(sitting.lines), sitting.kept
    if sitting.seconds < LEAST:
        return f"<p class='small'>{words('booth.least', count, seconds=round(LEAST))}</p>"
    rest = f" {words('booth.rest', count - kept)}" if kept < count else ""
    done = words("booth.sum", count, kept=kept, seconds=round(sitting.seconds))
    return (
        f"<p class='ending'>{_make(words, sitting, sure=kept == count)}<span class='small'>{done}{rest}"
        "</span></p>"
    )


def _make(words: Words, sitting: Sitting, *, sure: bool) -> str:
    look = "primary" if sure else "plain"
    return button(words.plain("booth.make"), look=look, post=sitting.address("/finish"), focus=sure)


def _otherwise(words: Words, sitting: Sitting, address: str) -> str:
    return (
        f"<details class='otherwise'><summary>{words('booth.others')}</summary><div>"
        f"{_file(words('booth.file-line'), address)}"
        f"{button(words.plain('booth.long'), get=sitting.address('?long=1'))}{_discarding(words, sitting)}"
        "</div></details>"
    )


def _file(label: str, address: str) -> str:
    return (
        f"<label class='file'><span>{label}</span>"
        f"<input type='file' accept='audio/*,video/*' data-take='{address}'></label>"
    )


def _discarding(words: Words, sitting: Sitting) -> str:
    sure = button(words.plain("booth.discard-now"), look="danger", post=sitting.address("/discard"))
    return (
        f"<details><summary>{words('booth.discard')} …</summary><p>{words('booth.discard-what')}</p>{sure}"
        "</details>"
    )


# --- free speech ---


def speaking(words: Words, sitting: Sitting, *, taken: bool = False) -> str:
    """Free speech instead of lines: longer recordings, or files.

    Args:
        taken: whether one has just been made.
    """
    extra = sitting.free
    told = _told(words, extra[-1]) if taken and extra else words.plain("booth.long-title")
    ready = sitting.seconds >= LEAST
    address = sitting.address("/long")
    speech = words("booth.speech", seconds=round(sitting.seconds))
    make = button(words.plain("booth.make"), look="primary", post=sitting.address("/finish"), focus=taken)
    finish = f"<p class='ending'>{make}<span class='small'>{speech}</span></p>"
    back = f"<p>{button(words.plain('booth.to-lines'), get=sitting.address('?at=0'))}</p>"
    return (
        f"<section class='booth' data-screen='booth' data-part data-say='{escape(told)}'>"
        f"{_trail(words, sitting)}<div class='stand'><h2>{words('booth.long-title')}</h2>"
        f"<p class='soft'>{words('booth.long-what', minutes=views.clock(LONGEST))}</p>"
        f"<label>{words('booth.long-words')}"
        "<textarea data-words rows='4' maxlength='4000' dir='auto'"
        f" lang='{escape(sitting.language)}'></textarea></label>"
        f"{recorder(words, address, round(LONGEST), again=bool(extra), focus=not (taken and ready))}"
        f"{_file(words('booth.file'), address)}<div data-message></div>"
        f"{''.join(_free(words, sitting, number, take) for number, take in enumerate(extra, 1))}</div>"
        f"{finish if ready else ''}{back if sitting.scripted else ''}{_discarding(words, sitting)}</section>"
    )


def _free(words: Words, sitting: Sitting, number: int, take: Take) -> str:
    address = sitting.address(f"/lines/{quote(take.line)}")
    about = words.plain("booth.free", number=number)
    return (
        f"<div class='take'><h3>{escape(about)} <span class='small'>{views.clock(take.seconds)}</span> "
        f"{_state(words, take)}</h3>{_verdicts(words, take)}<p class='choices'>{_keep(words, take, address)}"
        f"{button(words.plain('booth.play'), about=about, play=f'{address}/take')}"
        f"{button(words.plain('booth.delete'), about=about, post=f'{address}/drop')}</p></div>"
    )


# --- the voice ---


def making(words: Words, key: str, name: str, stage: str, seconds: float) -> str:
    """The voice is being computed; the screen asks again by itself.

    Args:
        stage: ``keep`` or ``learn``.
    """
    said = words(f"booth.stage-{stage}")
    return (
        f"<section class='booth' data-screen='making' data-part data-say='{said}'>"
        f"<div class='stand progress' data-poll='enrolments/{key}/made'>"
        f"<h2>{words('booth.making', name=name)}</h2>"
        f"<p><strong>{said}</strong><span>{views.clock(seconds)}</span></p>"
        f"<progress aria-label='{words('booth.making-now')}'></progress>"
        f"<p class='small'>{words('booth.making-what')}</p><div data-message></div></div></section>"
    )


def made(words: Words, card: Card, engine: str = "", complaint: str = "") -> str:
    """The voice is there: how good it is, and its first words.

    Args:
        engine: name of the engine that spoke them.
        complaint: why it could not say them.
    """
    spoken = words.plain("booth.engine", engine=engine) if engine else ""
    facts = "".join(f"<li>{escape(fact)}</li>" for fact in (card.quality, *card.facts, spoken) if fact)
    return (
        f"<section class='booth' data-screen='made' data-part data-say='{words('booth.made-said')}'>"
        f"<div class='stand'><h2 tabindex='-1' data-focus>{words('booth.made', name=card.name)}</h2>"
        f"<ul class='report'>{facts}</ul>{hear(words, card.voice, card.name, card.language, look='primary')}"
        f"<div data-message>{complaint}</div><p class='small'>{words('voices.honest')}</p>"
        f"<p>{words('booth.usable')}</p></div><p>{button(words.plain('voices.back'), get='home')}</p>"
        "</section>"
    )
