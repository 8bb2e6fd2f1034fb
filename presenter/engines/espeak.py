"""The embedded voice: espeak-ng inside the process, its library and data out of a Python wheel.

The interface is that of ``speak_lib.h``. The library is one big global state: the phase of the
pitch's flutter, for one, runs on from call to call. It is therefore loaded afresh for every text,
which takes less than a millisecond, and its noise is seeded: equal arguments give equal samples,
whatever was spoken before.
"""

from __future__ import annotations

import _ctypes
import ctypes
import functools
import threading
import unicodedata
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import espeakng_loader
import numpy as np

from presenter import interrupts
from presenter.engines import Recording
from presenter.errors import InputError, SetupError, WorkError
from presenter.text import canonical, words
from presenter.text import name as language_name
from presenter.types import Arrays, Samples, Span, Style, Timing, Wave

PACE = 156.0
"""Words a minute where a voice names no pace of its own: calm explaining; news are read at 170."""
STRETCH = 1.5
"""Factor on espeak-ng's pauses of 0.15 s at a comma and 0.3 s at a full stop, too short to follow."""
SHORTEST_PAUSE = 0.1
"""Silences between phonemes from this length on are pauses (s); shorter ones are closures of stops."""
TAIL = 0.05
"""Silence that stays after the last sound (s)."""
NOTHING = 0.2
"""Length of the silence that stands for a text without any sound, such as an ellipsis (s)."""
_PITCH_STEP = 5.0
"""Steps of the library's pitch (0 to 99, usually 50) in a semitone, measured together with the range."""
_HEADROOM = 80.0
"""Volume in percent: at 100 the loudest variants clip."""
_QUIET = 0.011
"""Level below which sound counts as the closure of a stop: some variants echo or breathe in there."""
_FRAME = 0.005
"""Stretch over which that level is taken (s)."""
_LONGEST_CLOSURE = 0.15
_STOPS = frozenset("pbtdkgɡqcɟʈɖʔɢɓɗɠʛʄ")

# --- languages ---

_ALIASES = {
    "en": "en-us", "en-ca": "en-us", "en-ph": "en-us", "fr": "fr-fr", "zh": "cmn", "zh-hk": "yue",
    "zh-mo": "yue", "zh-yue": "yue", "no": "nb", "nn": "nb", "sh": "hr", "iw": "he", "tl": "fil", "mo": "ro",
    **{f"es-{region}": "es-419" for region in (
        "ar", "bo", "cl", "co", "cr", "cu", "do", "ec", "gt", "hn", "mx", "ni", "pa", "pe", "pr", "py",
        "sv", "us", "uy", "ve")},
    **{f"en-{region}": "en-gb" for region in ("au", "ie", "in", "nz", "za")},
}  # fmt: skip
"""BCP 47 tags whose voice has another name in espeak-ng, in lower case."""
_NOT_BCP_47 = frozenset(
    {
        "piqd",
        "py",
        "qdb",
        "xex",
        "fa-latn",
        "cmn-latn-pinyin",
        "ca-ba",
        "ca-nw",
        "ca-va",
        "ru-cl",
        "en-us-nyc",
    }
)
"""Voices of scripts, tests and inventions that are no registered languages."""
_FIRST = ("en", "de", "es", "fr", "hi", "it", "pt", "cmn")


# --- speak_lib.h ---

_LIST_TERMINATED, _WORD, _END, _PHONEME = 0, 1, 5, 7
_SYNCHRONOUS = 2
_PHONEME_EVENTS, _PHONEME_IPA, _DONT_EXIT = 1, 2, 0x8000
_CHARS_UTF8, _END_PAUSE = 1, 0x1000
_RATE, _VOLUME, _PITCH, _RANGE, _PUNCTUATION, _CAPITALS, _WORD_GAP = range(1, 8)


class _Id(ctypes.Union):
    _fields_ = (("number", ctypes.c_int), ("name", ctypes.c_char_p), ("string", ctypes.c_char * 8))


