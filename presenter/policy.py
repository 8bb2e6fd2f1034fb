"""What may not be said, and whose picture may not be used: a small table of precise rules.

A rule names what is said *to* the viewer, not what is talked *about*: lessons on fraud, elections or
the human body pass. So a match is let through where it stands in quotation marks, or where it or the
sentence before it warns, denies, imagines or reports.
"""

from __future__ import annotations

import logging
import re
from collections.abc import Mapping
from dataclasses import dataclass

from presenter import text as texts
from presenter.errors import InputError
from presenter.pronunciations import chosen
from presenter.script import lexicon
from presenter.types import Script, Segment

_LOG = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Rule:
    """A row of the table."""

    id: str
    code: str
    about: str
    """What it forbids, for the message."""
    hint: str
    patterns: Mapping[str, tuple[str, ...]]
    """Language -> regular expressions. All are tried on every sentence: a wrong tag hides nothing."""
    real_person: bool = False
    """Only where the face or the voice is that of a real person."""


_APPEAL = "If this is a mistake, report it to whoever runs this service and name the rule."

RULES: tuple[Rule, ...] = (
    Rule(
        "P-01",
        "E-POLICY-TEXT",
        "sexual words in the mouth of a real person",
        f"Reword it or choose a sample presenter. {_APPEAL}",
        {
            "en": (
                r"\b(?:fuck me|suck my|lick my|come on my|cum (?:on|in)|jerk(?:ing)? off|blow ?jobs?)\b",
                r"\bi(?:'m| am) (?:so |really |very )?(?:horny|naked for you|wet for you)\b",
                r"\b(?:have|having) sex with (?:me|you)\b",
                r"\bmy (?:naked|nude) (?:body|pictures|photos)\b",
            ),
            "de": (
                r"\b(?:fick mich|leck mich|blas mir|ich bin (?:so )?geil auf)\b",
                r"\b(?:sex mit (?:mir|dir)|meinen? nackten? (?:körper|bilder|fotos))\b",
            ),
            "es": (
                r"\b(?:fóllame|cógeme|chúpame|estoy (?:muy )?cachond[oa])\b",
                r"\b(?:sexo (?:conmigo|contigo)|mi cuerpo desnudo|mis fotos desnud[oa])\b",
            ),
            "fr": (
                r"\b(?:baise[- ]moi|suce[- ]moi|je suis (?:trop )?excitée? pour toi)\b",
                r"\b(?:(?:faire l'amour|coucher) avec (?:moi|toi)|mon corps nu|mes photos nue?s?)\b",
            ),
            "hi": (r"(?:मेरे|तुम्हारे|आपके) साथ (?:सेक्स|संभोग)", r"मेरी नंगी (?:तस्वीर|फ़ोटो|फोटो)"),
            "zh": (r"(?:跟|和|与)(?:我|你)(?:做爱|上床)", r"我的裸(?:体|照)"),
        },
        real_person=True,
    ),
    Rule(
        "P-02",
        "E-POLICY-TEXT",
        "asking the viewer for money or secrets",
        f"Reword it so that nobody is asked to pay or to tell a secret. {_APPEAL}",
        {
            "en": (
                r"\b(?:tell|give|send|text|read|e-?mail) (?:me|us) your (?:\w+ ){0,2}"
                r"(?:pin|password|passcode|one-time code|card number|cvv|social security number|"
                r"bank details)\b",
                r"\b(?:send|transfer|wire) (?:me|us) (?:the |some |your )?(?:\w+ )?"
                r"(?:money|bitcoins?|gift cards?|cash|crypto)\b",
                r"\b(?:double|triple) your (?:money|bitcoins?|crypto|investment)\b",
                r"\bguaranteed (?:daily |weekly |monthly )?(?:returns?|profits?) of \d",
                r"\byour account (?:has been|is|will be) (?:blocked|locked|"
                r"suspended)\b.{0,80}\b(?:call|click|pay|send)\b",
                r"\bi(?:'m| am) (?:calling )?from (?:your bank|the tax office|the police|microsoft "
                r"support)\b",
            ),
            "de": (
                r"\b(?:nennen|geben|schicken|senden|verraten) sie (?:mir|uns) (?:bitte )?ihre?n? (?:\w+ )?"
                r"(?:pin|tan|passwort|kennwort|kartennummer|kontodaten|zugangsdaten)\b",
                r"\b(?:überweisen|schicken|senden) sie (?:mir|uns) (?:bitte )?(?:das |ihr )?"
                r"(?:geld|bitcoins?|gutscheinkarten|bargeld)\b",
                r"\bverdoppeln sie ihr (?:geld|vermögen|guthaben)\b",
                r"\bgarantierte? (?:rendite|gewinne?) von \d",
                r"\bich (?:bin|rufe an) von (?:ihrer bank|der polizei|dem finanzamt)\b",
            ),
            "es": (
                r"\b(?:díganos|dígame|envíenos|envíeme|denos|deme) su (?:pin|contraseña|clave|"
                r"número de tarjeta)\b",
                r"\b(?:envíeme|envíenos|transfiérame|transfiéranos) (?:el |su )?(?:dinero|bitcoins?)\b",
                r"\bduplique su (?:dinero|inversión)\b",
                r"\b(?:ganancias|rentabilidad) garantizadas? del? \d",
            ),
            "fr": (
                r"\b(?:donnez|envoyez|dites|communiquez)[- ](?:moi|nous) votre "
                r"(?:code|mot de passe|numéro de carte|identifiant)\b",
                r"\b(?:envoyez|virez|transférez)[- ](?:moi|nous) (?:de l'|l'|votre )?(?:argent|bitcoins?)\b",
                r"\bdoublez votre (?:argent|mise|investissement)\b",
                r"\b(?:gains|rendements?) garantis? de \d",
            ),
            "hi": (
                r"(?:मुझे|हमें) अपना (?:\S+ )?(?:पिन|ओटीपी|पासवर्ड|कार्ड नंबर) (?:बताएँ|बताएं|बताइए|"
                r"भेजें|भेजिए|दें)",
                r"(?:मुझे|हमें) (?:तुरंत )?(?:पैसे|पैसा|बिटकॉइन) (?:भेजें|भेजिए|भेजो)",
                r"अपना पैसा दोगुना (?:करें|कीजिए)",
            ),
            "zh": (
                r"(?:把|将)?你的(?:银行)?(?:密码|验证码|卡号|账号)(?:告诉|发给|给)(?:我|我们)",
                r"(?:给|向)(?:我|我们)(?:转账|汇款|打钱)",
                r"(?:保证|稳赚)(?:每[天月])?(?:收益|回报|利润)?百?分?之?\d+%?",
            ),
        },
    ),
    Rule(
        "P-03",
        "E-POLICY-TEXT",
        "false directions for voting",
        f"Point to the election office instead. {_APPEAL}",
        {
            "en": (
                r"\b(?:vote|cast your (?:vote|ballot)) (?:by|via|with an?) (?:text|text message|sms|"
                r"phone|whatsapp|tweet)\b",
                r"\b(?:the election|election day|the vote) (?:has been|is) (?:moved|postponed|"
                r"cancelled|canceled)"
                r"(?: to| until|\.|!|$)",
                r"\byou (?:must|can|should|may) (?:only )?vote (?:twice|a day later|on the day after)\b",
                r"\bpolling (?:stations|places) (?:are|will be) closed (?:today|tomorrow|on election day)\b",
                r"\b(?:do not|don't) (?:go|bother) (?:to )?(?:vote|voting|the polls)\b",
            ),
            "de": (
                r"\b(?:stimmen sie|wählen sie|stimmt) (?:jetzt |einfach )?per (?:sms|whatsapp|"
                r"telefon|anruf) (?:ab)?\b",
                r"\bdie wahl (?:wurde|ist) (?:auf .{1,30} )?(?:verschoben|abgesagt)\b",
                r"\bdie wahllokale (?:sind|bleiben) (?:heute|morgen|am wahltag) geschlossen\b",
                r"\b(?:gehen sie|geht) nicht (?:zur wahl|wählen)\b",
            ),
            "es": (
                r"\b(?:vote|vota|voten) por (?:sms|mensaje de texto|whatsapp|teléfono)\b",
                r"\blas elecciones (?:se han|han sido) (?:aplazado|aplazadas|cancelado|canceladas|"
                r"pospuesto)\b",
                r"\bno (?:vaya|vayan|vayas) a votar\b",
            ),
            "fr": (
                r"\b(?:votez|vote) par (?:sms|texto|whatsapp|téléphone)\b",
                r"\b(?:l'élection|le vote) (?:est|a été) (?:reportée?|annulée?)\b",
                r"\bn'allez pas voter\b",
            ),
            "hi": (
                r"(?:एसएमएस|व्हाट्सऐप|व्हाट्सएप|फ़ोन|फोन) (?:से|पर) (?:वोट|मतदान) (?:करें|कीजिए|दें)",
                r"(?:चुनाव|मतदान) (?:टल गया|रद्द हो गया|स्थगित हो गया) है",
                r"(?:वोट|मतदान) (?:देने|करने) (?:मत|न) (?:जाएँ|जाएं|जाइए)",
            ),
            "zh": (
                r"(?:用|通过)(?:短信|微信|电话)投票",
                r"(?:选举|投票)(?:已经?)?(?:推迟|取消)了?[。！到至]",
                r"不要去投票",
            ),
        },
    ),
    Rule(
        "P-04",
        "E-POLICY-IMPERSONATION",
        "speaking as the holder of a public office",
        'Speak about the office instead, for example "The President has said that ...", '
        f"or choose a sample presenter. {_APPEAL}",
        {
            "en": (
                r"\b(?:i(?:'m| am)|this is|i,) (?:\w+ \w+, )?(?:the |your )(?:\w+ )?"
                r"(?:president|vice president|prime minister|chancellor|king|queen|emperor|governor|mayor|"
                r"(?:foreign|finance|health|defen[cs]e|interior) minister|secretary of state|"
                r"secretary-general|"
                r"attorney general|chief of police) of (?:the )?(?-i:[A-Z])\w+",
                r"\bi(?:'m| am) (?:the pope|(?-i:President|Chancellor|Prime Minister|Pope) (?-i:[A-Z])\w+)",
            ),
            "de": (
                r"\bich bin (?:der|die|ihre?) (?:\w+ )?(?:bundeskanzler(?:in)?|bundespräsident(?:in)?|papst|"
                r"ministerpräsident(?:in)?|(?:außen|innen|finanz|gesundheits|"
                r"verteidigungs)minister(?:in)?)\b",
                r"\bich bin (?:der|die) (?:präsident(?:in)?|könig(?:in)?|kanzler(?:in)?|kaiser(?:in)?|"
                r"bürgermeister(?:in)?) (?:von (?-i:[A-ZÄÖÜ])|(?-i:Deutschlands|Frankreichs|"
                r"Österreichs|Russlands)|"
                r"der (?-i:Vereinigten|Republik|Bundesrepublik|Europäischen|Ukraine|Türkei|Schweiz|USA))",
            ),
            "es": (
                r"\bsoy (?:el|la|su) (?:president[ea]|primer[ao]? ministr[oa]|rey|reina|canciller|"
                r"gobernadora?|"
                r"alcalde|alcaldesa|ministr[oa]) (?:de|del) (?:la |los |el )?(?-i:[A-ZÁÉÍÓÚ])",
                r"\bsoy el papa\b",
            ),
            "fr": (
                r"\bje suis (?:le|la|votre) (?:président|présidente|premier ministre|première "
                r"ministre|roi|reine|"
                r"chancelier|maire|ministre) (?:de (?:la |l')?|du |des |d')(?-i:[A-ZÉ])",
                r"\bje suis le pape\b",
            ),
            "hi": (r"मैं .{0,20}(?:राष्ट्रपति|प्रधानमंत्री|मुख्यमंत्री|राज्यपाल)(?: \S+){0,2} (?:हूँ|हूं|बोल रहा|बोल रही)",),
            "zh": (r"我是(?:\w{0,8})(?:总统|国家主席|总理|首相|国王|女王|教皇|总书记)",),
        },
        real_person=True,
    ),
)

