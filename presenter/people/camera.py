"""Consent with face and voice (level 3): a challenge that is answered before a camera.

The text is that of a spoken challenge, with small movements of the head at random places. The sound of the
film is judged as every answer is, the picture by what it shows: one take of one face (``film``), the
movements in their places (``gestures``), lips that speak what is heard (``lips``), no mark of presenter's.

No face is compared with a photo, which would ask for a recogniser. Instead the portrait is cut out of the
film: the face that may be used is the face that spoke. Another photo of the same person keeps its level.

An attacker needs a picture of the person that moves and speaks on demand within minutes. A fake that is made
live and fed in as a camera can do that; it is not excluded.
"""

from __future__ import annotations

import hashlib
import io
import secrets
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from presenter import faces, intake, moderation, records
from presenter.errors import SetupError
from presenter.faces import Detector
from presenter.people import challenge, film, gestures, lips
from presenter.people.binding import bind
from presenter.people.challenge import LONGEST, Challenge, Embed, refusal
from presenter.people.consents import People
from presenter.people.film import FPS, Seen
from presenter.people.hearing import listen
from presenter.settings import Settings
from presenter.types import Consent, Picture, Wave

LEVEL = 3
_ONE = threading.Lock()
"""Films are looked at one by one: each takes seconds of computing and up to a gigabyte."""
_TRIES = 5
"""Frames that are looked at for a portrait."""
_AROUND = 0.4
"""Seconds around a part in which somebody counts as speaking."""
_BLURRED = "W-PHOTO-BLUR"
"""A warning for photos, which somebody chose; here there are other frames."""


@dataclass(frozen=True, slots=True)
class Passed:
    """A challenge that was answered."""

    consent: Consent
    """For the voice."""
    left_out: int = 0
    """Lines of the voice that this speaker did not clearly read; they are not cloned any more."""
    face: Consent | None = None
    """For the portrait."""
    portrait: Path | None = None
    """PNG that was cut out of the film, in ``portraits`` under the home."""


def answer(settings: Settings, key: str, source: Path | bytes, embed: Embed, detector: Callable[[], Detector],
           *, session: str = "", now: float | None = None) -> Passed:  # fmt: skip
    """Judge the recording or the film of a challenge, once.

    Args:
        key: id of the challenge.
        source: MP4, MOV, WebM or MKV with sound, at most 60 s; any recording where no gestures are asked for.
        embed: tells voices apart.
        detector: gives the detector when it is needed.

    Raises:
        InputError: as ``challenge.answer``; ``E-VIDEO-...`` and ``E-CHALLENGE-...`` for the picture.
        SetupError: the speaker encoder is missing; ``E-CONSENT-WRITE``.
    """
    home = settings.home
    with challenge.taken(home, key, session=session, now=now) as asked:
        content = source if isinstance(source, bytes) else intake.content(source, seconds_limit=LONGEST)
        wave = intake.read(content, seconds_limit=LONGEST)
        heard = challenge.judged(home, asked, content, wave, embed)
        if asked.gestures:
            picture, shown = judged(asked, content, wave, detector(), settings)
            heard = replace(heard, evidence={**heard.evidence, **shown})
    if not asked.gestures:
        return Passed(bind(home, asked.consent, challenge.LEVEL, heard), heard.left_out)
    people = People(home)
    path = _kept(home, picture)
    try:
        person = people.holding(asked.consent).consent.person
        given = people.attest(person, "face", hashlib.sha256(path.read_bytes()).hexdigest(),
                              language=asked.parts[0].language)  # fmt: skip
        face = people.raised(given.id, LEVEL, {**heard.evidence, "voice": asked.consent})
        return Passed(bind(home, asked.consent, LEVEL, heard), heard.left_out, face, path)
    except BaseException:
        path.unlink(missing_ok=True)
        raise