class _Event(ctypes.Structure):
    _fields_ = (
        ("type", ctypes.c_int),
        ("identifier", ctypes.c_uint),
        ("text_position", ctypes.c_int),
        ("length", ctypes.c_int),
        ("audio_position", ctypes.c_int),
        ("sample", ctypes.c_int),
        ("user_data", ctypes.c_void_p),
        ("id", _Id),
    )


class _Voice(ctypes.Structure):
    _fields_ = (
        ("name", ctypes.c_char_p),
        ("languages", ctypes.c_void_p),
        ("identifier", ctypes.c_char_p),
        ("rest", ctypes.c_ubyte * 24),
    )


_Callback = ctypes.CFUNCTYPE(
    ctypes.c_int, ctypes.POINTER(ctypes.c_short), ctypes.c_int, ctypes.POINTER(_Event)
)


class _Heard(NamedTuple):
    """An event of the library."""

    type: int
    start: float
    """Seconds."""
    at: int
    """Character of the text, from 0."""
    length: int
    """Characters."""
    label: str


_lock = threading.Lock()


@contextmanager
def _library() -> Iterator[tuple[Any, int]]:
    """The library in its first state and its rate (Hz); one user at a time."""
    with _lock:
        library = ctypes.CDLL(str(espeakng_loader.get_library_path()))
        library.espeak_ListVoices.restype = ctypes.POINTER(ctypes.POINTER(_Voice))
        library.espeak_Synth.argtypes = [
            ctypes.c_char_p, ctypes.c_size_t, ctypes.c_uint, ctypes.c_int, ctypes.c_uint, ctypes.c_uint,
            ctypes.c_void_p, ctypes.c_void_p,
        ]  # fmt: skip
        try:
            data = str(espeakng_loader.get_data_path()).encode()
            rate = library.espeak_Initialize(
                _SYNCHRONOUS, 0, data, _PHONEME_EVENTS | _PHONEME_IPA | _DONT_EXIT
            )
            if rate <= 0:
                raise SetupError(
                    "E-ENGINE-BROKEN", "The embedded voice does not start: its data is incomplete.",
                    "Install it again: pip install --force-reinstall espeakng-loader.", "speaker",
                )  # fmt: skip
            yield library, rate
        finally:
            library.espeak_Terminate()
            unload = getattr(_ctypes, "dlclose", None) or getattr(_ctypes, "FreeLibrary")  # noqa: B009
            unload(library._handle)


@functools.lru_cache(maxsize=1)
def _voices() -> dict[str, str]:
    """Language tag in lower case -> the library's identifier, for languages that have a dictionary."""
    found: dict[str, str] = {}
    data = Path(str(espeakng_loader.get_data_path()))
    with _library() as (library, _):
        rows = library.espeak_ListVoices(None)
        index = 0
        while rows[index]:
            voice = rows[index].contents
            index += 1
            # The first byte is a priority, then comes the tag.
            tag = ctypes.string_at(voice.languages + 1).decode().lower()
            identifier = voice.identifier.decode()
            dictionary = identifier.rpartition("/")[2].split("-")[0]
            if tag not in _NOT_BCP_47 and "-x-" not in tag and (data / f"{dictionary}_dict").exists():
                found.setdefault(tag, identifier)
    return found


@functools.lru_cache(maxsize=1)
def _variants() -> frozenset[str]:
    """Names of the voice variants; the library takes any other name and says nothing."""
    folder = Path(str(espeakng_loader.get_data_path())) / "voices" / "!v"
    return frozenset(file.name for file in folder.iterdir())


def _resolve(language: str) -> str:
    """The library's voice for a BCP 47 tag, or for the nearest tag of the same language."""
    known = _voices()
    tag = language.replace("_", "-").lower()
    parts = tag.split("-")
    for count in range(len(parts), 0, -1):
        shorter = "-".join(parts[:count])
        for candidate in (_ALIASES.get(shorter), shorter):
            if candidate in known:
                return known[candidate]
    for candidate, identifier in known.items():
        if candidate.split("-")[0] == parts[0]:
            return identifier
    names = ", ".join(language_name(code) for code in _FIRST)
    raise InputError(
        "E-SCRIPT-LANG",
        f"The embedded voice cannot speak {language_name(language)}.",
        f"Supported are {names} and {len({code.split('-')[0] for code in known}) - len(_FIRST)} more.",
        "language",
    )


