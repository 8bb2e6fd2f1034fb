"""Text as people write it: cleaned, cut into sentences and words, recognised, and read for speaking.

Offsets are in characters, spans are half-open, text is NFC. Nothing here raises for any text.
"""

from presenter.text.characters import clean, is_word, words
from presenter.text.languages import (
    base,
    canonical,
    contradicts,
    detect_language,
    iso_639_2,
    may_be_foreign,
    name,
    writing,
)
from presenter.text.reading import Piece, Reading, joined, read
from presenter.text.sentence import LONGEST, sentences
from presenter.text.sounds import is_ipa, unsayable

__all__ = [
    "LONGEST",
    "Piece",
    "Reading",
    "base",
    "canonical",
    "clean",
    "contradicts",
    "detect_language",
    "is_ipa",
    "is_word",
    "iso_639_2",
    "joined",
    "may_be_foreign",
    "name",
    "read",
    "sentences",
    "unsayable",
    "words",
    "writing",
]
