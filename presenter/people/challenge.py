"""Consent by speaking: somebody reads a text that nobody could know before, in the voice that it is about.

    ask       two random sentences and six digits, good for five minutes, once, in one session
    answer    the recording is judged: words, voice, no cuts, no machine; consent rises to level 2
              (of a film also the picture: see ``camera``)

A stolen clip says other words; somebody else's reading has another voice; what presenter itself said carries
its mark. All of this makes a theft dear, and none of it proves who sits at the microphone: that is for the
operator (level 4), who is also the way for people who cannot read aloud.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import math
import os
import re
import secrets
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from presenter import audio, audit, hearing, intake, records
from presenter.align import align
from presenter.engines import load
from presenter.errors import InputError, SetupError
from presenter.people import folders, gestures, phrases, takes
from presenter.people.binding import Heard, bind
from presenter.people.consents import Entry, People
from presenter.people.gestures import Gesture
from presenter.people.hearing import listen
from presenter.people.phrases import Part
from presenter.people.timbre import distance, timbre
from presenter.types import Arrays, Consent, Span, Style, Timing, Wave
from presenter.watermark import sound

MINUTES = 5
"""How long a challenge can be answered."""
LONGEST = 60.0
"""Seconds of an answer."""
LEVEL = 2
LEAST_PHRASES, LEAST_DIGITS = 7, 5
"""So many of the eight phrases and six digits have to fit better than others in their place."""
ALIKE = 0.75
"""Likeness of the voice from which it is the person's; one person has about 0.9, two about 0.5."""
ALIKE_PART = 0.62
"""The same for each third of a recording, which has less to judge by."""
_GAP, _GESTURE_GAP = 2.5, 4.5
"""Longest pause (s), and where gestures are asked for."""
APART, SURE = 0.03, 0.95
"""The speaker of the recording read a line that is at most so much less alike to it than the lines are to one
another, or as alike as that (``SURE``) where it is too short for its timbre; and ..."""
NEAR = 5.5
"""... whose timbre is at most so far away. Set on variants of the embedded voice; see ARCHITECTURE."""
READERS = ("", "f2", "Annie")
"""Variants of the embedded voice that say what was to be read: a man's, a woman's and a child's vowels."""
_ROOM = 0.1
"""Seconds around a part that are taken with it."""

Embed = Callable[[Sequence[Wave]], NDArray[np.float32]]
"""What voices sound like: recordings in, float32 (N, D) out, rows of length 1; the scalar product of two rows
is how alike they are."""


@dataclass(frozen=True, slots=True)
class Likeness:
    """How alike the voice of a recording is to a person's."""

    whole: float
    """The recording to the mean of the person's lines."""
    parts: tuple[float, ...]
    """The same for its first, middle and last third."""
    lines: tuple[float, ...]
    """The recording to each line."""
    among: float
    """Lines to one another: the upper quartile, which a stranger's among them does not lower."""
    timbres: tuple[float, ...]
    """How far its pitch and timbre are from each line's (see ``timbre.distance``)."""

    @property
    def read_by_them(self) -> tuple[bool, ...]:
        """For each line whether the speaker of the recording clearly read it."""
        least = max(ALIKE, self.among - APART)
        return tuple(
            line >= (least if math.isfinite(away) else max(least, SURE))
            and (away <= NEAR or math.isinf(away))
            for line, away in zip(self.lines, self.timbres, strict=True)
        )


@dataclass(frozen=True, slots=True)
class Challenge:
    """A text to be read aloud."""

    id: str
    """Unguessable."""
    consent: str
    """Id of the consent that will rise."""
    parts: tuple[Part, ...]
    expires: float
    """Seconds since 1970."""
    session: str = ""
    """Who asked, as the door knows them; only they can answer."""
    gestures: tuple[Gesture, ...] = ()
    """What is to be done between the parts; with them it is answered by a film (see ``camera``)."""

    @property
    def text(self) -> str:
        """What is to be read."""
        return " ".join(part.text for part in self.parts)