_HARMLESS = (
    # warns
    r"\b(?:never|beware|warn\w*|scam\w*|fraud\w*|phish\w*|criminals?|swindlers?|fake|false|"
    r"misinformation|myth|rumou?r)\b",
    r"\b(?:niemals|nie|betr[uü]g\w*|warn\w*|vorsicht|falsch\w*|kriminelle\w*|gerücht\w*)\b",
    r"\b(?:nunca|estafa\w*|fraude\w*|cuidado|fals[oa]s?|delincuentes?|bulos?)\b",
    r"\b(?:jamais|arnaque\w*|escroc\w*|fraude\w*|attention|faux|fausses?|rumeurs?)\b",
    r"कभी|धोखा|ठग|सावधान|झूठ|अफ़वाह|अफवाह",
    r"骗|诈|切勿|千万别|谣言|虚假|警惕",
    # imagines, reports, asks
    r"\bif (?:someone|somebody|anyone|a caller|a stranger|they|he|she|i were|i was)\b",
    r"\b(?:imagine|pretend|suppose|says?|said|claims?|wrote|writes|play(?:s|ing)?|for example)\b",
    r"\b(?:wenn (?:jemand|einer|ich)|stell\w* (?:dir|euch|sie)|angenommen|sagt\w*|behaupte\w*|"
    r"schreib\w*|spiel\w*|zum beispiel)\b",
    r"\b(?:si (?:alguien|yo|fuera)|imagin\w+|dice|dijo|dicen|por ejemplo)\b",
    r"\b(?:imagin\w+|dit|disent|prétend\w*|par exemple)\b",
    r"\bsi (?:je|quelqu'un|on)\b",
    r"(?:अगर|यदि) (?:कोई|मैं)|मान ल|कल्पना|कहता|कहते|उदाहरण",
    r"(?:如果|假如)(?:有人|我是)|想象|假装|例如|比如|说自己",
)
_NEGATED = r"\b(?:not|do not|don't|nicht|kein\w*|no|ne)\s+$|(?:不要|别|不)$"
_QUOTES = (("“", "”"), ("„", "“"), ("«", "»"), ("»", "«"), ("「", "」"), ("『", "』"), ('"', '"'), ("‘", "’"))


