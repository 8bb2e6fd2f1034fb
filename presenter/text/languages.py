"""Languages: their names, their writing systems, and which one a text is in."""

from __future__ import annotations

import functools
import re
from collections import Counter
from typing import Any

from babel import Locale
from babel.core import get_global

from presenter.text.characters import writing_of

_WRITINGS = {
    "Latn": ("LATIN",), "Cyrl": ("CYRILLIC",), "Grek": ("GREEK",), "Hebr": ("HEBREW",),
    "Arab": ("ARABIC",), "Deva": ("DEVANAGARI",), "Beng": ("BENGALI",), "Guru": ("GURMUKHI",),
    "Gujr": ("GUJARATI",), "Orya": ("ORIYA",), "Taml": ("TAMIL",), "Telu": ("TELUGU",),
    "Knda": ("KANNADA",), "Mlym": ("MALAYALAM",), "Sinh": ("SINHALA",), "Thai": ("THAI",),
    "Laoo": ("LAO",), "Tibt": ("TIBETAN",), "Mymr": ("MYANMAR",), "Geor": ("GEORGIAN",),
    "Armn": ("ARMENIAN",), "Ethi": ("ETHIOPIC",), "Khmr": ("KHMER",), "Cher": ("CHEROKEE",),
    "Jpan": ("HIRAGANA", "KATAKANA", "CJK"), "Kore": ("HANGUL", "CJK"), "Hans": ("CJK", "BOPOMOFO"),
    "Hant": ("CJK", "BOPOMOFO"),
}  # fmt: skip
"""ISO 15924 code -> first words of the Unicode names of its letters."""

_ONE_LANGUAGE = {
    "THAI": "th", "HANGUL": "ko", "HIRAGANA": "ja", "KATAKANA": "ja", "CJK": "cmn", "BOPOMOFO": "cmn",
    "HEBREW": "he", "GREEK": "el", "BENGALI": "bn", "GURMUKHI": "pa", "GUJARATI": "gu", "ORIYA": "or",
    "TAMIL": "ta", "TELUGU": "te", "KANNADA": "kn", "MALAYALAM": "ml", "SINHALA": "si", "LAO": "lo",
    "TIBETAN": "bo", "MYANMAR": "my", "GEORGIAN": "ka", "ARMENIAN": "hy", "ETHIOPIC": "am", "KHMER": "km",
}  # fmt: skip
"""Writing systems that (nearly) belong to one language."""

_LATIN = """
en af ca cs cy da de eo es et eu fi fr ga hr hu id is it lt lv ms nl no pl pt ro sk sl sq sv sw tr vi
"""
_SEVERAL = {
    "LATIN": tuple(_LATIN.split()),
    "CYRILLIC": ("ru", "uk", "bg", "be", "mk", "sr", "kk", "ky", "mn"),
    "ARABIC": ("ar", "fa", "ur", "ug", "ps"),
    "DEVANAGARI": ("hi", "mr", "ne"),
}  # fmt: skip
"""Writing systems shared by languages; the first of each is the guess where nothing is sure."""

_UNSURE = 0.35

_SMALL_WORDS = {
    "en": "the a an and is are of to in on as that it you we this with for not have was they what",
    "de": "der die das und ist sind nicht ein eine ich wir sie es mit für in auf den dem von zu im",
    "fr": "le la les de et est sont des une un pas nous vous il elle que qui à en dans pour avec sur",
    "es": "el la los las y a es son una un no que de del en por para con se lo más muy",
    "it": "il lo la gli le e è sono un una non che di in per con si più della nel",
    "pt": "o a os as e é são um uma não que de em por para com se mais do da",
    "nl": "de het een en is zijn niet ik wij zij dat van in op met voor te we je er",
    "pl": "i w na z do się nie jest to że jak są po od dla przez o za ale",
    "cs": "a v na se je že to s do není jak jsou po od pro ale který k o",
    "ro": "și în de la cu nu este o un pe că sunt din pentru mai care se ce",
    "sv": "och i att det är en på som av för med den inte till ett har de om var",
    "da": "og i at det er en på som af for med den ikke til et har de om var",
    "tr": "ve bir bu için ile de da çok ne gibi daha olan var değil ama kadar o ben",
    "hu": "a az és hogy nem egy is van ez meg de már csak ki volt még mint azt",
    "id": "yang dan di ke dari ini itu dengan untuk tidak adalah pada dalam kita akan",
    "vi": "là và của có không một những được cho trong này với các người khi đã",
}
"""Words that are in nearly every sentence of a language and seldom in others."""


def base(language: str) -> str:
    """The primary subtag in lower case; the Chinese languages are all ``zh``: ``en-GB`` -> ``en``."""
    primary = re.split("[-_]", language.strip())[0].lower()
    return "zh" if primary in ("cmn", "yue", "wuu", "hak", "nan", "zho", "chi") else primary


