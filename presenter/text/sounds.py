"""How somebody writes that a word is to be said: plain words, a respelling, or IPA."""

from __future__ import annotations

import re
import unicodedata

LONGEST = 120
"""Characters of what is said for one word."""

_IPA = re.compile(r"/[^/]+/")
_RESPELLING = re.compile(r"(?=.*-)(?=.*[^\W\d_a-z])(?:[^\W\d_]+|[ '-])+")
_LETTERS = frozenset(
    "abcdefghijklmnopqrstuvwxyzæçðøħŋœɐɑɒɓɔɕɖɗɘəɚɛɜɝɞɟɠɡɢɣɤɥɦɧɨɪɫɬɭɮɯɰɱɲɳɴɵɶɸɹɺɻɽɾʀʁʂʃʄʈʉʊʋʌʍʎʏʐʑʒʔʕʘʙʛʜʝʟʡʢ"
    "βθχǀǁǂǃ"
)
"""Letters of the International Phonetic Alphabet (chart of 2020)."""
_SIGNS = frozenset("ˈˌːˑ.|‖‿ʼʰʱʲʷˠˤⁿˡʴ˞˥˦˧˨˩' :-")
"""Stress, length, syllables, secondary articulation, tones."""


def is_ipa(say: str) -> bool:
    """Whether it is IPA between slashes, such as ``/təˈmeɪtoʊ/``."""
    return _IPA.fullmatch(say) is not None


def is_respelling(say: str) -> bool:
    """Whether it is syllables with hyphens, the stressed ones in capitals, such as ``tuh-MAY-toe``."""
    if not _RESPELLING.fullmatch(say):
        return False
    syllables = re.findall(r"[^\W\d_]+", say)
    stressed = [syllable for syllable in syllables if syllable.isupper()]
    return 0 < len(stressed) < len(syllables) and all(map(_is_syllable, syllables))


def _is_syllable(letters: str) -> bool:
    return letters.isupper() or letters.islower()


def spoken(say: str, written: str) -> tuple[str, str]:
    """What stands in the spoken text, and the sound that goes before it where an engine can make it.

    Args:
        say: plain words, a respelling or IPA.
        written: the word as it is written; it is said by an engine that cannot read IPA.
    """
    if is_ipa(say):
        return written, say
    if is_respelling(say):
        return say.lower(), say
    return say, ""


def unsayable(say: str) -> str:
    """What is wrong with it, in plain words for the middle of a sentence; ``""`` where nothing is."""
    if len(say) > LONGEST:
        return f"has {len(say)} characters; the limit is {LONGEST}"
    if say.startswith("/") and not is_ipa(say):
        return "has to stand between two slashes to be IPA"
    if is_ipa(say):
        strange = [char for char in say[1:-1] if not _is_phonetic(char)]
        if strange:
            return f'holds "{strange[0]}", which is no sign of the IPA'
        if not any(char in _LETTERS for char in unicodedata.normalize("NFD", say)):
            return "holds no sound"
    return ""


def _is_phonetic(char: str) -> bool:
    plain = unicodedata.normalize("NFD", char)
    return (
        all(one in _LETTERS or one in _SIGNS or unicodedata.combining(one) for one in plain)
        or char in _LETTERS
    )