# --- the engine ---


class Espeak:
    """espeak-ng: formant synthesis, over 100 languages, hundreds of times faster than real time.

    A voice is a few small arrays, all optional: ``variant`` (the name of one of the library's
    voice variants), ``pitch`` (semitones), ``liveliness`` (factor on the range of the intonation),
    ``pace`` (words a minute).
    """

    def __init__(self) -> None:
        _voices()

    def languages(self) -> tuple[str, ...]:
        """BCP 47 codes it can speak, sorted."""
        bases = {tag.split("-")[0] for tag in _voices()} | {"zh", "no", "nn"}
        return tuple(sorted({canonical(tag) or tag for tag in _voices()} | bases))

    def study(self, references: Sequence[Recording]) -> Arrays:
        """Has nothing to learn.

        Raises:
            InputError: ``E-VOICE-CLONE`` when there are recordings to learn from.
        """
        if references:
            raise InputError(
                "E-VOICE-CLONE", "The embedded voice cannot learn from recordings.",
                "Choose one of its own voices, or another voice engine.", "voice",
            )  # fmt: skip
        return {}

    def speak(
        self,
        text: str,
        language: str,
        voice: Arrays,
        *,
        style: Style,
        seed: int = 0,
    ) -> tuple[Wave, Timing]:
        """Say ``text``; ``seed`` is that of the noise in breathy voices.

        Returns:
            Sound at 22 050 Hz that begins within 0.1 s and ends 0.05 s after the last sound, and its
            timing: words as substrings of ``text``, phonemes in IPA with stress marks, gapless.

        Raises:
            InputError: ``E-SCRIPT-LANG`` for a language it cannot speak.
        """
        # Characters that cannot be spoken become spaces, so that the others keep their places.
        text = "".join(" " if unicodedata.category(char)[0] == "C" else char for char in text)
        identifier = _resolve(language)
        if identifier == "jpx/ja":
            _check_kana(text)
        samples, rate, heard = _synthesize(text, identifier, voice, style, seed)
        phonemes = _phonemes(heard, samples, rate)
        # The library reads lone punctuation out by its name.
        sayable = any(unicodedata.category(char)[0] in "LNS" for char in text)
        if not sayable or all(not span.label for span in phonemes):
            silence = np.zeros(round(NOTHING * rate), np.float32)
            return Wave(silence, rate), Timing((), (Span("", 0.0, len(silence) / rate),))
        timing = Timing(_words(text, heard, phonemes), phonemes)
        samples, timing = _breathe(samples, rate, timing)
        return Wave(samples, rate), timing


def _check_kana(text: str) -> None:
    ideographs = [char for char in text if "CJK UNIFIED" in unicodedata.name(char, "")]
    if ideographs:
        raise InputError(
            "E-SCRIPT-LANG",
            f"The embedded voice reads Japanese in kana only; the text has {''.join(ideographs[:5])}.",
            "Write it in kana, or choose another voice engine.",
            "script",
        )


def _number(voice: Arrays, name: str, default: float) -> float:
    return float(np.asarray(voice[name], np.float64)) if name in voice else default


