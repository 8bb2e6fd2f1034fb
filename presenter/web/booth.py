"""The screens on which somebody reads lines and becomes a voice."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import quote

from presenter import text
from presenter.people import LEAST, LONGEST, Line, Take, Verdict
from presenter.people.takes import DOUBTFUL
from presenter.web import views
from presenter.web.elements import RIGHT_TO_LEFT, button, escape, hear
from presenter.web.screens import HONEST, Card

LINE_LIMIT = 30
"""Longest recording of one line (s)."""

MARKS = {
    "ok": ("good", "✓", "Good"),
    "warn": ("warn", "!", "Could be better"),
    "redo": ("bad", "✗", "Please record it again"),
}
"""Severity of a verdict -> class of its box, sign, words: never colour alone."""

WORDS = {
    "opening": "Opening the microphone …",
    "recording": "Stop",
    "sending": "Listening to it …",
    "dropped": "The recording was dropped.",
}
"""What the recorder says in each of its states, besides "off" and "ready"."""

ZONES = {
    "quiet": "Quiet: speak up or come closer",
    "fine": "Good level",
    "loud": "Too loud: move back a little",
}
"""What the level meter says."""


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


def reading(sitting: Sitting, at: int, *, taken: bool = False) -> str:
    """One line, large, with the recorder and what was found in its recording.

    Args:
        at: index of the line.
        taken: whether it has just been recorded.
    """
    line, count = sitting.lines[at], len(sitting.lines)
    take = sitting.takes.get(line.id)
    address = sitting.address(f"/lines/{quote(line.id)}")
    onward = taken and sitting.is_kept(at)
    told = _told(take) if taken and take else f"Line {at + 1} of {count}: {line.text}"
    direction = "rtl" if text.base(line.language) in RIGHT_TO_LEFT else "ltr"
    return (
        f"<section class='booth' data-screen='booth' data-part data-say='{escape(told)}'>{_trail(sitting)}"
        f"<div class='stand'><div class='head'><h2>Line {at + 1} of {count}</h2>{_kept(sitting)}</div>"
        f"{_steps(sitting, at)}"
        f"<blockquote class='line' lang='{escape(line.language)}' dir='{direction}'>{escape(line.text)}"
        f"</blockquote>{recorder(address, LINE_LIMIT, again=take is not None, focus=not onward)}"
        f"<div data-message></div>{_judged(sitting, at, take, address, focus=onward) if take else ''}"
        f"{_turning(sitting, at)}</div>{_ending(sitting)}{_otherwise(sitting, address)}</section>"
    )


def _trail(sitting: Sitting) -> str:
    return (
        f"<p class='trail'>{button('← All voices', get='home')}<span><strong>{escape(sitting.name)}</strong>"
        f" · {escape(text.name(sitting.language))}</span></p>"
    )


def _kept(sitting: Sitting) -> str:
    count = len(sitting.lines)
    return (
        f"<p class='kept'><progress max='{count}' value='{sitting.kept}' aria-label='Lines kept'></progress>"
        f"<span>{sitting.kept} of {count} kept</span></p>"
    )


def _steps(sitting: Sitting, at: int) -> str:
    items = []
    for index, line in enumerate(sitting.lines):
        state = "kept" if sitting.is_kept(index) else "not used" if line.id in sitting.takes else "open"
        sign = {"kept": "✓", "not used": "✗"}.get(state, index + 1)
        here = " aria-current='step'" if index == at else ""
        items.append(
            f"<li><button type='button' class='{state.replace(' ', '-')}'{here}"
            f" data-get='{sitting.address(f'?at={index}')}' aria-label='Line {index + 1}, {state}'>{sign}"
            "</button></li>"
        )
    return f"<ol class='steps' aria-label='Lines'>{''.join(items)}</ol>"


def recorder(address: str, limit: int, *, again: bool, focus: bool) -> str:
    """The button with its level meter. All words stand here; the script only chooses among them."""
    start = "Record again" if again else "Record"
    states = {"off": start, "ready": start, **WORDS}
    words = "".join(f"<span data-word='{state}'>{shown}</span>" for state, shown in states.items())
    zones = "".join(f"<span data-zone='{zone}'>{shown}</span>" for zone, shown in ZONES.items())
    return (
        f"<div class='recorder' data-take='{address}' data-limit='{limit}' data-state='off'>"
        f"<button type='button' class='record' data-record{' data-focus' if focus else ''}>"
        f"<span class='dot' aria-hidden='true'></span><span data-label>{start}</span></button>"
        "<div class='sound'><div class='meter' role='meter' data-meter aria-label='Level of the microphone'"
        " aria-valuemin='0' aria-valuemax='100' aria-valuenow='0'><span data-level></span></div>"
        "<p class='small'><span data-advice></span><span data-clock></span></p></div>"
        "<button type='button' class='plain off' data-off>Turn the microphone off</button>"
        f"<div hidden>{words}{zones}</div></div>"
        "<p class='small keys'>Space or Enter starts and stops; Escape drops the recording.</p>"
    )


def _told(take: Take) -> str:
    """What a screen reader says of a recording."""
    return " ".join(f"{MARKS[one.severity][2]}. {_message(one)} {one.hint}" for one in take.verdicts).strip()


def _message(verdict: Verdict) -> str:
    """Its message, unless that only repeats the words that stand before it."""
    return "" if verdict.message.strip(".") == MARKS[verdict.severity][2] else verdict.message


def _verdicts(take: Take) -> str:
    return "".join(_verdict(verdict) for verdict in take.verdicts)


def _verdict(verdict: Verdict) -> str:
    """Sign, words, sentence, next step."""
    look, sign, words = MARKS[verdict.severity]
    hint = f"<p>{escape(verdict.hint)}</p>" if verdict.hint else ""
    code = f"<p class='small'>{escape(verdict.code)}</p>" if verdict.code else ""
    return (
        f"<div class='notice {look}'><p><strong><span aria-hidden='true'>{sign}</span> {words}.</strong>"
        f" {escape(_message(verdict))}</p>{hint}{code}</div>"
    )


def _state(take: Take) -> str:
    return "<span class='chip'>Kept</span>" if take.accepted else "<span class='chip dropped'>Not used</span>"


def _keep(take: Take, address: str) -> str:
    """A button to use a recording all the same, where only a machine's ear speaks against it."""
    doubtful = all(one.severity != "redo" or one.code in DOUBTFUL for one in take.verdicts)
    return "" if take.accepted or not doubtful else button("It is right: keep it", post=f"{address}/accept")


