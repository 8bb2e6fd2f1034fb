"""Reading quantities aloud: numbers, ordinals, fractions, money and units."""

from __future__ import annotations

import functools
import re
from collections.abc import Callable
from decimal import Decimal

from babel.numbers import get_currency_name
from babel.units import UnknownUnitError, format_compound_unit, format_unit

from presenter.text import numerals
from presenter.text.vocabulary import CURRENCIES, FEMININE, LARGE, MONEY, SYMBOLS, UNITS

Say = Callable[[re.Match[str]], str | None]
"""What to say instead of a match, or None to leave it."""
Rule = tuple[re.Pattern[str], Say]

SPACE = "[ \u00a0\u202f]"
LETTERS = "A-Za-zÀ-ÖØ-öø-ɏ"
"""Latin letters, for a character class (between them stand the signs × and ÷)."""
BEFORE = rf"(?<![{LETTERS}\d_])(?<!\d[.,:/])"
"""No letter or digit stands before (Han characters may)."""
AFTER = rf"(?![{LETTERS}\d_]|[.,:/]\d)"
_SIGN = r"(?:(?<![^\s(\[=<>≤≥≈±:,;])[-−])?"

_GROUP = {
    "en": ",",
    "hi": ",",
    "zh": ",",
    "de": ".'’\u00a0\u202f",
    "es": ". \u00a0\u202f",
    "fr": " \u00a0\u202f",
}
_POINT = {"en": ".", "hi": ".", "zh": ".", "de": ",", "es": ",", "fr": ","}
_VULGAR = {
    "½": (1, 2),
    "⅓": (1, 3),
    "⅔": (2, 3),
    "¼": (1, 4),
    "¾": (3, 4),
    "⅕": (1, 5),
    "⅛": (1, 8),
    "⅜": (3, 8),
}
_SUBSCRIPTS = str.maketrans("₀₁₂₃₄₅₆₇₈₉", "0123456789")
_SUPERSCRIPTS = str.maketrans("⁰¹²³⁴⁵⁶⁷⁸⁹⁻", "0123456789-")


def number_pattern(language: str) -> str:
    """Regular expression text of a written number without its sign."""
    group, point = re.escape(_GROUP[language]), re.escape(_POINT[language])
    width = "{2,3}" if language == "hi" else "{3}"
    plain = rf"\d+(?:{point}\d+)?"
    if language == "es":  # decimal points are usual in the Americas
        plain = r"\d+(?:,\d+|\.(?!\d{3}(?!\d))\d+)?"
    return rf"(?:\d{{1,3}}(?:[{group}]\d{width})+(?!\d)(?:{point}\d+)?|{plain})"


def value(text: str, language: str) -> Decimal | None:
    """The value of a written number."""
    text = text.replace("−", "-")
    if language == "es" and re.fullmatch(r"-?\d+\.(?!\d{3}$)\d+", text):
        return numerals.parse(text, "", ".")
    return numerals.parse(text, _GROUP[language], _POINT[language])


def counted(number: Decimal, noun: str, language: str) -> str:
    """The number before a noun, with "one" in the form that the noun needs."""
    said = numerals.decimal(number, language)
    # The first noun decides: une heure, but un kilowatt-heure.
    feminine = any(word in FEMININE or word.removesuffix("s") in FEMININE for word in noun.split()[:1])
    if number != int(number):
        return said
    if language == "de" and abs(number) == 1:
        return said.removesuffix("eins") + ("eine" if feminine else "ein")
    if language == "fr" and feminine and said.endswith("un"):
        return said + "e"
    if language == "es":
        if said.endswith("veintiuno"):
            return said.removesuffix("uno") + ("una" if feminine else "ún")
        if said.endswith("uno"):
            said = said.removesuffix("o") + ("a" if feminine else "")
        return said.replace("cientos", "cientas") if feminine else said
    if language == "zh" and number == 2:
        return "两"
    return said


def word_before(match: re.Match[str]) -> str:
    """The word before a match, ``""`` where there is none."""
    words = match.string[max(0, match.start() - 40) : match.start()].split()
    return words[-1] if words else ""


def rules(language: str) -> list[Rule]:
    """Rules in order of precedence."""
    number = number_pattern(language)
    return [
        *_decades(language),
        *_money(language, number),
        *_units(language, number),
        *_ordinals(language),
        *_fractions(language),
        *_numbers(language, number),
    ]


