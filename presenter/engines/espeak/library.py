"""The library espeak-ng (``speak_lib.h``) through ctypes, out of a Python wheel.

It is one big global state: the phase of the pitch's flutter, for one, runs on from call to call. It
is therefore loaded afresh for every text, which takes less than a millisecond, and its noise is
seeded: equal arguments give equal samples, whatever was spoken before.
"""

from __future__ import annotations

import _ctypes
import ctypes
import functools
import re
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple

import espeakng_loader
import numpy as np

from presenter import interrupts
from presenter.errors import InputError, SetupError, WorkError
from presenter.text import name as language_name
from presenter.types import Samples

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

_LIST_TERMINATED, WORD, PHONEME = 0, 1, 7
_SYNCHRONOUS = 2
_PHONEME_EVENTS, _PHONEME_IPA, _DONT_EXIT = 1, 2, 0x8000
_CHARS_UTF8, _PHONEMES, _END_PAUSE = 1, 0x100, 0x1000
RATE, VOLUME, PITCH, RANGE, PUNCTUATION, CAPITALS, WORD_GAP = range(1, 8)

VOWEL = 2
"""Kind of phoneme."""


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


class Heard(NamedTuple):
    """An event of the library."""

    type: int
    start: float
    """Seconds."""
    at: int
    """Character of the text that was sent, from 0."""
    length: int
    """Characters."""
    label: str
    """IPA of a phoneme."""


_lock = threading.Lock()


@contextmanager
def loaded() -> Iterator[tuple[Any, int]]:
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
def voices() -> dict[str, str]:
    """Language tag in lower case -> the library's identifier, for languages that have a dictionary."""
    found: dict[str, str] = {}
    data = Path(str(espeakng_loader.get_data_path()))
    with loaded() as (library, _):
        rows = library.espeak_ListVoices(None)
        index = 0
        while rows[index]:
            voice = rows[index].contents
            index += 1
            # The first byte is a priority, then comes the tag.
            tag = ctypes.string_at(voice.languages + 1).decode().lower()
            identifier = voice.identifier.decode()
            usual = identifier.rpartition("/")[2].split("-")[0]
            dictionary = next(iter(_described(identifier, "dictionary")), usual)
            if tag not in _NOT_BCP_47 and "-x-" not in tag and (data / f"{dictionary}_dict").exists():
                found.setdefault(tag, identifier)
    return found


def _described(voice: str, attribute: str) -> list[str]:
    """The values of an attribute in the file that describes a voice."""
    file = Path(str(espeakng_loader.get_data_path())) / "lang" / voice
    text = file.read_text(encoding="utf-8", errors="replace") if file.is_file() else ""
    return re.findall(rf"^{attribute}\s+(\S+)", text, re.M)


@functools.lru_cache(maxsize=1)
def variants() -> frozenset[str]:
    """Names of the voice variants; the library takes any other name and says nothing."""
    folder = Path(str(espeakng_loader.get_data_path())) / "voices" / "!v"
    return frozenset(file.name for file in folder.iterdir())


def resolve(language: str) -> str:
    """The library's voice for a BCP 47 tag, or for the nearest tag of the same language."""
    known = voices()
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


def _event(event: Any, rate: int) -> Heard:
    label = ""
    if event.type == PHONEME:
        # Eight bytes, without an end where it is full: a last letter that was cut is left out.
        label = bytes(event.id.string).decode("utf-8", "ignore")
    return Heard(event.type, event.sample / rate, max(0, event.text_position - 1), event.length, label)