def _synthesize(
    text: str, identifier: str, voice: Arrays, style: Style, seed: int = 0
) -> tuple[Samples, int, list[_Heard]]:
    """Sound (N,) float32, its rate (Hz), and the library's events in order."""
    variant = str(voice["variant"]) if "variant" in voice else ""
    if variant and variant not in _variants():
        raise InputError(
            "E-VOICE-NAME",
            f'The embedded voice has no variant "{variant}".',
            "Choose another voice.",
            "voice",
        )
    name = f"{identifier}+{variant}" if variant else identifier
    semitones = style.pitch + _number(voice, "pitch", 0.0)
    lively = style.liveliness * _number(voice, "liveliness", 1.0)
    parameters = {
        _RATE: min(max(style.speed * _number(voice, "pace", PACE), 80.0), 449.0),
        _PITCH: min(max(50.0 + semitones * _PITCH_STEP, 0.0), 99.0),
        # The range is in Hz: it grows with the pitch so that it stays the same in semitones.
        _RANGE: min(max(50.0 * lively * 2.0 ** (semitones / 12.0), 0.0), 99.0),
        _VOLUME: _HEADROOM, _PUNCTUATION: 0.0, _CAPITALS: 0.0, _WORD_GAP: 0.0,
    }  # fmt: skip
    chunks: list[Samples] = []
    heard: list[_Heard] = []
    with _library() as (library, rate):

        def receive(pointer: Any, count: int, events: Any) -> int:
            if count > 0 and pointer:
                part = np.ctypeslib.as_array(pointer, (count,)).astype(np.float32)
                chunks.append(part / np.float32(32768))
            index = 0
            while events[index].type != _LIST_TERMINATED:
                heard.append(_event(events[index], rate))
                index += 1
            return 0

        # It seeds the C library's noise by the clock when it starts.
        library.espeak_ng_SetRandSeed(ctypes.c_long(seed))
        callback = _Callback(receive)
        library.espeak_SetSynthCallback(callback)
        if library.espeak_SetVoiceByName(name.encode()) != 0:
            raise WorkError("E-VOICE-ENGINE", "The embedded voice could not be set.", "Try again.")
        for parameter, value in parameters.items():
            library.espeak_SetParameter(parameter, round(value), 0)
        data = text.encode() + b"\0"
        with interrupts.held():
            failed = library.espeak_Synth(data, len(data), 0, 1, 0, _CHARS_UTF8 | _END_PAUSE, None, None)
            library.espeak_Synchronize()
        if failed:
            raise WorkError("E-VOICE-ENGINE", "The embedded voice gave no sound.", "Try again.")
    samples = np.concatenate(chunks) if chunks else np.zeros(0, np.float32)
    return samples, rate, heard


def _event(event: Any, rate: int) -> _Heard:
    label = ""
    if event.type == _PHONEME:
        # Eight bytes, without an end where it is full: a last letter that was cut is left out.
        label = bytes(event.id.string).decode("utf-8", "ignore")
    return _Heard(event.type, event.sample / rate, max(0, event.text_position - 1), event.length, label)


# --- timing ---


def _clean(label: str) -> str:
    """IPA of one phoneme; markers of a change of language, such as ``(en)``, are no sound."""
    if label.startswith("("):
        return ""
    return "".join(char for char in label if not char.isdigit() and char not in "#`").replace("?", "ʔ")


def _phonemes(heard: Sequence[_Heard], samples: Samples, rate: int) -> tuple[Span, ...]:
    """Gapless spans from 0 to the end; closures belong to their stops, ``""`` is a pause."""
    end = len(samples) / rate
    events = [event for event in heard if event.type == _PHONEME and event.start <= end]
    marks: list[tuple[str, float]] = [("", 0.0)]
    for index, event in enumerate(events):
        label, start = _clean(event.label), event.start
        until = events[index + 1].start if index + 1 < len(events) else end
        if not label and until - start < SHORTEST_PAUSE:
            continue  # a tone, a glide or a closure: the phoneme before it goes on
        if label.lstrip("ˈˌ")[:1] in _STOPS:
            start = _closure(samples, rate, marks[-1][1], start)
        if label == marks[-1][0] == "":
            continue
        if start <= marks[-1][1]:
            marks.pop()  # it had no length of its own
        marks.append((label, start))
    ends = [start for _, start in marks[1:]] + [end]
    return tuple(
        Span(label, start, stop) for (label, start), stop in zip(marks, ends, strict=True) if stop > start
    )