def _money(language: str, number: str) -> list[Rule]:
    marks = "|".join(re.escape(mark) for mark in sorted(CURRENCIES, key=len, reverse=True))
    large = "|".join(re.escape(word) for word in sorted(LARGE[language], key=len, reverse=True))
    gap = SPACE + "?"
    written = rf"(?P<amount>{number})(?:{gap}(?P<large>{large})(?![a-z]))?"

    def say(match: re.Match[str]) -> str | None:
        amount = value(match["amount"], language)
        code = CURRENCIES[match["mark"]]
        if code == "JPY" and language == "zh":
            code = "CNY"
        return None if amount is None else _amount(amount, match["large"] or "", code, language)

    def cents(match: re.Match[str]) -> str:
        number = Decimal(match[1])
        return f"{numerals.decimal(number, language)} {'cent' if number == 1 else 'cents'}"

    return [
        *([(re.compile(rf"{BEFORE}(\d{{1,3}})¢"), cents)] if language == "en" else []),
        (re.compile(rf"{BEFORE}(?P<mark>{marks}){gap}{written}{AFTER}"), say),
        (re.compile(rf"{BEFORE}{written}{gap}(?P<mark>{marks})(?![A-Za-z])"), say),
    ]


def _amount(amount: Decimal, large: str, code: str, language: str) -> str:
    names = MONEY[language].get(code)
    if names is None:
        one = str(get_currency_name(code, 1, locale=language))
        names = (one, str(get_currency_name(code, 2, locale=language)), "", "")
    one, many, minor_one, minor_many = names
    if large:
        scale = {"Mio.": "Millionen", "Mrd.": "Milliarden"}.get(large, large)
        said = numerals.join(counted(amount, scale, language), scale, language)
        link = {"es": " de", "fr": " de"}.get(language, "") if scale.startswith(("mill", "bill")) else ""
        link = "" if scale in ("mille", "mil") else link
        joined = f"{link} {many}" if language != "zh" else many
        return said + joined.replace("de euro", "d'euro") if language == "fr" else said + joined
    whole, cents = int(amount), Decimal(int(amount % 1 * 100))
    noun = one if whole == 1 or (language in ("fr", "hi") and whole == 0) else many
    if amount == whole or language == "zh" or amount != amount.quantize(Decimal("0.01")):
        noun = noun if amount == whole else many
        amount = Decimal(whole) if amount == whole else amount
        if language in ("es", "fr") and amount == whole and whole and whole % 10**6 == 0:
            noun = "d'euros" if noun == "euros" and language == "fr" else f"de {noun}"
        return numerals.join(counted(amount, noun, language), noun, language)
    minor = minor_one if cents == 1 else minor_many
    if not whole and minor:
        return f"{counted(cents, minor, language)} {minor}"
    said = f"{counted(Decimal(whole), noun, language)} {noun}"
    rest = counted(cents, minor, language)
    if language == "en" and minor:
        return f"{said} and {rest} {minor}"
    if language == "es":
        return f"{said} con {rest} {minor}".rstrip()
    return (
        f"{said} {rest} {minor}".rstrip()
        if language == "hi"
        else f"{said} {numerals.decimal(cents, language)}"
    )


def _units(language: str, number: str) -> list[Rule]:
    symbols = "|".join(re.escape(symbol) for symbol in sorted(UNITS, key=len, reverse=True))
    end = rf"(?![{LETTERS}\u0900-\u097f\d_²³/^])"
    simple = rf"{BEFORE}(?P<amount>{_SIGN}{number}){SPACE}?(?P<unit>{symbols}){end}"
    compound = rf"{BEFORE}(?P<amount>{_SIGN}{number}){SPACE}?(?P<unit>{symbols})/(?P<per>{symbols}){end}"
    percent = rf"{BEFORE}(?P<amount>{_SIGN}{number}){SPACE}?(?P<unit>[%‰°])"

    def unit(match: re.Match[str]) -> str | None:
        amount = value(match["amount"], language)
        return None if amount is None else _unit(amount, UNITS[match["unit"]], language)

    def rate(match: re.Match[str]) -> str | None:
        amount = value(match["amount"], language)
        return None if amount is None else _unit(amount, UNITS[match["unit"]], language, UNITS[match["per"]])

    def share(match: re.Match[str]) -> str | None:
        amount = value(match["amount"], language)
        if amount is None:
            return None
        word, said = SYMBOLS[language][match["unit"]], numerals.decimal(amount, language)
        return word.format(said) if "{}" in word else numerals.join(said, word, language)

    return [(re.compile(simple), unit), (re.compile(compound), rate), (re.compile(percent), share)]