def synthesize(
    text: str, voice: str, parameters: Mapping[int, float], *, seed: int = 0, phonemes: bool = False
) -> tuple[Samples, int, list[Heard]]:
    """Sound float32 (N,), its rate (Hz), and the library's events in order.

    Args:
        text: may hold embedded commands: 0x01, a number and a letter (``\\x01120S`` is 120 words a minute).
        voice: identifier of a voice, and ``+`` and a variant.
        parameters: ``RATE`` and its like -> value.
        seed: of the noise in breathy voices.
        phonemes: whether what stands in ``[[...]]`` are mnemonics of phonemes.
    """
    chunks: list[Samples] = []
    heard: list[Heard] = []
    with loaded() as (library, rate):

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
        if library.espeak_SetVoiceByName(voice.encode()) != 0:
            raise WorkError("E-VOICE-ENGINE", "The embedded voice could not be set.", "Try again.")
        for parameter, value in parameters.items():
            library.espeak_SetParameter(parameter, round(value), 0)
        data = text.encode() + b"\0"
        flags = _CHARS_UTF8 | _END_PAUSE | (_PHONEMES if phonemes else 0)
        with interrupts.held():
            failed = library.espeak_Synth(data, len(data), 0, 1, 0, flags, None, None)
            library.espeak_Synchronize()
        if failed:
            raise WorkError("E-VOICE-ENGINE", "The embedded voice gave no sound.", "Try again.")
    samples = np.concatenate(chunks) if chunks else np.zeros(0, np.float32)
    return samples, rate, heard


def _labels(voice: str, texts: Sequence[str], flags: int) -> list[list[str]]:
    """IPA of what is said for each text, without stress."""
    said: list[list[str]] = []
    heard: list[str] = []
    with loaded() as (library, rate):

        def receive(_pointer: Any, _count: int, events: Any) -> int:
            index = 0
            while events[index].type != _LIST_TERMINATED:
                if events[index].type == PHONEME:
                    heard.append(_event(events[index], rate).label.strip("ˈˌ"))
                index += 1
            return 0

        callback = _Callback(receive)
        library.espeak_SetSynthCallback(callback)
        library.espeak_SetVoiceByName(voice.encode())
        library.espeak_SetParameter(RATE, 449, 0)
        with interrupts.held():
            for text in texts:
                heard.clear()
                data = text.encode() + b"\0"
                library.espeak_Synth(data, len(data), 0, 1, 0, _CHARS_UTF8 | flags, None, None)
                library.espeak_Synchronize()
                said.append([label for label in heard if label])
    return said


def labels(voice: str, phonemes: Mapping[str, int]) -> dict[str, str]:
    """Mnemonic of a phoneme -> its IPA in a voice, without stress; those that are no sound are left out.

    Args:
        voice: identifier of a voice.
        phonemes: mnemonic, e.g. ``tS``, and kind, as from ``phoneme_table``.
    """
    # At a word's end a consonant can lose its voice and a vowel can change: each is asked for inside one.
    asked = [f"[[f|{name}|f]]" if kind == VOWEL else f"[[{name}|a]]" for name, kind in phonemes.items()]
    found: dict[str, str] = {}
    for (name, kind), said in zip(phonemes.items(), _labels(voice, asked, _PHONEMES), strict=True):
        vowel = kind == VOWEL
        if len(said) == (3 if vowel else 2):
            found[name] = said[vowel]
    return found


def read(text: str, voice: str) -> list[str]:
    """IPA of the phonemes that a voice says for a text, without stress."""
    return _labels(voice, [text], 0)[0]


def phoneme_table(voice: str) -> dict[str, int]:
    """The phonemes of a voice, its own before those that it shares: mnemonic and kind (``VOWEL``, or 3 to 8
    for consonants), as the file ``phontab`` lists them (``espeak-ng/src/libespeak-ng/phoneme.h``)."""
    raw = (Path(str(espeakng_loader.get_data_path())) / "phontab").read_bytes()
    tables: list[tuple[str, int, list[tuple[str, int]]]] = []
    at = 4
    for _ in range(raw[0]):
        count, shared = raw[at], raw[at + 1]
        name = raw[at + 4 : at + 36].split(b"\0")[0].decode()
        at += 36
        rows = [raw[at + 16 * row : at + 16 * row + 16] for row in range(count)]
        tables.append((name, shared, [(row[:4].rstrip(b"\0").decode("latin-1"), row[11]) for row in rows]))
        at += 16 * count
    names = [*_described(voice, "phonemes"), voice.rpartition("/")[2], *_described(voice, "language")]
    numbers = {table[0]: number for number, table in enumerate(tables, 1)}
    number = next((numbers[name] for name in names if name in numbers), numbers["base1"])
    found: dict[str, int] = {}
    while number:
        _, number, rows_of = tables[number - 1]
        for mnemonic, kind in rows_of:
            if mnemonic and VOWEL <= kind <= 8:
                found.setdefault(mnemonic, kind)
    return found
