"""The nouns of presenter, in the order in which the data flows.

House format, kept everywhere inside; conversion happens only at the edges:

* sound: float32, shape ``(N,)``, mono, in [-1, 1], at ``RATE`` = 48 000 Hz
* picture: uint8, shape ``(H, W, 3)``, RGB, indexed ``image[y, x]``
* time: float seconds inside a segment, whole frames in a plan
* text: Unicode NFC

Values of text and numbers are frozen, hashable and can be turned into JSON. Values that hold
arrays compare by identity (``eq=False``) and are named by the digest of their content.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
from numpy.typing import NDArray

RATE = 48_000
"""Samples a second of all sound inside presenter (Hz)."""

RATES_OF_FRAMES = (24, 25, 30, 50, 60)
"""Allowed frames a second: 48 000 / fps is a whole number of samples for each."""

assert all(RATE % fps == 0 for fps in RATES_OF_FRAMES)

Picture = NDArray[np.uint8]
"""uint8 (H, W, 3) RGB."""
Samples = NDArray[np.float32]
"""float32 (N,) mono in [-1, 1]."""
Arrays = Mapping[str, NDArray[np.generic]]
"""What an engine learns once about a voice or a portrait; can be kept as .npz."""


# --- the lesson -------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Mark:
    """Something that happens on the screen when a word begins."""

    at: int
    """Character offset into the segment's text, at the start of a word."""
    action: Literal["build", "point", "layout"]
    argument: str = ""
    """Of a point: at what, ``""`` for nothing."""


@dataclass(frozen=True, slots=True)
class Pronunciation:
    """A stretch of a segment's text that is to be said in another way than it is written."""

    start: int
    """First character (offset into the segment's text)."""
    end: int
    """One past the last character."""
    say: str
    """What to say instead: plain text, a respelling such as ``tuh-MAY-toe``, or IPA between slashes."""


@dataclass(frozen=True, slots=True)
class Entry:
    """A word of a pronunciation dictionary."""

    word: str
    """As written, NFC; in lower case it also stands for its capitalised forms."""
    say: str
    """As in a ``Pronunciation``."""
    language: str = ""
    """BCP 47 tag of the texts that it holds for, or ``""`` for all."""


@dataclass(frozen=True, slots=True)
class Style:
    """How to say it."""

    speed: float = 1.0
    """Factor on the voice's own pace, 0.5 to 2."""
    pitch: float = 0.0
    """Semitones up or down, -12 to 12."""
    liveliness: float = 1.0
    """Factor on the range of the intonation, 0 (flat) to 2."""
    emphasis: int = 0
    """-1 is less than usual, 1 is emphasised, 2 strongly; an engine that cannot emphasise leaves it out."""

    def changed_by(self, other: Style) -> Style:
        """This style with another laid over it: factors multiply, semitones add, within their limits."""
        return Style(
            speed=min(max(self.speed * other.speed, 0.5), 2.0),
            pitch=min(max(self.pitch + other.pitch, -12.0), 12.0),
            liveliness=min(max(self.liveliness * other.liveliness, 0.0), 2.0),
            emphasis=other.emphasis or self.emphasis,
        )


@dataclass(frozen=True, slots=True)
class Stretch:
    """Characters of a segment's text that are said in another way than the rest of it."""

    start: int
    """First character (offset into the segment's text)."""
    end: int
    """One past the last character."""
    style: Style
    """Instead of the segment's."""
    language: str
    """BCP 47."""


@dataclass(frozen=True, slots=True)
class Pause:
    """Silence inside a segment."""

    at: int
    """Character offset into the segment's text, before a word."""
    seconds: float


@dataclass(frozen=True, slots=True)
class Part:
    """Spoken words that are said in one way."""

    text: str
    """With the spaces and the punctuation around its words: all parts together are the spoken text."""
    language: str
    """BCP 47."""
    style: Style = Style()
    sound: str = ""
    """IPA of what is said for the text, or ``""``."""
    pause: float = 0.0
    """Silence after it (s); 0 lets the next part follow at once."""