@functools.lru_cache(maxsize=512)
def _unit(amount: Decimal, name: str, language: str, per: str = "") -> str | None:
    """A quantity with the unit's name and plural from CLDR; ``per`` is the unit that it is divided by."""
    if per and language == "zh":
        said, one = _unit(amount, name, "zh"), _unit(Decimal(1), per, "zh")
        return f"每{one.removeprefix('一')}{said}" if said and one else None
    for length in ("long", "short"):
        try:
            if per:
                phrase = str(
                    format_compound_unit(
                        amount, name, denominator_unit=per, length=length, format="0.######", locale=language
                    )
                )
            else:
                phrase = format_unit(amount, name, length, format="0.######", locale=language)
        except UnknownUnitError:
            return None
        if name not in phrase and (not per or per not in phrase):
            phrase = phrase.replace("\u00a0", " ").replace("\u202f", " ")
            if language == "hi":
                phrase = phrase.replace("/", " प्रति ")
            noun = re.sub(r"[-−\d.,]+", " ", phrase)
            said = counted(amount, noun, language)
            return re.sub(r"[-−]?\d[\d.,]*", said, phrase, count=1).strip()
    return None


def _ordinals(language: str) -> list[Rule]:
    def plain(match: re.Match[str]) -> str:
        return numerals.ordinal(int(match[1]), language)

    if language == "en":
        return [(re.compile(rf"{BEFORE}(\d{{1,6}})(?:st|nd|rd|th)(?!\w)"), plain)]
    if language == "fr":
        return [
            (re.compile(rf"{BEFORE}1(?:er|ᵉʳ)(?!\w)"), lambda _: "premier"),
            (re.compile(rf"{BEFORE}1(?:re|ère)(?!\w)"), lambda _: "première"),
            (re.compile(rf"{BEFORE}(\d{{1,4}})(?:e|ᵉ|è|ème|eme)(?!\w)"), plain),
        ]
    if language == "es":
        return [
            (re.compile(rf"{BEFORE}(\d{{1,3}})\.?º"), plain),
            (re.compile(rf"{BEFORE}(\d{{1,3}})\.?ª"), lambda match: re.sub(r"o\b", "a", plain(match))),
            (re.compile(rf"{BEFORE}([13])\.?ᵉʳ|{BEFORE}([13])\.?er(?!\w)"), _spanish_short),
        ]
    if language == "de":
        pattern = rf"{BEFORE}(\d{{1,2}})\.(?={SPACE}[A-Za-zÄÖÜäöü])"
        return [(re.compile(pattern), _german_ordinal)]
    if language == "hi":
        return [(re.compile(rf"{BEFORE}(\d{{1,4}})(?:वाँ|वां|वीं|वें)"), _hindi_ordinal)]
    return []


def _spanish_short(match: re.Match[str]) -> str:
    return "primer" if "1" in match.group() else "tercer"


def _hindi_ordinal(match: re.Match[str]) -> str:
    return numerals.cardinal(int(match[1]), "hi") + match.group()[len(match[1]) :]


_DATIVE = """
am im vom zum zur beim dem den des einem einen einer seit ab bis jedem jeden diesem diesen dieser ihrem
ihren seinem seinen meinem meinen
"""
_GERMAN_N = frozenset(_DATIVE.split())
"""Words after which an ordinal ends in -n."""


def german_ordinal(number: int, article: str, alone: str = "") -> str:
    """An ordinal with the ending that the word before it asks for; ``alone`` without such a word."""
    said = numerals.ordinal(number, "de")
    article = article.lower()
    if article in _GERMAN_N:
        return said + "n"
    return said if article in ("der", "die", "das", "jede", "diese", "dieses") else said + alone


def _german_ordinal(match: re.Match[str]) -> str:
    return german_ordinal(int(match[1]), word_before(match))


def _fractions(language: str) -> list[Rule]:
    def vulgar(match: re.Match[str]) -> str:
        said = fraction(*_VULGAR[match[2]], language)
        if not match[1]:
            return said
        if language == "en" and match[2] in "½¼":
            said = "a " + said.removeprefix("one ")
        words = [numerals.cardinal(int(match[1]), language), SYMBOLS[language]["and"], said]
        return ("" if language == "zh" else " ").join(words)

    def written(match: re.Match[str]) -> str | None:
        over, under = int(match[1]), int(match[2])
        return fraction(over, under, language) if 2 <= under <= 10 and over <= 2 * under else None

    return [
        (re.compile(rf"(?:{BEFORE}(\d{{1,6}}){SPACE}?)?([{''.join(_VULGAR)}])"), vulgar),
        (re.compile(rf"{BEFORE}(\d{{1,3}})[/⁄](\d{{1,3}})(?![\d/]|[.,]\d|[A-Za-z])"), written),
    ]