def canonical(language: str) -> str | None:
    """A BCP 47 tag in its usual spelling, from a tag or an English or native name of a language.

    ``en_gb`` -> ``en-GB``, ``German`` -> ``de``, ``zh-CN`` -> ``cmn``; None for what is neither.
    """
    tag = language.strip().replace("_", "-")
    if re.fullmatch(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*", tag) and (base(tag) in _tags() or "-" in tag):
        first, *rest = tag.split("-")
        shaped = [
            part.upper() if len(part) == 2 else part.title() if len(part) == 4 else part.lower()
            for part in rest
        ]
        if first.lower() == "zh":
            return "yue" if {"HK", "MO"} & set(shaped) else "cmn"
        return "-".join([first.lower(), *shaped])
    if re.fullmatch(r"[a-z]{2,3}", tag):
        return None  # a tag that nobody knows; names of languages are longer or begin with a capital
    found = _tags_by_name().get(language.strip().casefold())
    return "cmn" if found == "zh" else found


@functools.cache
def _tags() -> frozenset[str]:
    return frozenset(Locale("en").languages) | frozenset(
        key for key in get_global("likely_subtags") if "_" not in key
    )


@functools.cache
def _tags_by_name() -> dict[str, str]:
    names = {str(name).casefold(): code for code, name in Locale("en").languages.items()}
    for code in ("de", "es", "fr", "hi", "zh", "it", "pt", "nl", "pl", "ru", "tr", "ja", "ko", "ar"):
        names.setdefault((Locale(code).get_display_name(code) or code).casefold(), code)
    return {name: code for name, code in names.items() if "_" not in code}


_MANDARIN = {
    "en": "Mandarin Chinese", "de": "Chinesisch (Mandarin)", "es": "chino mandarín",
    "fr": "chinois mandarin", "hi": "मंदारिन चीनी", "zh": "普通话",
}  # fmt: skip
"""CLDR says only "Chinese", or nothing, where Mandarin is meant."""


def name(language: str, locale: str = "en") -> str:
    """What a language is called: ``th`` -> ``Thai``; the tag itself where it has no name.

    Args:
        language: BCP 47.
        locale: the language in which it is said, one that CLDR has.
    """
    if language.lower() in ("cmn", "zh"):
        return _MANDARIN.get(locale) or _MANDARIN["en"]
    cldr = Locale.parse(locale)
    whole, first = language.replace("-", "_"), re.split("[-_]", language)[0].lower()
    if named := cldr.languages.get(whole):
        return str(named)
    plain = str(cldr.languages.get(first) or Locale("en").languages.get(first) or language)
    there = cldr.territories.get(whole.rpartition("_")[2].upper()) if locale != "en" else None
    return f"{plain} ({there})" if there and "_" in whole else plain


def writings(language: str) -> tuple[str, ...]:
    """Writing systems that a text in the language is expected in, e.g. ``("DEVANAGARI",)`` for ``hi``."""
    for part in re.split("[-_]", language)[1:]:
        if part.title() in _WRITINGS:
            return _WRITINGS[part.title()]
    if base(language) == "sr":
        return ("CYRILLIC", "LATIN")
    likely = get_global("likely_subtags").get(base(language), "")
    code = next((part for part in likely.split("_") if len(part) == 4), "Latn")
    return _WRITINGS.get(code, ())


def writing(text: str) -> str:
    """The writing system of most letters, ``""`` where there are none."""
    counts = Counter(writing_of(char) for char in text if char.isalpha())
    if counts["HIRAGANA"] + counts["KATAKANA"] and counts["CJK"]:
        counts["HIRAGANA"] += counts.pop("CJK")
    return counts.most_common(1)[0][0] if counts else ""


def contradicts(text: str, language: str) -> bool:
    """Whether most letters of the text are of a writing system that the language does not use."""
    found, expected = writing(text), writings(language)
    known = found in _SEVERAL or found in _ONE_LANGUAGE
    return bool(known and expected and found not in expected)


def detect_language(text: str) -> tuple[str, float]:
    """Guess the language.

    The writing system decides where it belongs to one language, and so do enough small words; other
    Latin, Cyrillic, Arabic and Devanagari texts go to a naive Bayes classifier over byte n-grams
    (Lui and Baldwin 2012).

    Returns:
        BCP 47 tag (Mandarin is ``cmn``) and how sure the guess is, 0 to 1; ``("en", 0.0)`` for a
        text without letters.
    """
    found = writing(text)
    if found in _ONE_LANGUAGE:
        return _ONE_LANGUAGE[found], 1.0
    if found not in _SEVERAL:
        return "en", 0.0
    candidates = _SEVERAL[found]
    if found == "LATIN":
        (first, most), (_, second) = sorted(_count_small_words(text).items(), key=lambda c: -c[1])[:2]
        if most >= 8 and most >= 2 * second:
            return first, 1.0
    ranked = [(tag, float(score)) for tag, score in _classifier().rank(text) if tag in candidates]
    total = sum(score for _, score in ranked)
    if not ranked or total <= 0:
        return candidates[0], 0.0
    tag, score = ranked[0]
    sure = score / total
    return (tag if sure >= _UNSURE else candidates[0]), sure


def may_be_foreign(text: str, language: str) -> bool:
    """Whether small words speak for another language than this, so that it is worth asking
    ``detect_language``, whose classifier takes a while to load."""
    counts = _count_small_words(text)
    own = counts.pop(base(language), None)
    return own is None or max(counts.values()) > max(1, own)


def _count_small_words(text: str) -> dict[str, int]:
    found = re.findall(r"\w+", text.lower())
    return {tag: sum(word in small for word in found) for tag, small in _small_words().items()}


@functools.cache
def _small_words() -> dict[str, frozenset[str]]:
    return {tag: frozenset(words.split()) for tag, words in _SMALL_WORDS.items()}


@functools.cache
def _classifier() -> Any:
    # Half a second to load: only when a text has to be classified.
    from py3langid.langid import MODEL_FILE, LanguageIdentifier

    return LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)


def iso_639_2(language: str) -> str:
    """The three letters of ISO 639-2/T that media files use: ``en-GB`` -> ``eng``; else ``und``."""
    primary = base(language)
    if len(primary) == 3:
        return primary
    return _three_letters().get(primary, "und")


@functools.cache
def _three_letters() -> dict[str, str]:
    # CLDR lists them as old names of the two-letter codes, the terminological one first.
    found = {"zh": "zho", "ar": "ara"}
    for old, new in get_global("language_aliases").items():
        if len(old) == 3 and len(new) == 2:
            found.setdefault(new, old)
    return found
