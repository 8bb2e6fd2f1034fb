"""Reading signs aloud: addresses, formulas, operators, abbreviations, emoji."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

from presenter.text import numerals
from presenter.text.characters import EMOJI
from presenter.text.quantities import AFTER, BEFORE, SPACE, Rule, word_before
from presenter.text.vocabulary import ABBREVIATIONS, BEFORE_NUMBER, ELEMENTS, PARTS, RULERS, SYMBOLS

_LONGEST_PATH = 40
"""Characters of an address after its host beyond which only the host is read."""
_SHORTEST_NAME = 4
"""Letters of a word in capitals after which Roman digits are a number: Rocky IV, but not The IV drip."""
_SUBSCRIPTS = str.maketrans("₀₁₂₃₄₅₆₇₈₉", "0123456789")
_DOMAINS = "com|org|net|edu|gov|info|io|ai|app|dev|eu|de|fr|es|uk|ch|cn|jp|au|ca|br|mx|ru"


def addresses(language: str) -> list[Rule]:
    """Rules for web and e-mail addresses, names with @ and hashtags."""
    words = SYMBOLS[language]

    def web(match: re.Match[str]) -> str:
        host, _, path = match["rest"].rstrip("/").partition("/")
        path = re.split("[?#]", path)[0].rstrip("/")
        short = host if len(path) > _LONGEST_PATH or not path else f"{host}/{path}"
        return _spell(short, language)

    def name(match: re.Match[str]) -> str:
        return f"{words[match.group()[0]]} {match[1].replace('_', ' ')}"

    domain = rf"(?P<rest>(?:[a-z0-9-]{{2,63}}\.)+(?:{_DOMAINS})(?:/[^\s<>\"]*)?)"
    end = r"(?<![.,;:!?)\]'\"…。，！？])"
    return [
        (re.compile(rf"(?:https?|ftp)://(?:www\.)?(?P<rest>[^\s<>\"「」。，]+){end}", re.I), web),
        (re.compile(rf"(?<![\w.])www\.(?P<rest>[^\s<>\"。，]+){end}", re.I), web),
        (re.compile(r"(?<![\w.+-])[\w.+-]{1,64}@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)+(?<!-)"),
         lambda match: _spell(match.group(), language)),
        (re.compile(rf"(?<![\w@.-]){domain}(?![\w.]\w){end}"), web),
        (re.compile(r"(?<![\w&/])#([^\W\d]\w*)"), name),
        (re.compile(r"(?<![\w.])@(\w+)"), name),
    ]  # fmt: skip


def _spell(address: str, language: str) -> str:
    """An address with its signs as words; letters and digits as they are."""
    words = SYMBOLS[language]
    signs = {
        ".": words["."],
        "/": words["/"],
        "_": words["_"],
        "-": words["hyphen"],
        "@": words["@"],
        "+": words["+"],
    }
    parts = re.findall(r"[./_@+-]|\d+|[^./_@+\d-]+", address)
    said = [_number(part, language) if part.isdecimal() else signs.get(part, part) for part in parts]
    return " ".join(said)


def _number(digits: str, language: str) -> str:
    return numerals.digits(digits, language) if len(digits) > 4 else numerals.cardinal(int(digits), language)


def abbreviations(language: str) -> list[Rule]:
    """Rules for abbreviations; the point of one that ends a sentence stays."""
    found: list[Rule] = []
    for table, ahead in ((BEFORE_NUMBER, rf"(?={SPACE}?\d)"), (ABBREVIATIONS, r"(?!\w)")):
        spoken = {re.sub(r"\s", "", written): said for written, said in table[language].items()}
        if not spoken:
            continue
        forms = sorted(table[language], key=len, reverse=True)
        pattern = "|".join(re.escape(form).replace(r"\ ", f"{SPACE}?") for form in forms)

        def say(match: re.Match[str], spoken: dict[str, str] = spoken) -> str:
            text = spoken[re.sub(r"\s", "", match.group())]
            last = not match.string[match.end() :].strip(" \n\"'’”»)")
            return text + "." if last and match.group().endswith(".") else text

        found.append((re.compile(rf"(?<![\w.])(?:{pattern}){ahead}"), say))
    return found


def formulas(language: str) -> list[Rule]:
    """Rules for chemical formulas: ``H₂O``, ``C6H12O6``, ``6CO2``."""

    def say(match: re.Match[str]) -> str | None:
        plain = match["formula"].translate(_SUBSCRIPTS)
        parts = re.findall(r"[A-Z][a-z]?|\d+|[()]", plain)
        atoms = [part for part in parts if part[0].isalpha()]
        if not all(atom in ELEMENTS for atom in atoms):
            return None
        words = [
            numerals.cardinal(int(part), language) if part.isdecimal() else part
            for part in parts
            if part not in "()"
        ]
        if match["count"]:
            words.insert(0, numerals.cardinal(int(match["count"]), language))
        return " ".join(words)

    pattern = (
        rf"{BEFORE}(?:(?P<count>\d{{1,3}}){SPACE}?)?"
        r"(?P<formula>(?=[A-Za-z()]*[\d₀-₉])(?:\(?[A-Z][a-z]?\)?[\d₀-₉]{0,3}){2,12}|[A-Z][a-z]?[2₀-₉][₀-₉]?)(?![\w-])"
    )
    return [(re.compile(pattern), say)]


def operators(language: str) -> list[Rule]:
    """Rules for the signs of arithmetic, ranges and ``&``."""
    words = SYMBOLS[language]

    def sign(match: re.Match[str]) -> str | None:
        return words.get(
            {"−": "-", "·": "×", "*": "×", "∗": "×", "⇒": "→", "⟶": "→", "/": "÷", "∆": "Δ"}.get(
                match[1], match[1]
            )
        )

    def over(match: re.Match[str]) -> str | None:
        return words["over"] if "=" in match.string else None

    term = r"[\w)\]²³⁰-⁹₀-₉%°]"
    after_term = rf"(?:(?<={term})|(?<={term}{SPACE}))"
    after_number = rf"(?:(?<=[\d)]{SPACE})|(?<=\b[a-z]{SPACE}))"
    return [
        (re.compile(rf"(?:(?<=\d)|(?<=\d{SPACE}))–(?={SPACE}?\d)"), lambda _: words["–"]),
        (re.compile(r"(?<=[%‰°€CFm.])–(?=[$€£]?\d)"), lambda _: words["–"]),
        (re.compile(r"(?<![\w/][a-z])(?<=[a-z])(/)(?=[a-z](?![\w/]))"), over),
        (re.compile(rf"{after_term}(?<!\+)([+×÷·=≤≥≠≈±→⇒⟶−])(?={SPACE}?[\w(√∛π−-])"), sign),
        (re.compile(rf"{after_number}([-*∗/<>])(?={SPACE}(?:[\d(]|[a-z]\b))"), sign),
        (re.compile(r"(?<=\d)([*<>])(?=\d)"), sign),
        (re.compile(r"([=≤≥≠≈±→√∛∞π∑∫Δ∆])"), sign),
        (re.compile(r"(?<=[\s\w])(&)(?=[\s\w])"), sign),
        (re.compile(r"(?<=\s)([+×÷])(?=\s)"), sign),
    ]


def proportions(language: str) -> list[Rule]:
    """Rules for ``16:9`` and ``4x3``; what reads as a time of day is one."""
    words = SYMBOLS[language]

    def say(word: str) -> Callable[[re.Match[str]], str]:
        def both(match: re.Match[str]) -> str:
            one, other = (numerals.cardinal(int(number), language) for number in match.groups())
            return numerals.join(numerals.join(one, word, language), other, language)

        return both

    return [
        (re.compile(rf"{BEFORE}(\d{{1,3}}):(\d)(?![\d:]){AFTER}"), say(words[":"])),
        (re.compile(rf"{BEFORE}(\d{{1,4}})x(\d{{1,4}}){AFTER}"), say(words["x"])),
    ]


def romans(language: str) -> list[Rule]:
    """Rules for Roman numbers: of rulers (Henry VIII), and of parts and events (Chapter IV)."""
    if language not in RULERS:
        return []
    number = r"(X{0,3}(?:IX|IV|V?I{0,3}))\b"
    point = r"(?:\.(?!\w))?" if language == "de" else ""

    def ruler(match: re.Match[str]) -> str | None:
        after = match.string[match.end() :]
        said_of_oneself = match[1] == "I" and language == "en" and not re.match(r" of\b|\W*$|[,.;:)]", after)
        if not match[1] or said_of_oneself:
            return None
        # The point of an ordinal may be that of the sentence, too.
        last = match.group().endswith(".") and not after.strip(" \n\"'“»)")
        return _ruler(numerals.roman(match[1]), language) + ("." if last else "")

    def part(match: re.Match[str]) -> str | None:
        return numerals.cardinal(numerals.roman(match[1]), language) if match[1] else None

    def sequel(match: re.Match[str]) -> str | None:
        name = word_before(match)
        return part(match) if len(name) >= _SHORTEST_NAME and name[0].isupper() else None

    return [
        (re.compile(rf"(?:{_after(RULERS[language])}){number}{point}"), ruler),
        (re.compile(rf"(?:{_after(PARTS[language])}){number}"), part),
        (re.compile(rf"(?<=[^\W\d_] )(?=[IVX]{{2}}){number}(?!\.\w)"), sequel),
    ]


def _after(words: Sequence[str]) -> str:
    return "|".join(f"(?<={re.escape(word)} )" for word in words)


def _ruler(number: int, language: str) -> str:
    if language == "en":
        return f"the {numerals.ordinal(number, 'en')}"
    if language == "de":
        return f"der {numerals.ordinal(number, 'de').capitalize()}"
    if language == "fr":
        return "premier" if number == 1 else numerals.cardinal(number, "fr")
    return numerals.ordinal(number, "es") if number <= 10 else numerals.cardinal(number, "es")


def ranges(language: str) -> list[Rule]:
    """Rule for a hyphen between two whole numbers: a range, or a minus in an equation."""
    words = SYMBOLS[language]

    def say(match: re.Match[str]) -> str | None:
        if "=" in match.string:
            return words["-"]
        first = re.search(r"\d+$", match.string[: match.start()])
        second = re.match(r"\d+", match.string[match.end() :])
        rising = first and second and int(first.group()) < int(second.group())
        return words["–"] if rising else None

    return [(re.compile(rf"(?<!-\d)(?<!-\d\d)(?<=\d)-(?=\d{{1,6}}{AFTER})(?!\d+-)"), say)]


def emoji() -> list[Rule]:
    """Rule that leaves emoji out; the digit of a key cap stays."""
    keycap = re.compile("(?<=[0-9#*])\ufe0f?\u20e3")
    # Joiners alone belong to words of some scripts; © and ™ are no emoji here.
    run = re.compile(f"(?![\u200c\u200d]){EMOJI}+")
    return [(keycap, lambda _: ""), (run, lambda _: "")]