def fraction(over: int, under: int, language: str) -> str:
    """A simple fraction: ``3, 4`` -> three quarters."""
    count = numerals.cardinal(over, language)
    many = over != 1
    if language == "zh":
        return f"{numerals.cardinal(under, 'zh')}分之{count}"
    if language == "hi":
        names = {3: "तिहाई", 4: "चौथाई"}
        if (over, under) == (1, 2):
            return "आधा"
        return (
            f"{count} {names[under]}" if under in names else f"{count} बटा {numerals.cardinal(under, 'hi')}"
        )
    if language == "de":
        count = "ein" if over == 1 else count
        if under == 2:
            return f"{count} halb" if over == 1 else f"{count} halbe"
        return f"{count} {numerals.ordinal(under, 'de').removesuffix('te').capitalize()}tel"
    special = {
        "en": {2: ("half", "halves"), 4: ("quarter", "quarters")},
        "fr": {2: ("demi", "demis"), 3: ("tiers", "tiers"), 4: ("quart", "quarts")},
        "es": {2: ("medio", "medios"), 3: ("tercio", "tercios")},
    }[language]
    ordinal = numerals.ordinal(under, language)
    name = special.get(under, (ordinal, ordinal + "s"))[many]
    count = "un" if language == "es" and over == 1 else count
    return name if (language, over, under) == ("es", 1, 2) else f"{count} {name}"


def _decades(language: str) -> list[Rule]:
    """``1990s``, and centuries in Roman numbers: ``XXe siècle``, ``siglo XX``."""

    def decade(match: re.Match[str]) -> str:
        said = numerals.year(int(match[1]), "en")
        return said.removesuffix("y") + "ies" if said.endswith("y") else said + "s"

    if language == "en":
        return [(re.compile(rf"{BEFORE}((?:1[1-9]|20)\d0)s(?!\w)"), decade)]
    if language == "de":  # die 1960er Jahre
        pattern = re.compile(rf"{BEFORE}((?:1[1-9]|20)\d0)(ern?)\b")
        return [(pattern, lambda match: numerals.year(int(match[1]), "de") + match[2])]
    if language == "fr":
        pattern = re.compile(rf"\b([IVX]{{1,5}})(?:e|ᵉ|ème)(?={SPACE}(?:siècle|arrondissement))")
        return [(pattern, lambda match: numerals.ordinal(numerals.roman(match[1]), "fr"))]
    if language == "es":
        pattern = re.compile(r"(?<=\bsiglo )([IVX]{1,5})\b")
        return [(pattern, lambda match: numerals.cardinal(numerals.roman(match[1]), "es"))]
    return []


def _numbers(language: str, number: str) -> list[Rule]:
    def year(match: re.Match[str]) -> str:
        return numerals.year(int(match[1]), language)

    def plain(match: re.Match[str]) -> str | None:
        text = match.group()
        if re.fullmatch(r"0\d+", text):
            return numerals.digits(text, language)
        amount = value(text, language)
        return None if amount is None else numerals.decimal(amount, language)

    found: list[Rule] = []
    if language == "zh":
        found.append((re.compile(rf"{BEFORE}(\d{{4}})(?=年)"), year))
        found.append(
            (re.compile(rf"{BEFORE}2(?=[个只本张条位天次件家种杯岁名]|小时|分钟|公里|公斤)"), lambda _: "两")
        )
    else:
        found.append((re.compile(rf"{BEFORE}((?:1[1-9]|20)\d\d){AFTER}"), year))
    powers = re.compile(r"(?<=[\w)])(?:\^\{?(-?\d{1,4}|[a-z])\}?|([⁻⁰¹²³⁴-⁹]+))")
    below = re.compile(r"(?<=[A-Za-z])([₀-₉]+)")
    found.append((below, lambda match: numerals.cardinal(int(match[1].translate(_SUBSCRIPTS)), language)))
    found.append((powers, lambda match: power(match[1] or match[2].translate(_SUPERSCRIPTS), language)))
    found.append((re.compile(rf"{BEFORE}{_SIGN}{number}{AFTER}"), plain))
    return found


def power(exponent: str, language: str) -> str:
    """``2`` -> squared."""
    words = SYMBOLS[language]
    if f"^{exponent}" in words:
        return words[f"^{exponent}"]
    digits = exponent.lstrip("-")
    if digits.isdecimal():
        exponent = numerals.cardinal(int(exponent), language)
    return words["^"].format(exponent)
