"""IPA and respellings as the mnemonics of phonemes that espeak-ng takes between ``[[`` and ``]]``.

Which mnemonic gives which sound depends on the language; the library itself is asked, so what is
written in IPA comes back in IPA as the phonemes of the timing. A sound that the language lacks is
replaced by its nearest.
"""

from __future__ import annotations

import functools
import unicodedata
from collections.abc import Mapping
from typing import TypeAlias

from presenter.engines.espeak import library
from presenter.engines.espeak.timing import clean

_NEAREST = {
    "a": "ɑ ɐ æ ʌ aː ɑː", "aː": "ɑː a", "ɐ": "ʌ a ə", "ɑ": "ɑː a ɐ", "ɑː": "aː a ɑ", "ɒ": "ɔ ɑː ɑ o",
    "æ": "a ɛ", "ʌ": "ɐ a ə", "e": "eː ɛ eɪ", "eː": "e eɪ ɛː ɛ", "ɛ": "e æ", "ɛː": "ɛ eː", "ə": "ɐ ɛ e a",
    "ɘ": "ə ɪ", "ɜ": "ɜː ə ɛ", "ɜː": "ɜ œː œ ə", "ɚ": "ɜː əɹ ə", "ɝ": "ɜː ɚ", "ɪ": "i iː", "i": "iː ɪ",
    "iː": "i ɪ", "ɨ": "ɪ i", "o": "oː ɔ oʊ", "oː": "o oʊ ɔː", "ɔ": "ɔː o ɒ", "ɔː": "ɔ oː o", "ɵ": "ʊ o",
    "ø": "øː œ ɜː e", "øː": "ø œ ɜː eː", "œ": "ø ɜː ɛ", "œː": "œ øː ɜː", "ʊ": "u uː", "u": "uː ʊ",
    "uː": "u ʊ", "ʉ": "u uː", "ʉː": "uː u", "ɯ": "u ɨ", "ɤ": "ə o", "y": "yː ʏ i iː", "yː": "y iː i",
    "ʏ": "y yː ɪ i", "eɪ": "ei eː e", "aɪ": "ai aj", "ɔɪ": "ɔø oi ɔj", "oʊ": "əʊ ou o", "əʊ": "oʊ ou o",
    "aʊ": "au aw", "ɪə": "iə iːə", "eə": "ɛə ɛː", "ʊə": "uːə",
    "ɹ": "r ɾ ʁ", "r": "ɹ ɾ ʁ", "ɾ": "r ɹ", "ʁ": "r ɹ x", "ʀ": "ʁ r ɹ", "ɻ": "ɹ r", "ɽ": "ɾ r ɹ", "ɫ": "l",
    "ɬ": "l", "ɭ": "l", "ʎ": "lj", "ɲ": "nj", "ŋ": "n", "ɳ": "n", "ɱ": "m", "θ": "s t", "ð": "d z", "ʃ": "s",
    "ʒ": "ʃ z", "ʂ": "ʃ s", "ʐ": "ʒ z", "ɕ": "ʃ s", "ʑ": "ʒ z", "ç": "ʃ x h", "x": "χ h k", "χ": "x h k",
    "ɣ": "ɡ x", "h": "x", "ɦ": "h", "ħ": "h", "ʕ": "a", "β": "b v", "v": "ʋ w b", "ʋ": "v w", "w": "ʋ v u",
    "ɥ": "w j", "j": "i", "ʝ": "j", "c": "k", "ɟ": "ɡ", "q": "k", "ɢ": "ɡ", "ʈ": "t", "ɖ": "d", "ɡ": "k",
    "z": "s", "f": "p", "tʃ": "tɕ tʂ", "dʒ": "dʑ", "ts": "tθ", "b": "p", "d": "t",
}  # fmt: skip
"""A sound -> what comes nearest to it, best first; several sounds written together are said in turn."""
_STRESS = {"ˈ": "'", "ˌ": ","}
_FRAGILE = frozenset({"esx/kl"})
"""Voices in which the library fails on some of its own phonemes: there words are said as written."""
_LONGEST = 4
"""Characters of the longest IPA label."""