def _judged(sitting: Sitting, at: int, take: Take, address: str, *, focus: bool) -> str:
    """What was found in the recording of a line, and what can be done about it."""
    onward = ""
    if take.accepted:
        order = (*range(at + 1, len(sitting.lines)), *range(at))
        after = next((index for index in order if not sitting.is_kept(index)), None)
        if after is not None:
            there = sitting.address(f"?at={after}")
            onward = button("Next line", look="primary", get=there, focus=focus)
    return (
        f"<div class='take'><h3>Your recording <span class='small'>{take.seconds:.1f} s</span> {_state(take)}"
        f"</h3>{_verdicts(take)}"
        f"<p class='choices'>{onward}{_keep(take, address)}"
        f"{button('Play it', play=f'{address}/take')}</p></div>"
    )


def _turning(sitting: Sitting, at: int) -> str:
    back = button("← Back", get=sitting.address(f"?at={at - 1}")) if at else ""
    last = at + 1 == len(sitting.lines)
    skip = "" if last else button("Skip →", get=sitting.address(f"?at={at + 1}"))
    return f"<p class='turning'><span>{back}</span><span>{skip}</span></p>"


def _ending(sitting: Sitting) -> str:
    count, kept = len(sitting.lines), sitting.kept
    if sitting.seconds < LEAST:
        return (
            f"<p class='small'>A voice can be made from {LEAST:.0f} seconds of speech, about two lines; all "
            f"{count} make it much better. You can leave at any time and go on later.</p>"
        )
    all_kept = kept == count
    rest = "" if all_kept else f" Reading the other {views.plural(count - kept, 'line')} makes it better."
    make = button(
        "Make the voice",
        look="primary" if all_kept else "plain",
        post=sitting.address("/finish"),
        focus=all_kept,
    )
    return (
        f"<p class='ending'>{make}<span class='small'>{kept} of {count} lines, {sitting.seconds:.0f} s of "
        f"speech.{rest}</span></p>"
    )


def _otherwise(sitting: Sitting, address: str) -> str:
    return (
        "<details class='otherwise'><summary>Other ways</summary><div>"
        f"{_file('Hand in a file with this line', address)}"
        f"{button('One longer recording instead', get=sitting.address('?long=1'))}{_discarding(sitting)}"
        "</div></details>"
    )


