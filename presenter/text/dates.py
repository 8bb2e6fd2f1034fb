"""Reading dates, times and telephone numbers aloud."""

from __future__ import annotations

import datetime
import re

from babel.dates import get_month_names

from presenter.text import numerals
from presenter.text.quantities import AFTER, BEFORE, SPACE, Rule, german_ordinal, word_before


def rules(language: str, tag: str) -> list[Rule]:
    """Rules in order of precedence; ``tag`` tells day-first English from the American."""
    return [*_dates(language, tag), *_phones(language), *_times(language)]


def _months(language: str) -> dict[str, int]:
    """Full and abbreviated names of the months -> 1 to 12."""
    names: dict[str, int] = {}
    for width in ("wide", "abbreviated"):
        for context in ("format", "stand-alone"):
            found = get_month_names(width, context, locale=language)
            names.update({str(found[number]).rstrip("."): number for number in range(1, 13)})
    if language == "en":
        names["Sept"] = 9
    return names


def _dates(language: str, tag: str) -> list[Rule]:
    months = _months(language)
    day_first = language != "en" or not (tag.lower() == "en" or tag.lower().startswith("en-us"))
    month = "(?P<month>" + "|".join(re.escape(name) for name in sorted(months, key=len, reverse=True)) + r")"
    day = r"(?P<day>0?[1-9]|[12]\d|3[01])"
    year = r"(?P<year>\d{4})(?!\d)"

    def say(match: re.Match[str]) -> str | None:
        group = match.groupdict()
        number = months.get(group["month"]) or int(group["month"])
        month_first = match.group()[0].isalpha() or (not day_first and group["month"] not in months)
        return _date(group.get("year"), number, group.get("day"), language, word_before(match), month_first)

    written = {
        "en": [rf"\b{month}\.?{SPACE}{day}(?:st|nd|rd|th)?\b(?:,?{SPACE}{year})?(?![.,:]?\d|%)",
               rf"{BEFORE}{day}(?:st|nd|rd|th)?{SPACE}(?:of{SPACE})?{month}\b\.?(?:,?{SPACE}{year})?"],
        "de": [rf"{BEFORE}{day}\.{SPACE}?{month}\b\.?(?:{SPACE}{year})?"],
        "es": [rf"{BEFORE}{day}{SPACE}de{SPACE}{month}\b(?:{SPACE}del?{SPACE}{year})?"],
        "fr": [rf"{BEFORE}{day}(?:er)?{SPACE}{month}\b\.?(?:{SPACE}{year})?"],
        "hi": [rf"{BEFORE}{day}{SPACE}{month}(?!\w)(?:,?{SPACE}{year})?"],
        "zh": [rf"{BEFORE}(?:(?P<year>\d{{4}})年)?(?P<month>1[0-2]|0?[1-9])月{day}[日号]"],
    }[language]  # fmt: skip
    number = r"(?P<month>0?[1-9]|1[0-2])"
    numeric = [rf"{BEFORE}(?P<year>\d{{4}})-{number}-{day}{AFTER}"]
    order = f"{day}(?P<mark>[./-]){number}" if day_first else f"{number}(?P<mark>[./-]){day}"
    numeric.append(rf"{BEFORE}{order}(?P=mark){year}")
    if not day_first:  # 31/12/2020 can only be day first
        numeric.append(rf"{BEFORE}(?P<day>1[3-9]|2\d|3[01])(?P<mark>[./-]){number}(?P=mark){year}")
    return [(re.compile(pattern), say) for pattern in (*written, *numeric)]


def _date(
    year: str | None, month: int, day: str | None, language: str, before: str, month_first: bool
) -> str | None:
    try:
        datetime.date(int(year or 2024), month, int(day or 1))
    except ValueError:
        return None
    name = str(get_month_names("wide", "format", locale=language)[month])
    number = int(day or 1)
    said = numerals.year(int(year), language) if year else ""
    if language == "zh":
        head = f"{said}年" if said else ""
        return f"{head}{numerals.cardinal(month, 'zh')}月{numerals.cardinal(number, 'zh')}日"
    if language == "en":
        ordinal = numerals.ordinal(number, "en")
        article = "" if before.lower() == "the" else "the "
        first = (
            f"{name} {ordinal}"
            if month_first or before.lower() in ("on", "")
            else f"{article}{ordinal} of {name}"
        )
        return f"{first}, {said}" if said else first
    if language == "de":
        return f"{german_ordinal(number, before, 'r')} {name} {said}".rstrip()
    special = {"es": "primero", "fr": "premier"}.get(language) if number == 1 else None
    words = [special or numerals.cardinal(number, language), *(["de"] if language == "es" else []), name]
    if said:
        words += ["de", said] if language == "es" else [said]
    return " ".join(words)