def _closure(samples: Samples, rate: int, earliest: float, release: float) -> float:
    """Where the silence before a stop's release begins: the library marks the release alone."""
    frame = round(_FRAME * rate)
    end = round(release * rate)
    count = int(min(release - earliest, _LONGEST_CLOSURE) / _FRAME)
    if count < 1:
        return release
    before = samples[end - count * frame : end].reshape(count, frame)
    loud = np.flatnonzero(np.sqrt((before**2).mean(axis=1)) > _QUIET)
    quiet = count - 1 - int(loud[-1]) if len(loud) else count
    if quiet == count:
        # Silence all the way is a pause; half of what a closure can take is enough of it.
        quiet = min(count, round(_LONGEST_CLOSURE / 2 / _FRAME))
    return release - quiet * frame / rate


def _words(text: str, heard: Sequence[_Heard], phonemes: Sequence[Span]) -> tuple[Span, ...]:
    """The text's words with the time from their first sound to the next word or pause."""
    events = [(event.at, event.start) for event in heard if event.type == _WORD]
    spans = words(text)
    if not spans:
        return ()
    starts: list[float | None] = []
    for begin, end in spans:
        inside = [_snap(start, phonemes) for at, start in events if begin <= at < end]
        starts.append(min(inside) if inside else None)
    last = max(span.end for span in phonemes if span.label)
    times = _filled(starts, spans, last)
    pauses = [span.start for span in phonemes if not span.label]
    found = []
    for (begin, end), start, following in zip(spans, times, [*times[1:], last], strict=True):
        stop = min([pause for pause in pauses if pause > start] + [following])
        found.append(Span(text[begin:end], start, max(start, stop)))
    return tuple(found)


def _snap(start: float, phonemes: Sequence[Span]) -> float:
    """The start of the phoneme that a word begins with: its mark is a little before or after it."""
    sounds = [span.start for span in phonemes if span.label]
    nearest = min(sounds, key=lambda sound: abs(sound - start), default=start)
    return nearest if abs(nearest - start) < _LONGEST_CLOSURE / 2 else start


def _filled(starts: Sequence[float | None], spans: Sequence[tuple[int, int]], end: float) -> list[float]:
    """Starts in order; words that the library spoke together with others share the time by length."""
    rows = zip(spans, starts, strict=True)
    known = [(begin, start) for (begin, _), start in rows if start is not None and start < end]
    if not known or known[0][0] > spans[0][0]:
        known.insert(0, (spans[0][0], 0.0))
    axis = [begin for begin, _ in known] + [spans[-1][1]]
    times = np.maximum.accumulate([start for _, start in known] + [end])
    return [float(value) for value in np.interp([begin for begin, _ in spans], axis, times)]


def _breathe(samples: Samples, rate: int, timing: Timing) -> tuple[Samples, Timing]:
    """Longer pauses inside, a short one at the end, none at the start."""
    spans = list(timing.phonemes)
    lead = spans[0].end if not spans[0].label else 0.0
    lead = max(0.0, lead - TAIL)
    last = spans[-1].start + TAIL if not spans[-1].label else spans[-1].end
    stop = min(round(last * rate), len(samples))
    pieces: list[Samples] = []
    cuts: list[tuple[float, float]] = []
    at = round(lead * rate)
    for span in spans[1:-1]:
        if not span.label and span.end - span.start >= SHORTEST_PAUSE:
            middle = round((span.start + span.end) / 2 * rate)
            more = round((span.end - span.start) * (STRETCH - 1) * rate)
            pieces += [samples[at:middle], np.zeros(more, np.float32)]
            cuts.append((middle / rate, more / rate))
            at = middle
    out = np.concatenate([*pieces, samples[at:stop]]).astype(np.float32)
    total = len(out) / rate

    def moved(time: float) -> float:
        later = time - lead + sum(more for cut, more in cuts if cut <= time)
        return min(max(later, 0.0), total)

    def carried(row: Sequence[Span]) -> tuple[Span, ...]:
        return tuple(Span(span.label, moved(span.start), moved(span.end)) for span in row)

    phonemes = [span for span in carried(spans) if span.end > span.start]
    phonemes[-1] = Span(phonemes[-1].label, phonemes[-1].start, total)
    return out, Timing(carried(timing.words), tuple(phonemes))