def _compiled(rule: Rule) -> tuple[re.Pattern[str], ...]:
    return tuple(re.compile(pattern, re.I) for patterns in rule.patterns.values() for pattern in patterns)


_PATTERNS = {rule.id: _compiled(rule) for rule in RULES}
_HARMLESS_PATTERN = re.compile("|".join(_HARMLESS), re.I)
_NEGATED_PATTERN = re.compile(_NEGATED, re.I)


def check(script: Script, *, real_person: bool) -> None:
    """Look at all that will be said, pronunciations included.

    Args:
        script: the lesson.
        real_person: whether a real person's face or voice is used.

    Raises:
        InputError: ``E-POLICY-TEXT`` or ``E-POLICY-IMPERSONATION`` with the rule and the sentence.
    """
    entries = lexicon(script)
    before = ""
    for segment in script.segments:
        languages = (segment.language, *(stretch.language for stretch in segment.stretches))
        words = {word: say for one in languages for word, say in chosen(entries, one).items()}
        said = _spoken(segment, words)
        for rule in RULES:
            if (real_person or not rule.real_person) and _breaks(rule, before, said):
                line = script.source.count("\n", 0, segment.span[0]) + 1
                raise InputError(
                    rule.code,
                    f'Line {line} cannot be said here (rule {rule.id}, {rule.about}): "{_short(said)}".',
                    rule.hint,
                    "script",
                )
        before = said