def _file(label: str, address: str) -> str:
    return (
        f"<label class='file'><span>{label}</span>"
        f"<input type='file' accept='audio/*,video/*' data-take='{address}'></label>"
    )


def _discarding(sitting: Sitting) -> str:
    return (
        "<details><summary>Stop and delete …</summary>"
        "<p>All recordings of this voice that is not finished are deleted. You can also just leave: what was "
        "recorded is kept, and you can go on later.</p>"
        f"{button('Delete these recordings', look='danger', post=sitting.address('/discard'))}</details>"
    )


# --- free speech ---


def speaking(sitting: Sitting, *, taken: bool = False) -> str:
    """Free speech instead of lines: longer recordings, or files.

    Args:
        taken: whether one has just been made.
    """
    extra = sitting.free
    told = _told(extra[-1]) if taken and extra else "One longer recording"
    ready = sitting.seconds >= LEAST
    address = sitting.address("/long")
    make = button("Make the voice", look="primary", post=sitting.address("/finish"), focus=taken)
    finish = f"<p class='ending'>{make}<span class='small'>{sitting.seconds:.0f} s of speech.</span></p>"
    back = f"<p>{button('← Read lines instead', get=sitting.address('?at=0'))}</p>"
    return (
        f"<section class='booth' data-screen='booth' data-part data-say='{escape(told)}'>{_trail(sitting)}"
        "<div class='stand'><h2>One longer recording</h2>"
        f"<p class='soft'>Speak or read anything for up to {views.clock(LONGEST)} minutes, alone and in a "
        "quiet room, as you would in a lesson. One minute gives a good likeness.</p>"
        "<label>What is said, if you have it in writing: it makes the voice clearer"
        "<textarea data-words rows='4' maxlength='4000' dir='auto'"
        f" lang='{escape(sitting.language)}'></textarea></label>"
        f"{recorder(address, round(LONGEST), again=bool(extra), focus=not (taken and ready))}"
        f"{_file('Or hand in a file', address)}<div data-message></div>"
        f"{''.join(_free(sitting, number, take) for number, take in enumerate(extra, 1))}</div>"
        f"{finish if ready else ''}{back if sitting.scripted else ''}{_discarding(sitting)}</section>"
    )


def _free(sitting: Sitting, number: int, take: Take) -> str:
    address = sitting.address(f"/lines/{quote(take.line)}")
    about = f"recording {number}"
    return (
        f"<div class='take'><h3>Recording {number} <span class='small'>{views.clock(take.seconds)}</span> "
        f"{_state(take)}</h3>{_verdicts(take)}<p class='choices'>"
        f"{_keep(take, address)}{button('Play it', about=about, play=f'{address}/take')}"
        f"{button('Delete it', about=about, post=f'{address}/drop')}</p></div>"
    )


# --- the voice ---


def making(key: str, name: str, stage: str, seconds: float) -> str:
    """The voice is being computed; the screen asks again by itself."""
    return (
        f"<section class='booth' data-screen='making' data-part data-say='{escape(stage)}'>"
        f"<div class='stand progress' data-poll='enrolments/{key}/made'><h2>Making “{escape(name)}”</h2>"
        f"<p><strong>{escape(stage)}</strong><span>{views.clock(seconds)}</span></p>"
        "<progress aria-label='The voice is being made'></progress>"
        "<p class='small'>Usually about a minute. It goes on if you leave; the voice then appears in your "
        "list.</p>"
        "<div data-message></div></div></section>"
    )


def made(card: Card, engine: str = "", complaint: str = "") -> str:
    """The voice is there: how good it is, and its first words.

    Args:
        engine: name of the engine that spoke them.
        complaint: why it could not say them.
    """
    spoken = f"Spoken by the engine “{engine}”, which was chosen by itself" if engine else ""
    facts = "".join(f"<li>{escape(fact)}</li>" for fact in (card.quality, *card.facts, spoken) if fact)
    return (
        "<section class='booth' data-screen='made' data-part data-say='The voice is ready.'>"
        f"<div class='stand'><h2 tabindex='-1' data-focus>“{escape(card.name)}” is ready</h2>"
        f"<ul class='report'>{facts}</ul>{hear(card.voice, card.name, card.language, look='primary')}"
        f"<div data-message>{complaint}</div><p class='small'>{HONEST}</p>"
        "<p>Lessons can use it from now on.</p></div>"
        f"<p>{button('← All voices', get='home')}</p></section>"
    )