@dataclass(frozen=True, slots=True)
class Segment:
    """A sentence (or a few): the unit of speaking, animating, caching and repairing."""

    id: str
    """Stable under edits elsewhere in the lesson: content and count among equals."""
    text: str
    """What captions show; NFC, no directives."""
    language: str
    """BCP 47, e.g. ``en-GB``, ``cmn``."""
    slide: str
    """Id of the slide that is on the screen, or ``""``."""
    layout: str | None = None
    """Layout asked for here, or None to keep the lesson's."""
    marks: tuple[Mark, ...] = ()
    pronunciations: tuple[Pronunciation, ...] = ()
    pause: float = 0.0
    """Silence after the words that the author asked for (s)."""
    span: tuple[int, int] = (0, 0)
    """Where the words stand in the lesson's source (character offsets, half-open)."""
    style: Style = Style()
    """How to say it, laid over the lesson's own style."""
    stretches: tuple[Stretch, ...] = ()
    """Sorted, without overlap; their styles, too, are laid over the lesson's."""
    pauses: tuple[Pause, ...] = ()
    """Silences between its words, sorted."""


@dataclass(frozen=True, slots=True)
class Slide:
    """What is shown while some segments are said."""

    id: str
    title: str
    """Plain text of its heading, or what its first picture shows; also the chapter's name."""
    markdown: str
    """What is drawn: heading, lists, tables, code, formulas, pictures."""
    steps: int = 1
    """In how many builds it appears (1 = at once)."""
    line: int = 1
    """Where it begins in the source, for messages."""


@dataclass(frozen=True, slots=True)
class Script:
    """A parsed lesson. ``source`` is the truth; all else is read from it."""

    title: str
    language: str
    settings: tuple[tuple[str, str], ...]
    """Front matter that names settings: voice, portrait, layout, size ..."""
    slides: tuple[Slide, ...]
    segments: tuple[Segment, ...]
    source: str
    warnings: tuple[str, ...] = ()
    """Things that were mended or that look odd, in plain words."""

    def setting(self, name: str, default: str | None = None) -> str | None:
        """The front matter's value for ``name``."""
        return dict(self.settings).get(name, default)


# --- sound ------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, eq=False)
class Wave:
    """Sound as an engine gives it."""

    samples: Samples
    """float32 (N,) mono in [-1, 1]."""
    rate: int
    """Hz."""

    @property
    def seconds(self) -> float:
        return len(self.samples) / self.rate


@dataclass(frozen=True, slots=True)
class Span:
    """A stretch of time with a label: a word, a phoneme, a caption."""

    label: str
    start: float
    """Seconds."""
    end: float
    """Seconds; never before ``start``."""


@dataclass(frozen=True, slots=True)
class Timing:
    """When each word and phoneme is heard."""

    words: tuple[Span, ...]
    """Sorted; each label stands in the text, in this order."""
    phonemes: tuple[Span, ...]
    """IPA without stress marks being removed; gapless; ``""`` is silence."""


@dataclass(frozen=True, slots=True, eq=False)
class Speech:
    """A segment as it is heard."""

    segment: str
    """Id of the segment."""
    samples: Samples
    """float32 (N,) at 48 kHz."""
    timing: Timing
    """Words carry the labels of the *written* text, phonemes those that are heard."""

    @property
    def seconds(self) -> float:
        return len(self.samples) / RATE


# --- faces ------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Box:
    """Half-open rectangle ``[x0, x1) x [y0, y1)``; pixels, or 0..1 inside a Layout."""

    x0: float
    y0: float
    x1: float
    y1: float

    @property
    def width(self) -> float:
        return self.x1 - self.x0

    @property
    def height(self) -> float:
        return self.y1 - self.y0


@dataclass(frozen=True, slots=True, eq=False)
class Face:
    """A face found in a picture."""

    box: Box
    """Pixels."""
    landmarks: NDArray[np.float32]
    """float32 (468, 3): x, y in pixels, z in pixels towards the back (smaller is nearer).
    Indices as in the canonical face mesh of MediaPipe."""
    pose: tuple[float, float, float]
    """yaw, pitch, roll in degrees; 0 looks into the camera."""
    score: float
    """0..1, how sure the detector is; 0 where a frame of a clip shows no face and the nearest frame's stands
    in."""


@dataclass(frozen=True, slots=True, eq=False)
class Portrait:
    """Whom we animate. One image is a photo, more are a clip that is looped back and forth."""

    images: NDArray[np.uint8]
    """uint8 (N, H, W, 3) RGB."""
    faces: tuple[Face, ...]
    """One for each image."""
    fps: float = 25.0
    """Frames a second of a clip; without meaning when N = 1."""

    @property
    def width(self) -> int:
        return int(self.images.shape[2])

    @property
    def height(self) -> int:
        return int(self.images.shape[1])