def judged(asked: Challenge, content: bytes, wave: Wave, detector: Detector, settings: Settings,
           ) -> tuple[Picture, dict[str, object]]:  # fmt: skip
    """Judge the picture of a film whose sound is right.

    Returns:
        The portrait, and what speaks for the film.
    """
    with _ONE:
        film.refuse_marked(content)
        seen = film.look(content, detector)
    film.refuse_unsteady(seen, wave.seconds)
    timing = challenge.timed(wave, asked.parts)
    fits = lips.fit(seen, timing, wave)
    lips.refuse_other_lips(fits)
    words = challenge.heard(asked.parts, timing)
    due = gestures.windows(asked.gestures, words, quiet(wave), wave.seconds)
    moved = refuse_other_gestures(seen, due, asked)
    picture = portrait(seen, content, [(row[0].start, row[-1].end) for row in words], detector)
    moderation.check(picture, settings)
    return picture, {
        "gestures": {
            one.kind: round(strength, 2) for one, strength in zip(asked.gestures, moved, strict=True)
        },
        "lips": [round(value, 3) for value in (fits.alike, fits.certain, fits.late, fits.closed)],
    }


def quiet(wave: Wave) -> list[tuple[float, float]]:
    """Begin and end (s) of each pause of a recording."""
    speech = listen(wave.samples, wave.rate).speech
    edges = np.flatnonzero(np.diff(np.concatenate([[1], speech.astype(np.int8), [1]])))
    return [(float(start) / 100, float(end) / 100) for start, end in edges.reshape(-1, 2)]


def refuse_other_gestures(seen: Seen, due: Sequence[tuple[float, float]], asked: Challenge) -> list[float]:
    """Raise where a movement that was asked for is not made when it is due; how clear each is."""
    found = []
    for one, window in zip(asked.gestures, due, strict=True):
        moved = gestures.strength(seen.poses, FPS, window)
        own, most = moved[one.kind], max(moved.values())
        if own < 1 or own < most:
            raise refusal(
                "GESTURE",
                f"Between {window[0]:.1f} and {window[1]:.1f} s this is not seen: {gestures.WORDS[one.kind]} "
                f"({own * gestures.LEAST[one.kind]:.0f} degrees; {gestures.LEAST[one.kind]:.0f} are needed).",
                "Make each movement clearly, in the pause where it is shown, and no other.",
            )
        found.append(own)
    return found


def portrait(
    seen: Seen, content: bytes, places: Sequence[tuple[float, float]], detector: Detector
) -> Picture:
    """The best frame of a film as a portrait: front view, mouth closed, while somebody speaks.

    Raises:
        InputError: ``E-CHALLENGE-PORTRAIT`` where none is good enough.
    """
    within = [(start - _AROUND, end + _AROUND) for start, end in places]
    why = (
        "No moment shows the face from the front with a closed mouth and open eyes.",
        "Look into the camera.",
    )
    for number in film.frontal(seen, within)[:_TRIES]:
        image = intake.frame(content, number, fps=FPS)
        wrong = [
            verdict for verdict in faces.preflight(image, detector)
            if verdict.severity == "refuse" or verdict.code == _BLURRED
        ]  # fmt: skip
        if not wrong:
            return image
        why = wrong[0].message, wrong[0].hint
    raise refusal("PORTRAIT", f"The film has no frame for a portrait. {why[0]}", why[1])


def _kept(home: Path, image: Picture) -> Path:
    """Write a portrait where those of the page lie, and where it is found to be forgotten: by its sha256."""
    from PIL import Image

    memory = io.BytesIO()
    Image.fromarray(np.ascontiguousarray(image)).save(memory, "PNG", compress_level=6)
    content = memory.getvalue()
    folder = home / "portraits"
    path = folder / f"{hashlib.sha256(content).hexdigest()}-{secrets.token_hex(8)}.png"
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        with records.whole(path) as draft:
            draft.write_bytes(content)
    except OSError as error:
        raise SetupError(
            "E-CONSENT-WRITE", f"The portrait could not be kept ({error.strerror}).", "Free some space."
        ) from error
    return path