def ask(home: Path, consent: str, *, language: str = "en", session: str = "", camera: bool = False,
        now: float | None = None, below: Callable[[int], int] = secrets.randbelow) -> Challenge:  # fmt: skip
    """Make a challenge.

    Args:
        consent: id of a consent for a voice.
        language: BCP 47 of the text; English where there are no phrases in it.
        session: something that only the asker has, such as the key of a browser.
        camera: to be answered by a film, with gestures.
        below: gives a random number below another.

    Raises:
        InputError: ``E-CONSENT-UNKNOWN``, ``E-CONSENT-REVOKED``, ``E-CHALLENGE-VOICE`` where it is not about
            a voice that is kept here.
        SetupError: ``E-CONSENT-WRITE``.
    """
    _voice(home, _entry(home, consent))
    now = time.time() if now is None else now
    parts = phrases.draw(language, below)
    asked = gestures.draw(len(parts), below) if camera else ()
    made = Challenge(secrets.token_hex(16), consent, parts, now + 60 * MINUTES, session, asked)
    values = {
        "consent": consent,
        "language": language,
        "chosen": [part.chosen for part in made.parts],
        "gestures": [asdict(gesture) for gesture in made.gestures],
        "expires": made.expires,
        "session": hashlib.sha256(session.encode()).hexdigest(),
    }
    folder = home / "people" / "challenges"
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        for old in folder.glob("*.json"):
            if old.stat().st_mtime < now - 3600:
                old.unlink(missing_ok=True)
        with records.whole(folder / f"{made.id}.json") as draft:
            draft.write_text(json.dumps(values), encoding="utf-8")
    except OSError as error:
        raise SetupError(
            "E-CONSENT-WRITE", f"The challenge could not be kept ({error.strerror}).", "Free some space."
        ) from error
    audit.note(home, "challenge", consent=consent, challenge=made.id, outcome="asked")
    return made


def answer(home: Path, challenge: str, source: Path | bytes, embed: Embed, *, session: str = "",
           now: float | None = None) -> Consent:  # fmt: skip
    """Judge a recording of a challenge, once: a new try needs a new challenge.

    Returns:
        The consent, at level 2 now.

    Raises:
        InputError: ``E-CHALLENGE-...`` for what does not hold; what is wrong with the recording itself (see
            ``intake.read``, ``takes``); ``E-CONSENT-REVOKED``.
        SetupError: the speaker encoder is missing.
    """
    with taken(home, challenge, session=session, now=now) as asked:
        if asked.gestures:
            raise refusal("FILM", "This challenge asks for a film.", "Answer it with a camera.")
        content = source if isinstance(source, bytes) else intake.content(source, seconds_limit=LONGEST)
        found = judged(home, asked, content, intake.read(content, seconds_limit=LONGEST), embed)
    return bind(home, asked.consent, LEVEL, found)


@contextmanager
def taken(home: Path, challenge: str, *, session: str = "", now: float | None = None) -> Iterator[Challenge]:
    """A challenge while its answer is judged. It cannot be answered again; how it ends is logged.

    Raises:
        InputError: ``E-CHALLENGE-UNKNOWN``, ``E-CHALLENGE-LATE``, and what its body raises.
    """
    asked = _taken(home, challenge, session, time.time() if now is None else now)
    try:
        yield asked
    except InputError as error:
        audit.note(home, "challenge", consent=asked.consent, challenge=asked.id, outcome=error.code)
        raise
    audit.note(home, "challenge", consent=asked.consent, challenge=asked.id, outcome="passed")


def judged(home: Path, asked: Challenge, content: bytes, wave: Wave, embed: Embed) -> Heard:
    """Judge the sound of an answer.

    Args:
        content: the file as it was handed in.
        wave: its sound.

    Raises:
        InputError: as ``answer``.
    """
    entry = _entry(home, asked.consent)
    voice = _voice(home, entry)
    handed_in = hashlib.sha256(content).hexdigest()
    People(home).refuse_revoked([handed_in], "voice")
    if People(home).seen(handed_in):
        raise refusal("REPLAY", "This recording was handed in before.", "Record the text that is shown now.")
    refuse_unusable(wave, _GESTURE_GAP if asked.gestures else _GAP)
    refuse_marked(wave)
    alike = likeness(wave, [recording.wave for recording in folders.recordings(voice)], embed)
    refuse_other_voice(alike)
    fits = fitting(wave, asked.parts)
    refuse_other_words(fits)
    evidence = {
        "challenge": asked.id,
        "text": hashlib.sha256(asked.text.encode()).hexdigest(),
        "recording": handed_in,
        "given": records.now(),
        "fits": [sum(value > 0 for value in row) for row in fits],
        "alike": [round(value, 3) for value in (alike.whole, *alike.parts)],
    }
    language = asked.parts[0].language
    return Heard(voice, wave, asked.text, language, handed_in, alike.read_by_them, evidence)