_Sounds: TypeAlias = Mapping[str, tuple[str, bool]]
"""IPA -> the mnemonic, and whether it is a vowel."""


@functools.lru_cache(maxsize=32)
def _sounds(voice: str) -> _Sounds:
    """What one of the library's voices can say."""
    if voice in _FRAGILE:
        return {}
    kinds = library.phoneme_table(voice)
    found: dict[str, tuple[str, bool]] = {}
    # Where several give one sound, the plain one is meant: t rather than t#, which is flapped.
    for mnemonic, label in sorted(library.labels(voice, kinds).items(), key=lambda row: _oddity(row[0])):
        found.setdefault(_plain(clean(label)), (mnemonic, kinds[mnemonic] == library.VOWEL))
    found.pop("", None)
    return found


def _oddity(mnemonic: str) -> int:
    return sum(char in '#/^;."-2' for char in mnemonic)


def mnemonics(sound: str, voice: str) -> str:
    """What to write between ``[[`` and ``]]``; ``""`` where nothing of it can be said.

    Args:
        sound: IPA between slashes, or a respelling such as ``tuh-MAY-toe``.
        voice: identifier of one of the library's voices.
    """
    ipa = sound.strip("/") if sound.startswith("/") else _respelled(sound, voice)
    words = [_word(word, voice) for word in ipa.split()]
    return "||".join(word for word in words if word)


def _word(ipa: str, voice: str) -> str:
    known = _sounds(voice)
    ipa = _plain(ipa)
    out: list[str] = []
    stress, at = "", 0
    while at < len(ipa):
        if ipa[at] in _STRESS:
            stress, at = _STRESS[ipa[at]], at + 1
            continue
        found, size = _next(ipa, at, known)
        at += size
        for mnemonic, vowel in found:
            # The library wants the stress before the vowel; IPA writes it before the syllable.
            out.append(stress + mnemonic if vowel else mnemonic)
            stress = "" if vowel else stress
    return "|".join(out)


def _plain(ipa: str) -> str:
    """One spelling for each sound: no ties, nasal vowels with a tilde of their own."""
    ipa = "".join(
        char if char == "ç" else unicodedata.normalize("NFD", char)
        for char in unicodedata.normalize("NFC", ipa)
    )
    for written, plain in (("\u0361", ""), ("\u035c", ""), ("g", "ɡ"), (":", "ː"), ("'", "ˈ")):
        ipa = ipa.replace(written, plain)
    return ipa


def _next(ipa: str, at: int, known: _Sounds) -> tuple[list[tuple[str, bool]], int]:
    """What is said for the longest sound that begins there, and its characters; nothing for what is no
    sound of its own: tones, dots, signs of voicing and the like."""
    for size in range(min(_LONGEST, len(ipa) - at), 0, -1):
        sound = ipa[at : at + size]
        for candidate in (sound, *_NEAREST.get(sound, "").split()):
            if candidate in known:
                return [known[candidate]], size
            # Sounds in turn: a nearest one may be written as two.
            if candidate != sound and all(char in known for char in candidate):
                return [known[char] for char in candidate], size
    return [], 1


def _respelled(respelling: str, voice: str) -> str:
    """IPA of a respelling: each syllable as the language would read it, stressed where it is in capitals."""
    words = []
    for word in respelling.split():
        syllables = []
        for syllable in word.split("-"):
            said = "".join(library.read(syllable.lower(), voice))
            stressed = syllable.isupper()
            # Without stress an open mid vowel is heard as schwa.
            syllables.append("ˈ" + said if stressed else said.replace("ʌ", "ə"))
        words.append("".join(syllables))
    return " ".join(words)