@dataclass(frozen=True, slots=True, eq=False)
class Track:
    """Curves that drive a face."""

    values: NDArray[np.float32]
    """float32 (T, C): one row a frame."""
    names: tuple[str, ...]
    """C names of the columns."""
    fps: int


@dataclass(frozen=True, slots=True, eq=False)
class Frames:
    """Moving pictures that can be read again and again without being held in memory."""

    width: int
    height: int
    fps: int
    count: int
    source: Callable[[], Iterator[Picture]] = field(repr=False)
    """Starts a new pass; yields exactly ``count`` pictures of (height, width, 3). A picture may be
    reused by the source after the next one was asked for: copy it to keep it."""

    def __iter__(self) -> Iterator[Picture]:
        return self.source()


# --- the plan ---------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Cue:
    """A mark of a shot at its frame."""

    frame: int
    mark: Mark


@dataclass(frozen=True, slots=True)
class View:
    """What of a picture stands still: layout, id of the slide or ``""``, builds of it that are seen, frame of
    its clip."""

    layout: str
    slide: str
    steps: int
    clip: int = 0


@dataclass(frozen=True, slots=True)
class Shot:
    """One piece of the video, in its own time: frame 0 is its first."""

    segment: str
    count: int
    """Frames, never 0."""
    layout: str
    slide: str
    """Id of the slide, or ``""``."""
    cues: tuple[Cue, ...] = ()
    captions: tuple[Span, ...] = ()
    """Seconds from the shot's start."""
    label: int = 0
    """So many frames from the start carry the label in full; after them the corner mark."""
    steps: int = 0
    """Builds of the slide already shown when the shot begins."""
    clip: int = 0
    """Frame of the slide's clip with which the shot begins."""
    point: str = ""
    """What is pointed at when the shot begins, or ``""``."""
    before: View | None = None
    """What was seen last, where the shot begins with another layout or slide; its transition begins there."""


@dataclass(frozen=True, slots=True)
class Plan:
    """The whole video as shots in order."""

    width: int
    height: int
    fps: int
    shots: tuple[Shot, ...]

    @property
    def count(self) -> int:
        """Frames of the whole video."""
        return sum(shot.count for shot in self.shots)

    def starts(self) -> tuple[int, ...]:
        """First frame of each shot."""
        out, at = [], 0
        for shot in self.shots:
            out.append(at)
            at += shot.count
        return tuple(out)


# --- people and results -----------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Consent:
    """Somebody's word that a voice or a face may be used; once it is ended, no name is kept of it."""

    id: str
    person: str
    scope: Literal["face", "voice", "both"]
    statement: str
    """sha256 of the statement that was agreed to."""
    level: int
    """1 = attested by the user; higher levels are checked."""
    given: str
    """ISO 8601 date and time, UTC."""
    expires: str | None = None
    revoked: str | None = None


@dataclass(frozen=True, slots=True)
class Voice:
    """A voice that can be asked for by name."""

    id: str
    name: str
    engine: str
    reference: str = ""
    """sha256 of what it was learnt from, or ``""`` for a built-in voice."""
    consent: str | None = None
    """Id of the consent; never None where a real person is behind it."""
    languages: tuple[str, ...] = ()
    """BCP 47 codes in which the person was recorded; empty for a built-in voice."""


@dataclass(frozen=True, slots=True)
class PortraitRecord:
    """A portrait that can be asked for by name."""

    id: str
    name: str
    reference: str
    """sha256 of the picture."""
    consent: str | None = None
    """Id of the consent; never None where a real person is behind it."""


@dataclass(frozen=True, slots=True)
class Video:
    """A finished file."""

    path: str
    digest: str
    """sha256 of the file."""
    seconds: float
    frames: int
    reused: int
    """Pieces taken from the store."""
    rendered: int
    """Pieces made anew."""
    spent: float
    """Wall-clock seconds of the render."""
    files: tuple[str, ...] = ()
    """Side-cars: captions, transcript."""
    credentials: str = ""
    """Name of the signed manifest in the file."""
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a render is."""

    stage: Literal["prepare", "speak", "draw", "join", "done"]
    done: float
    """0..1 of the whole."""
    left: float | None
    """Seconds that remain, or None while unknown."""
    message: str
    """In plain words, e.g. ``sentence 3 of 20``."""
    ready: tuple[str, ...] = ()
    """Paths of the finished pieces from the beginning of the video on, as far as none is missing."""
    count: int = 0
    """How many pieces the video will have."""
