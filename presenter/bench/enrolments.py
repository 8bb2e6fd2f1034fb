"""Enrolments: challenges that are read by the person, and by others who try.

Everybody is a variant of the embedded voice. That shows that each check works, and how near two voices may
be; how well the encoder tells real people apart has to be measured with them.
"""

from __future__ import annotations

import functools
import random
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from presenter import audio
from presenter.bench import readers
from presenter.bench.readers import PEOPLE, said
from presenter.errors import PresenterError
from presenter.evaluate import Measure
from presenter.evaluate.speakers import embeddings
from presenter.people import Enrolment, challenge, phrases
from presenter.people.challenge import Challenge, Likeness
from presenter.people.lines import lines
from presenter.types import RATE, Samples, Wave
from presenter.watermark import sound

_ID = "5eed1234"
_LINES, _READINGS = 3, 3
"""Lines of each person that are enrolled, and challenges that each reads."""


def share(title: str, found: int, count: int, least: float | None = None, most: float | None = None,
          ) -> Measure:  # fmt: skip
    """A measure that is a share of a count."""
    name = "".join(char if char.isalnum() else "-" for char in title.lower())
    return Measure(name, title, found / count, "", least, most, f"{found} of {count}")


def challenges(home: Path, genuine: int, wrong: int) -> Iterator[Measure]:
    """Challenges answered as they should be, and in five ways as they should not."""
    consents = {person: enrolled(home, person) for person in PEOPLE}
    draw = random.Random(7)
    passed = sum(
        _passes(home, made, said(made.text, person, seed=draw.randrange(10**6)))
        for person in _turns(genuine)
        for made in [_asked(home, consents[person], draw)]
    )
    yield share("challenge read by the person: accepted at the first try", passed, genuine, 0.95)
    attacks: dict[str, Callable[[str, Challenge], Samples]] = {
        "somebody else, right words": lambda person, made: said(
            made.text, draw.choice([other for other in PEOPLE if other != person]), seed=draw.randrange(10**6)
        ),
        "an old recording of the person": lambda person, made: said(
            _asked(home, made.consent, draw).text, person, seed=draw.randrange(10**6)
        ),
        "old digits spliced in": lambda person, made: _spliced(home, person, made, draw),
        "the answer to an earlier challenge": lambda person, made: _replayed(home, person, made, draw),
        "presenter's own voice": lambda person, made: np.concatenate(
            list(sound.mark([said(made.text, person, seed=draw.randrange(10**6))], _ID))
        ),
    }
    for name, attack in attacks.items():
        count = max(1, wrong // len(attacks))
        accepted = 0
        for person in _turns(count):
            made = _asked(home, consents[person], draw)
            accepted += _passes(home, made, attack(person, made))
        yield share(f"{name}: accepted", accepted, count, most=0.0)


def likenesses(count: int, lot: int) -> Iterator[Measure]:
    """The checks of the voice, between all pairs of people drawn by lot.

    Args:
        count: how many people at most.
        lot: which order they are drawn in.
    """
    people = readers.drawn(lot)[:count]
    own = [_likeness(name, name, number) for name in people for number in range(_READINGS)]
    passed = sum(map(_passes_voice, own))
    yield share("drawn by lot, read by the person: taken for theirs", passed, len(own), 0.95)
    stay = [stays for alike in own for stays in alike.read_by_them]
    yield share("the same: lines that stay in the voice", sum(stay), len(stay))
    others = [(reader, name) for reader in people for name in people if reader != name]
    yield _taken("drawn by lot, read by somebody else: taken for theirs", others, 0.0)
    twins = [pair for one in readers.twins(people) for pair in (one, one[::-1])]
    if twins:
        yield _taken("read by a voice of the same vocal tract: taken for theirs", twins, None)


def _taken(title: str, pairs: Sequence[tuple[str, str]], most: float | None) -> Measure:
    wrong = sum(
        _passes_voice(_likeness(reader, name, number))
        for reader, name in pairs
        for number in range(_READINGS)
    )
    return share(title, wrong, _READINGS * len(pairs), most=most)


def _likeness(reader: str, name: str, number: int) -> Likeness:
    """How alike a reading is to somebody's lines."""
    return challenge.likeness(_reading(reader, number), _enrolled_lines(name), _embedded, _timbre)


@functools.cache
def _reading(reader: str, number: int) -> Wave:
    draw = random.Random(f"{reader} {number}")
    text = " ".join(part.text for part in phrases.draw("en", draw.randrange))
    return Wave(said(text, reader, seed=number), RATE)


@functools.cache
def _enrolled_lines(name: str) -> tuple[Wave, ...]:
    return tuple(Wave(said(line.text, name), RATE) for line in lines("en")[:_LINES])


def _passes_voice(alike: Likeness) -> bool:
    try:
        challenge.refuse_other_voice(alike)
    except PresenterError:
        return False
    return True


def _embedded(waves: Sequence[Wave]) -> Any:
    """``embeddings``, each recording listened to once."""
    return np.concatenate([_row(wave.samples.tobytes()) for wave in waves])


@functools.lru_cache(maxsize=2000)
def _row(samples: bytes) -> Any:
    return embeddings([Wave(np.frombuffer(samples, np.float32), RATE)])


def _timbre(wave: Wave) -> tuple[float, ...]:
    return _timbre_of(wave.samples.tobytes())


@functools.lru_cache(maxsize=2000)
def _timbre_of(samples: bytes) -> tuple[float, ...]:
    return challenge.timbre_of(Wave(np.frombuffer(samples, np.float32), RATE))


def _turns(count: int) -> Iterator[str]:
    return (PEOPLE[number % len(PEOPLE)] for number in range(count))


def enrolled(home: Path, person: str) -> str:
    """Take in the voice of one of ``PEOPLE``; the id of its consent."""
    enrolment = Enrolment.start(home, f"Person {PEOPLE.index(person)}", person=person, language="en")
    for line in enrolment.lines[:3]:
        enrolment.record(line.id, _file(said(line.text, person)))
        if not enrolment.takes()[line.id].accepted:  # some voices are odd; that is not what is measured
            enrolment.accept(line.id)
    return str(enrolment.finish().consent)


def _asked(home: Path, consent: str, draw: random.Random) -> Challenge:
    return challenge.ask(home, consent, below=draw.randrange)


def _passes(home: Path, made: Challenge, samples: Samples) -> bool:
    try:
        challenge.answer(home, made.id, _file(samples), embeddings)
    except PresenterError:
        return False
    return True


def _spliced(home: Path, person: str, made: Challenge, draw: random.Random) -> Samples:
    """The right sentences, and digits of an earlier challenge cut in behind them."""
    *sentences, _ = [part.text for part in made.parts]
    old = _asked(home, made.consent, draw).parts[2].text
    seed = draw.randrange(10**6)
    return np.concatenate([said(" ".join(sentences), person, seed=seed), said(old, person, seed=seed + 1)])


def _replayed(home: Path, person: str, made: Challenge, draw: random.Random) -> Samples:
    """A recording that was right for an earlier challenge, and passed."""
    earlier = _asked(home, made.consent, draw)
    samples = said(earlier.text, person, seed=draw.randrange(10**6))
    _passes(home, earlier, samples)
    return samples


def _file(samples: Samples) -> bytes:
    return audio.encoded(samples, "WAV")
