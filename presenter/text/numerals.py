"""Numbers in words: by num2words where it knows the language, Hindi and Chinese by their own rules."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation

from num2words import num2words

LARGEST = 10**15
"""Numbers from here on are read digit by digit."""

POINT = {"en": "point", "de": "Komma", "es": "coma", "fr": "virgule", "hi": "दशमलव", "zh": "点"}
MINUS = {"en": "minus", "de": "minus", "es": "menos", "fr": "moins", "hi": "माइनस", "zh": "负"}

_HINDI_WORDS = """
शून्य एक दो तीन चार पाँच छह सात आठ नौ दस ग्यारह बारह तेरह चौदह पंद्रह सोलह सत्रह अठारह उन्नीस बीस
इक्कीस बाईस तेईस चौबीस पच्चीस छब्बीस सत्ताईस अट्ठाईस उनतीस तीस इकतीस बत्तीस तैंतीस चौंतीस पैंतीस
छत्तीस सैंतीस अड़तीस उनतालीस चालीस इकतालीस बयालीस तैंतालीस चौवालीस पैंतालीस छियालीस सैंतालीस
अड़तालीस उनचास पचास इक्यावन बावन तिरेपन चौवन पचपन छप्पन सत्तावन अट्ठावन उनसठ साठ इकसठ बासठ तिरेसठ
चौंसठ पैंसठ छियासठ सड़सठ अड़सठ उनहत्तर सत्तर इकहत्तर बहत्तर तिहत्तर चौहत्तर पचहत्तर छिहत्तर सतहत्तर
अठहत्तर उनासी अस्सी इक्यासी बयासी तिरासी चौरासी पचासी छियासी सत्तासी अट्ठासी नवासी नब्बे इक्यानवे
बानवे तिरानवे चौरानवे पचानवे छियानवे सत्तानवे अट्ठानवे निन्यानवे
"""
_HINDI = tuple(_HINDI_WORDS.split())
_HINDI_SCALES = (
    (10**11, "खरब"),
    (10**9, "अरब"),
    (10**7, "करोड़"),
    (10**5, "लाख"),
    (10**3, "हज़ार"),
    (100, "सौ"),
)
_HINDI_ORDINALS = {1: "पहला", 2: "दूसरा", 3: "तीसरा", 4: "चौथा", 6: "छठा"}

_HAN = "零一二三四五六七八九"
_HAN_PLACES = ((1000, "千"), (100, "百"), (10, "十"))
_HAN_SCALES = ((10**12, "兆"), (10**8, "亿"), (10**4, "万"))

assert len(_HINDI) == 100


def cardinal(number: int, language: str) -> str:
    """A whole number in words; ``language`` is one of ``POINT``'s."""
    if abs(number) >= LARGEST:
        sign = f"{MINUS[language]} " if number < 0 else ""
        return sign + digits(str(abs(number)), language)
    if number < 0:
        return join(MINUS[language], cardinal(-number, language), language)
    if language == "hi":
        return _hindi(number)
    if language == "zh":
        return _chinese(number)
    return str(num2words(number, lang=language)).replace(",", "")


def digits(text: str, language: str) -> str:
    """Each digit on its own; other characters are left out."""
    said = [cardinal(int(char), language) for char in text if char.isdecimal()]
    return ("" if language == "zh" else " ").join(said)


def join(first: str, second: str, language: str) -> str:
    """Two words, with the space between them that the language uses."""
    return first + second if language == "zh" else f"{first} {second}"


def decimal(number: Decimal, language: str) -> str:
    """A number; its decimals are said one by one, in French and Spanish up to two of them as one number."""
    sign = number.is_signed()
    whole, _, fraction = f"{number.copy_abs():f}".partition(".")
    said = cardinal(int(whole), language)
    if fraction:
        together = language in ("es", "fr") and len(fraction) <= 2 and fraction[0] != "0"
        after = cardinal(int(fraction), language) if together else digits(fraction, language)
        said = join(join(said, POINT[language], language), after, language)
    return join(MINUS[language], said, language) if sign else said


def year(number: int, language: str) -> str:
    """A year as it is said: ``1987`` -> nineteen eighty-seven."""
    if language == "zh":
        return digits(str(number), "zh")
    if language == "hi" and 1100 <= number < 2000:
        rest = f" {_HINDI[number % 100]}" if number % 100 else ""
        return f"{_HINDI[number // 100]} सौ{rest}"
    if language in ("en", "de"):
        return str(num2words(number, lang=language, to="year"))
    return cardinal(number, language)


def ordinal(number: int, language: str) -> str:
    """``3`` -> third; masculine where there is a choice."""
    if language == "zh":
        return "第" + _chinese(number)
    if language == "hi":
        return _HINDI_ORDINALS.get(number) or f"{_hindi(number)}वाँ"
    return str(num2words(number, lang=language, to="ordinal"))


def roman(text: str) -> int:
    """The value of a Roman number: ``XIX`` -> 19."""
    values = [{"I": 1, "V": 5, "X": 10}[char] for char in text]
    return sum(-one if one < after else one for one, after in zip(values, [*values[1:], 0], strict=True))


def parse(text: str, group: str, point: str) -> Decimal | None:
    """The value of a written number, or None where it is none."""
    plain = "".join("." if char in point else char for char in text if char not in group)
    try:
        return Decimal(plain)
    except InvalidOperation:
        return None


def _hindi(number: int) -> str:
    parts = []
    for scale, word in _HINDI_SCALES:
        count, number = divmod(number, scale)
        if count:
            parts.append(f"{_hindi(count)} {word}")
    if number or not parts:
        parts.append(_HINDI[number])
    return " ".join(parts)


def _chinese(number: int) -> str:
    """Mandarin with 零 for skipped places; ten to nineteen drop their 一."""
    if number < 10_000:
        said = _chinese_group(number) or _HAN[0]
    else:
        said, gap = "", False
        for scale, word in (*_HAN_SCALES, (1, "")):
            count, number = divmod(number, scale)
            if not count:
                gap = bool(said)
                continue
            said += (_HAN[0] if said and (gap or count < 1000) else "") + _chinese_group(count) + word
            gap = False
    return said[1:] if said.startswith("一十") else said


def _chinese_group(number: int) -> str:
    said, gap = "", False
    for place, word in (*_HAN_PLACES, (1, "")):
        digit, number = divmod(number, place)
        if not digit:
            gap = bool(said)
            continue
        said += (_HAN[0] if gap else "") + _HAN[digit] + word
        gap = False
    return said
