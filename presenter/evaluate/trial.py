"""Which lines a voice is learnt from, and which it has to say: the set-up of a score card."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

import numpy as np

from presenter import people, text, voices
from presenter.engines import choice
from presenter.errors import InputError
from presenter.evaluate import lines as files
from presenter.evaluate.lines import Line
from presenter.evaluate.voice import Report, VoiceCard, evaluate_voice
from presenter.settings import Settings
from presenter.types import Wave

_LEARNT = 2 / 3
"""Share of the lines that a voice is learnt from, unless somebody says otherwise."""
_LEAST = 2
"""Lines that remain to be said, at least."""


def try_voice(
    settings: Settings,
    *,
    voice: str | None = None,
    person: str | None = None,
    speaker: str | None = None,
    train: int | None = None,
    lines: str | None = None,
    most: int = 10,
    others: str | None = None,
    language: str | None = None,
    report: Report = lambda _done, _text: None,
) -> VoiceCard:
    """Measure a voice that is here, or one that is learnt for this from a folder of recordings.

    An enrolled voice is learnt anew, from some of its lines, so that others remain to be compared with.

    Args:
        voice: name of a built-in or an enrolled voice.
        person: a folder or a pattern (see ``lines.gather``), instead of ``voice``.
        speaker: a speech engine; the best that can learn, by default.
        train: how many lines are learnt from, the first ones.
        lines: a folder or a pattern of the lines to say, instead of those that remain.
        most: how many lines are said, at most.
        others: a folder or a pattern of recordings of other people (see ``lines.by_speaker``).
        language: BCP 47 code of the lines; that of an enrolled voice, else English, by default.

    Raises:
        InputError: ``E-LINES-...`` for folders that cannot be used, ``E-VOICE-NAME``, and what
            ``evaluate_voice`` raises.
    """
    if most < 1 or (train is not None and train < 1):
        raise InputError("E-USAGE", "Numbers of lines begin at 1.", "See presenter evaluate --help.")
    spoken = files.gather(lines)[:most] if lines else ()
    builtin = {known.id: known for known in voices.builtin()}
    if voice is not None and voice.strip().lower() in builtin:
        language = language or "en"
        chosen = builtin[voice.strip().lower()]
        return evaluate_voice(
            chosen.name, chosen.engine, spoken or _written(language)[:most], known=voices.study(chosen),
            real=False, language=language, report=report,
        )  # fmt: skip
    if person:
        known: Sequence[Line] = files.gather(person)
        language = language or "en"
    else:
        known, language = _enrolled(settings, voice or "", language, texts=not spoken)
    count = train if train is not None else max(1, min(round(_LEARNT * len(known)), len(known) - _LEAST))
    heard = spoken or known[count : count + most]
    if not heard:
        raise InputError(
            "E-LINES-FEW", f"There are {len(known)} lines; {count} to learn from leave none to be said.",
            "Learn from fewer lines, or name others to say.", "lines",
        )  # fmt: skip
    row = choice.speaker(speaker or "auto", cloned=True, language=language, commercial=settings.commercial)
    return evaluate_voice(
        voice or "the person", row.name, heard, learnt=known[:count],
        others=files.by_speaker(others) if others else None, language=language, report=report,
    )  # fmt: skip


def _written(language: str) -> tuple[Line, ...]:
    """The lines that people read for their voices, without recordings."""
    return tuple(
        Line(line.id, Wave(np.zeros(0, np.float32), 16_000), line.text) for line in people.lines(language)
    )


def _enrolled(
    settings: Settings, name: str, language: str | None, *, texts: bool
) -> tuple[Sequence[Line], str]:
    """The lines of an enrolled voice in a language, its own if none is named, and that language.

    Args:
        texts: only those of which it is known what is said.
    """
    here = people.People(settings.home)
    voice = here.voice(name)
    chosen = language or (voice.languages[0] if voice.languages else "en")
    recordings = [one for one in here.recordings(voice) if text.base(one.language) == text.base(chosen)]
    numbers = itertools.count(1)
    found = [Line(f"{next(numbers):02d}", one.wave, one.text) for one in recordings if one.text or not texts]
    if not found:
        raise InputError(
            "E-LINES-TEXT", f'Nobody knows what is said in the recordings of "{voice.name}".',
            "Name a folder of recordings with their texts: --lines FOLDER, or enrol with lines.", "lines",
        )  # fmt: skip
    return found, chosen