# --- what is looked at ------------------------------------------------------------------------


def refuse_unusable(wave: Wave, gap: float = _GAP) -> None:
    """Raise for a recording that is silent, noisy, too short, cut together, of two people, or that has a
    pause of more than ``gap`` seconds."""
    for verdict in takes.judge(wave).verdicts:
        if verdict.severity == "redo":
            raise InputError(verdict.code, verdict.message, verdict.hint, "voice")
    speech = listen(wave.samples, wave.rate).speech
    first, last = np.flatnonzero(speech)[[0, -1]]
    edges = np.flatnonzero(np.diff(speech[first : last + 1].astype(np.int8), prepend=0, append=0))
    gaps = edges[2::2] - edges[1:-1:2]
    longest = float(gaps.max(initial=0)) / 100
    if longest > gap:
        raise refusal("PAUSE", f"There is a pause of {longest:.1f} s; the limit is {gap} s.",
                       "Read the text in one go.")  # fmt: skip


def refuse_marked(wave: Wave) -> None:
    """Raise for a recording of something that presenter said."""
    if sound.read([audio.resample(wave)]).present:
        raise refusal("SYNTHETIC", "This recording carries the watermark of a synthetic voice.",
                       "Speak yourself.")  # fmt: skip


def fitting(wave: Wave, parts: Sequence[Part]) -> list[list[float]]:
    """How much better each phrase of each part fits than any other in its place; positive where it does.

    The embedded voice says the part as it should be and with each of the others; what counts is the distance
    of the recording to these, along the cheapest path. Of several voices the one that is most like the reader
    says it: vowels of a child and of a man are too far apart.
    """
    speaker, voice = load("speaker", "espeak"), _nearest(wave, parts)
    found = []
    for part, row in zip(parts, heard(parts, timed(wave, parts, voice)), strict=True):
        start, end = (row[0].start, row[-1].end) if row else (0.0, 0.0)
        first, last = round(max(0.0, start - _ROOM) * wave.rate), round((end + _ROOM) * wave.rate)
        said = Wave(wave.samples[first:last], wave.rate)

        def away(text: str, said: Wave = said, language: str = part.language) -> float:
            return hearing.distance(said, speaker.speak(text, language, voice, style=Style())[0])

        if said.seconds < 0.5:
            found.append([-1.0] * len(part.chosen))
            continue
        own = away(part.text)
        found.append(
            [min(map(away, part.others(place))) - own for place in range(len(part.chosen))]
        )  # fmt: skip
    return found


def refuse_other_words(fits: Sequence[Sequence[float]]) -> None:
    """Raise where too much of what was read is not what was shown."""
    *sentences, digits = [sum(value > 0 for value in row) for row in fits]
    if sum(sentences) < LEAST_PHRASES:
        raise refusal("WORDS", "This is not the text that is shown.", "Read the words on the screen.")
    if digits < LEAST_DIGITS:
        raise refusal("DIGITS", "These are not the digits that are shown.", "Read each digit by itself.")


def timbre_of(wave: Wave) -> tuple[float, ...]:
    """Pitch and timbre of a recording; see ``timbre``."""
    return timbre(listen(wave.samples, wave.rate))


def likeness(wave: Wave, known: Sequence[Wave], embed: Embed,
             timbre_of: Callable[[Wave], tuple[float, ...]] = timbre_of) -> Likeness:  # fmt: skip
    """How alike a recording is to others of a person, told by two that know nothing of one another."""
    third = len(wave.samples) // 3
    parts = [Wave(wave.samples[third * at : third * (at + 1)], wave.rate) for at in range(3)]
    rows = embed([*known, wave, *parts])
    lines, asked = rows[: len(known)], rows[len(known) :]
    mean = lines.mean(axis=0)
    whole, *rest = (float(value) for value in asked @ (mean / np.linalg.norm(mean)))
    own, *others = map(timbre_of, (wave, *known))
    pairs = (lines @ lines.T)[np.triu_indices(len(lines), 1)]
    among = float(np.quantile(pairs, 0.75)) if len(pairs) else SURE
    away = tuple(distance(own, other) for other in others)
    return Likeness(whole, tuple(rest), tuple((lines @ asked[0]).tolist()), among, away)