def _spoken(segment: Segment, words: Mapping[str, str]) -> str:
    """What is heard, without the normalisation of any language, with plain apostrophes and spaces."""
    reading = texts.read(segment.text, "und", segment.pronunciations, words)
    return " ".join(reading.text.replace("’", "'").replace("\u2010", "-").split())


def _breaks(rule: Rule, before: str, said: str) -> bool:
    # A pause can cut a sentence in two, so a match may begin in what was said before.
    joined = f"{before} {said}".strip()
    for pattern in _PATTERNS[rule.id]:
        for match in pattern.finditer(joined):
            new = match.end() > len(joined) - len(said)
            if new and not _quoted(joined, match.start(), match.end()) and not _harmless(joined, match):
                return True
    return False


def _harmless(joined: str, match: re.Match[str]) -> bool:
    around = joined[: match.start()] + " " + joined[match.end() :]
    return bool(_HARMLESS_PATTERN.search(around) or _NEGATED_PATTERN.search(joined[: match.start()]))


def _quoted(text: str, start: int, end: int) -> bool:
    """Whether a span stands in quotation marks."""
    for opening, closing in _QUOTES:
        if opening == closing:
            if text[:start].count(opening) % 2 and opening in text[end:]:
                return True
        elif text.rfind(opening, 0, start) > text.rfind(closing, 0, start) and closing in text[end - 1 :]:
            return True
    return False


def _short(text: str, longest: int = 120) -> str:
    return text if len(text) <= longest else text[: longest - 1].rsplit(" ", 1)[0] + "…"