def _times(language: str) -> list[Rule]:
    clock = rf"{BEFORE}(?P<hour>[01]?\d|2[0-4]):(?P<minute>[0-5]\d)(?::(?P<second>[0-5]\d))?(?![\d:])"
    noon = rf"(?:{SPACE}?(?P<noon>[ap]\.?m\b\.?|[AP]\.?M\b\.?))?"

    def say(match: re.Match[str]) -> str:
        group = match.groupdict()
        noon = group.get("noon") or ""
        said = _time(int(group["hour"]), int(group.get("minute") or 0), language, noon)
        return said + "." if noon.endswith(".") and not match.string[match.end() :].strip() else said

    tail = {
        "en": noon,
        "de": rf"(?:{SPACE}?Uhr\b)?",
        "fr": "",
        "es": rf"(?:{SPACE}?h\b)?",
        "hi": "",
        "zh": "",
    }
    found: list[Rule] = [(re.compile(clock + tail[language]), say)]
    if language == "en":
        only = rf"{BEFORE}(?P<hour>1[0-2]|[1-9]){SPACE}?(?P<noon>[ap]\.?m\b\.?|[AP]M\b)"
        found.append((re.compile(only), say))
    if language == "fr":
        hours = rf"{BEFORE}(?P<hour>[01]?\d|2[0-4]){SPACE}?h{SPACE}?(?P<minute>[0-5]\d)?(?![\w])"
        found.append((re.compile(hours), say))
    if language == "de":
        found.append((re.compile(rf"{BEFORE}(?P<hour>[01]?\d|2[0-4]){SPACE}Uhr\b"), say))
    return found


def _time(hour: int, minute: int, language: str, noon: str) -> str:
    hours, minutes = numerals.cardinal(hour, language), numerals.cardinal(minute, language)
    if language == "en":
        half = " " + " ".join(noon.lower().replace(".", "")) if noon else ""
        if not minute:
            return f"{hours}{half}" if noon else f"{hours} o'clock"
        return f"{hours} {'oh ' if minute < 10 else ''}{minutes}{half}"
    if language == "de":
        hours = "ein" if hour == 1 else hours
        return f"{hours} Uhr {minutes}" if minute else f"{hours} Uhr"
    if language == "es":
        hours = re.sub("uno$", "una", hours)
        return f"{hours} y {minutes}" if minute else f"{hours} en punto"
    if language == "fr":
        hours = re.sub("un$", "une", hours)
        noun = "heure" if hour < 2 else "heures"
        return f"{hours} {noun} {minutes}" if minute else f"{hours} {noun}"
    if language == "hi":
        return f"{hours} बजकर {minutes} मिनट" if minute else f"{hours} बजे"
    hours = "两" if hour == 2 else hours
    return f"{hours}点{'零' if 0 < minute < 10 else ''}{minutes}分" if minute else f"{hours}点"


def _phones(language: str) -> list[Rule]:
    plus = {"en": "plus", "de": "plus", "es": "más", "fr": "plus", "hi": "प्लस", "zh": "加"}[language]

    def say(match: re.Match[str]) -> str:
        groups = re.findall(r"\d+", match.group())
        if language == "fr" and all(len(group) == 2 for group in groups):
            said = [_pair(group) for group in groups]
        else:
            said = [numerals.digits(group, language) for group in groups]
        return (plus + " " if match.group().startswith("+") else "") + ", ".join(said)

    patterns = (
        rf"(?<![\w+])\+\d{{1,3}}(?:{SPACE}?\(0\))?(?:[ \u00a0\u202f./-]?\(?\d{{1,5}}\)?){{2,6}}(?!\d)",
        rf"(?<!\w)\(?\d{{3}}\)?[ .-]\d{{3}}[.-]\d{{4}}{AFTER}",
        rf"{BEFORE}0\d(?:[ \u00a0\u202f.]\d\d){{4}}(?!\d)",
        rf"{BEFORE}0\d{{2,4}}[ /-]\d{{4,9}}{AFTER}",
        rf"{BEFORE}1[3-9]\d{{9}}(?!\d)" if language == "zh" else r"(?!)",
    )
    return [(re.compile(pattern), say) for pattern in patterns]


def _pair(group: str) -> str:
    number = numerals.cardinal(int(group), "fr")
    return (
        f"zéro {number}"
        if group.startswith("0") and group != "00"
        else number
        if group != "00"
        else "zéro zéro"
    )