def refuse_other_voice(alike: Likeness) -> None:
    """Raise where a recording is of somebody else: as a whole, in a part, or where its speaker did not
    clearly read most of the lines.

    The first limits are wide: what matters is which lines are taken for the speaker's.
    """
    few = 2 * sum(alike.read_by_them) <= len(alike.lines)
    if alike.whole < ALIKE or min(alike.parts) < ALIKE_PART or few:
        raise refusal(
            "VOICE", f"This does not sound like the enrolled voice (likeness {alike.whole:.2f}, {ALIKE} is "
            f"needed; {sum(alike.read_by_them)} of {len(alike.lines)} lines clearly by the same person).",
            "Let the person themselves read it, in the place where the lines were read.",
        )  # fmt: skip


def _nearest(wave: Wave, parts: Sequence[Part]) -> Arrays:
    """The voice whose reading of the text is nearest to a recording."""
    speaker, text = load("speaker", "espeak"), " ".join(part.text for part in parts)

    def away(voice: Arrays) -> float:
        return hearing.distance(wave, speaker.speak(text, parts[0].language, voice, style=Style())[0])

    return min(({"variant": np.array(name)} for name in READERS), key=away)


def timed(wave: Wave, parts: Sequence[Part], voice: Arrays | None = None) -> Timing:
    """When each word and phoneme is heard, if it is this text; ``voice`` says it for comparison."""
    text = " ".join(part.text for part in parts)
    speaker = load("speaker", "espeak")
    reference, timing = speaker.speak(text, parts[0].language, voice or {}, style=Style())
    return align(wave, reference, timing)


def heard(parts: Sequence[Part], timing: Timing) -> list[list[Span]]:
    """The words of each part, where they are heard."""
    text = " ".join(part.text for part in parts)
    ends = np.cumsum([len(part.text) + 1 for part in parts])
    found: list[list[Span]] = [[] for _ in parts]
    at = 0
    for word in timing.words:
        at = text.find(word.label, at)
        if at < 0:
            break
        found[min(int(np.searchsorted(ends, at, "right")), len(parts) - 1)].append(word)
        at += len(word.label)
    return found


# --- what is kept -----------------------------------------------------------------------------


def _entry(home: Path, consent: str) -> Entry:
    entry = People(home).holding(consent)
    People(home).refuse_revoked([entry.reference, *entry.covers], entry.consent.scope)
    return entry


def _voice(home: Path, entry: Entry) -> folders.Kept:
    for kept in folders.kept(home):
        if kept.reference == entry.reference:
            return kept
    raise refusal("VOICE", "This consent is not about a voice that is kept here.",
                   "Enrol the voice first; for a photo the operator can vouch: presenter people consent.",
                   )  # fmt: skip


def _taken(home: Path, challenge: str, session: str, now: float) -> Challenge:
    """The challenge, which cannot be answered again from here on."""
    unknown = refusal("UNKNOWN", "There is no such challenge, or it was answered.", "Ask for a new one.")
    if not re.fullmatch("[0-9a-f]{32}", challenge):
        raise unknown
    path = home / "people" / "challenges" / f"{challenge}.json"
    used = path.with_suffix(f".{secrets.token_hex(4)}")
    try:
        values = json.loads(path.read_text(encoding="utf-8"))
        if not hmac.compare_digest(values["session"], hashlib.sha256(session.encode()).hexdigest()):
            raise unknown
        os.rename(path, used)  # of two that answer at once one finds it
        used.unlink()
    except (OSError, ValueError, KeyError) as error:
        raise unknown from error
    if now > float(values["expires"]):
        raise refusal("LATE", f"The challenge was good for {MINUTES} minutes.", "Ask for a new one.")
    drawn = phrases.draw(str(values["language"]))
    parts = [replace(part, chosen=tuple(row)) for part, row in zip(drawn, values["chosen"], strict=True)]
    asked = tuple(Gesture(**one) for one in values.get("gestures", ()))
    return Challenge(
        challenge, str(values["consent"]), tuple(parts), float(values["expires"]), session, asked
    )


def refusal(name: str, message: str, hint: str) -> InputError:
    """An error of a challenge: ``E-CHALLENGE-`` and the name."""
    return InputError(f"E-CHALLENGE-{name}", message, hint, "voice")
