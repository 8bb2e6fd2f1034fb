"""Cleaning, sentences, words, languages, and reading aloud."""

from __future__ import annotations

import itertools
import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from presenter import text
from presenter.types import Pronunciation

TEXTS = st.text(max_size=120) | st.text("0123456789.,:/-–+=%€$°²₂ kmhHCO()@#", max_size=60)
LANGUAGES = st.sampled_from(["en", "en-GB", "de", "es", "fr", "hi", "cmn", "th", "xx", ""])


def cut(written: str, language: str) -> list[str]:
    return [written[start:end] for start, end in text.sentences(written, language)]


def say(written: str, language: str = "en") -> str:
    return text.read(written, language).text


# --- characters -------------------------------------------------------------------------------


def test_control_zero_width_and_bidirectional_characters_are_removed_and_counted():
    dirty = "a\x00b\u200bc\u202ed\u2066e\x1bf\u00adg\ufeffh\ud800i"
    assert text.clean(dirty) == ("abcdefghi", 8)


def test_line_ends_and_a_byte_order_mark_do_not_count_as_removed():
    assert text.clean("\ufeffone\r\ntwo\rthree\u2028four\tfive") == ("one\ntwo\nthree\nfour\tfive", 0)


def test_text_is_composed():
    assert text.clean("e\u0301") == ("é", 0)


@pytest.mark.parametrize(
    "joined", ["क्\u200dष", "می\u200cخواهم", "👩\u200d🔬", "🏴\U000e0067\U000e0062\U000e007f"]
)
def test_joiners_stay_where_a_script_or_an_emoji_needs_them(joined):
    assert text.clean(joined) == (joined, 0)


def test_joiners_go_where_they_hide_between_latin_letters():
    assert text.clean("pay\u200dpal \u200cx") == ("paypal x", 2)


@given(st.text(max_size=80))
@settings(max_examples=50)
def test_cleaning_twice_changes_nothing_more(dirty):
    once, _ = text.clean(dirty)
    assert text.clean(once) == (once, 0)
    once.encode()
    assert unicodedata.is_normalized("NFC", once)


# --- sentences and words ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("language", "expected"),
    [
        (
            "en",
            ["Dr. Smith paid $3.50 to Mr. Lee.", "He left for the U.S. in Jan. 2020!", '"Really?" she said.'],
        ),
        ("de", ["Das ist z. B. gut.", "Am 3. Mai kam Dr. Müller.", "Der 2. Weltkrieg begann 1939."]),
        ("es", ["El Sr. García pagó 3,50 €.", "¿Cómo está?", "¡Bien!"]),
        ("fr", ["M. Dupont a payé 3,50 €.", "Est-il parti ?", "Oui."]),
        ("hi", ["डॉ. शर्मा आए।", "यह कितने का है?", "यह 3.50 रुपये का है।"]),
        ("cmn", ["这是第一句。", "圆周率是3.14！", "真的吗？"]),
        ("ja", ["これはペンです。", "あれは何ですか？"]),
    ],
)
def test_sentences_end_where_they_should(language, expected):
    between = "" if language in ("cmn", "ja") else " "
    assert cut(between.join(expected), language) == expected


def test_a_long_sentence_is_cut_at_clauses():
    clause = "the leaf takes in light, "
    parts = cut(clause * 40, "en")
    assert len(parts) > 2
    assert all(len(part) <= text.LONGEST and part.endswith("light,") for part in parts)


def test_five_thousand_characters_without_punctuation_are_cut_at_spaces():
    written = "photosynthesis " * 334
    parts = cut(written, "en")
    assert all(len(part) <= text.LONGEST for part in parts)
    assert " ".join(parts) == written.strip()


def test_a_long_chinese_sentence_is_cut_between_characters():
    parts = cut("光" * 1000, "cmn")
    assert "".join(parts) == "光" * 1000
    assert all(len(part) <= text.LONGEST for part in parts)


def test_one_long_word_is_never_cut():
    assert cut("x" * 1000, "en") == ["x" * 1000]


@given(TEXTS, LANGUAGES)
@settings(max_examples=100, deadline=None)
def test_sentences_hold_every_visible_character_once(written, language):
    written, _ = text.clean(written)
    spans = text.sentences(written, language)
    assert all(first[1] <= second[0] for first, second in itertools.pairwise(spans))
    kept = "".join(written[start:end] for start, end in spans)
    assert "".join(kept.split()) == "".join(written.split())


def test_words_keep_what_belongs_to_them():
    written = "Don't pay 3.50 for e-mail, यह कीमत, 你好!"
    found = [written[start:end] for start, end in text.words(written)]
    assert found == ["Don't", "pay", "3.50", "for", "e-mail", "यह", "कीमत", "你", "好"]


# --- languages --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("written", "language"),
    [
        ("The leaf makes sugar out of light and water.", "en"),
        ("Das Blatt macht Zucker aus Licht und Wasser.", "de"),
        ("La hoja produce azúcar con luz y agua.", "es"),
        ("La feuille fabrique du sucre avec de la lumière.", "fr"),
        ("पत्ती प्रकाश और पानी से शक्कर बनाती है।", "hi"),
        ("叶子用光和水制造糖。", "cmn"),
        ("葉は光と水で糖を作ります。", "ja"),
        ("잎은 빛과 물로 설탕을 만듭니다.", "ko"),
        ("ใบไม้สร้างน้ำตาล", "th"),
        ("Лист делает сахар из света и воды.", "ru"),
        ("الورقة تصنع السكر من الضوء والماء", "ar"),
        ("Το φύλλο φτιάχνει ζάχαρη.", "el"),
    ],
)
def test_languages_are_recognised(written, language):
    assert text.detect_language(written)[0] == language


def test_a_text_without_letters_is_english_without_certainty():
    assert text.detect_language("2 + 2 = 4") == ("en", 0.0)


def test_one_word_is_not_guessed_wildly():
    assert text.detect_language("Hello")[0] == "en"


@pytest.mark.parametrize(
    ("given_as", "tag"),
    [("en_gb", "en-GB"), ("German", "de"), ("Deutsch", "de"), ("zh-CN", "cmn"), ("zh", "cmn"), ("HI", "hi"),
     ("klingonish", None), ("", None)],
)  # fmt: skip
def test_languages_have_one_spelling(given_as, tag):
    assert text.canonical(given_as) == tag


# --- reading aloud ----------------------------------------------------------------------------

READ = {
    "en": [
        ("In 1969, Dr. Smith left.", "In nineteen sixty-nine, Doctor Smith left."),
        ("It cost $3.50 or 50¢.", "It cost three dollars and fifty cents or fifty cents."),
        ("1,234,000 km away", "one million two hundred and thirty-four thousand kilometers away"),
        ("On May 3, 2020 at 2:05 p.m.", "On May third, twenty twenty at two oh five p m."),
        ("On 2020-05-03", "On May third, twenty twenty"),
        ("12/31/2020", "December thirty-first, twenty twenty"),
        ("the 1st, 22nd and 3rd", "the first, twenty-second and third"),
        ("-5 °C, 20–25 km/h", "minus five degrees Celsius, twenty to twenty-five kilometers per hour"),
        ("1 kg, 2.5 l, 5%", "one kilogram, two point five liters, five percent"),
        ("2 + 2 = 4, 6 ÷ 3", "two plus two equals four, six divided by three"),
        ("5 - 3 = 2, C++", "five minus three equals two, C++"),
        ("x² ≤ 9 and 10⁶", "x squared is less than or equal to nine and ten to the power of six"),
        ("½, 3/4 and 2½", "one half, three quarters and two and a half"),
        ("H₂O, CO2 and C6H12O6", "H two O, C O two and C six H twelve O six"),
        ("See https://www.example.com/a-b?x=1.", "See example dot com slash a dash b."),
        ("Mail jo.doe@uni-x.org!", "Mail jo dot doe at uni dash x dot org!"),
        ("Call +49 30 123456", "Call plus four nine, three zero, one two three four five six"),
        ("Well done 😀👩‍🔬!", "Well done!"),
        ("#Science & art, e.g. music, etc.", "hashtag Science and art, for example music, et cetera."),
        ("$5 million in the 1990s", "five million dollars in the nineteen nineties"),
        ("from 1914–1918", "from nineteen fourteen to nineteen eighteen"),
        ("p. 7, No. 5", "page seven, number five"),
        ("E = mc², √16 = 4", "E equals mc squared, the square root of sixteen equals four"),
        ("x₁^2 + y = 3×4", "x one squared plus y equals three times four"),
        ("(a + b)² ÷ ∛8", "(a plus b) squared divided by the cube root of eight"),
        ("v = s/t, and/or", "v equals s over t, and/or"),
        ("9.81 m/s²", "nine point eight one meters per second squared"),
        ("2 kg/m³", "two kilograms per cubic meter"),
        ("60 %–70 %, 16:9, 4x4", "sixty percent to seventy percent, sixteen to nine, four by four"),
        ("Henry VIII, Rocky IV.", "Henry the eighth, Rocky four."),
        ("World War II, Chapter V", "World War two, Chapter five"),
        ("Mary I think, an IV drip", "Mary I think, an IV drip"),
        ("10 Mbit/s", "ten megabits per second"),
    ],
    "en-GB": [("On 3/5/2020", "On May third, twenty twenty")],
    "de": [
        ("Am 3. Mai 2020 um 14:05 Uhr", "Am dritten Mai zweitausendzwanzig um vierzehn Uhr fünf"),
        ("3,50 € bzw. 5 Mio. €.", "drei Euro fünfzig beziehungsweise fünf Millionen Euro."),
        ("Der 2. Weltkrieg im 20. Jahrhundert", "Der zweite Weltkrieg im zwanzigsten Jahrhundert"),
        ("1 kg, 1 h, 1.200,5 km", "ein Kilogramm, eine Stunde, eintausendzweihundert Komma fünf Kilometer"),
        ("20 °C, 5 %", "zwanzig Grad Celsius, fünf Prozent"),
        ("3/4 von x² = 9", "drei Viertel von x hoch zwei gleich neun"),
        ("1987, z. B. usw.", "neunzehnhundertsiebenundachtzig, zum Beispiel und so weiter."),
        ("Ludwig XIV. von Frankreich", "Ludwig der Vierzehnte von Frankreich"),
        ("die 1960er Jahre", "die neunzehnhundertsechziger Jahre"),
        ("16:9, 5 m/s², √2", "sechzehn zu neun, fünf Meter pro Quadratsekunde, die Wurzel aus zwei"),
    ],
    "es": [
        ("El 1 de mayo de 2020 a las 14:05", "El primero de mayo de dos mil veinte a las catorce y cinco"),
        ("3,50 €, 21 km", "tres euros con cincuenta céntimos, veintiún kilómetros"),
        ("200 lb, 1/2", "doscientas libras, medio"),
        ("La Sra. Ruiz, p. ej., en el siglo XX", "La señora Ruiz, por ejemplo, en el siglo veinte"),
        ("2 + 2 = 4", "dos más dos es igual a cuatro"),
        ("Felipe II y Luis XIV", "Felipe segundo y Luis catorce"),
        ("1.000.000 €, 1 kWh", "un millón de euros, un kilovatio hora"),
    ],
    "fr": [
        ("Le 1er mai 2020 à 14h05", "Le premier mai deux mille vingt à quatorze heures cinq"),
        ("M. Dupont a payé 3,50 €.", "monsieur Dupont a payé trois euros cinquante."),
        ("1 h, 10 000 km, le 2e, 5 %", "une heure, dix mille kilomètres, le deuxième, cinq pour cent"),
        ("au XXe siècle", "au vingtième siècle"),
        ("Louis XIV et Henri IV", "Louis quatorze et Henri quatre"),
        ("1 000 000 €, 1 kWh", "un million d'euros, un kilowatt-heure"),
        ("06 12 34 56 78", "zéro six, douze, trente-quatre, cinquante-six, soixante-dix-huit"),
    ],
    "hi": [
        ("3 मई 2020 को ₹3.50", "तीन मई दो हज़ार बीस को तीन रुपये पचास पैसे"),
        ("12,34,567 लोग", "बारह लाख चौंतीस हज़ार पाँच सौ सड़सठ लोग"),
        ("5 km, 20 °C, 5%, 1987 में", "पाँच किलोमीटर, बीस डिग्री सेल्सियस, पाँच प्रतिशत, उन्नीस सौ सत्तासी में"),
        ("१२३", "एक सौ तेईस"),
        ("5 किमी, 2 kg/m³", "पाँच किलोमीटर, दो किलोग्राम प्रति घन मीटर"),
        ("x² + y² = √9", "x का वर्ग जोड़ y का वर्ग बराबर वर्गमूल नौ"),
    ],
    "cmn": [
        ("2020年5月3日14:05", "二零二零年五月三日十四点零五分"),
        ("有3个人，2个苹果", "有三个人，两个苹果"),
        ("5%，20°C，100km/h", "百分之五，二十摄氏度，每小时一百公里"),
        ("1/2，3.14，10010", "二分之一，三点一四，一万零一十"),
        ("2 + 2 = 4", "二 加 二 等于 四"),
        ("3×4=12，2小时", "三乘以四等于十二，两小时"),
        ("50%–60%，100 kg/m³", "百分之五十到百分之六十，每立方米一百千克"),
    ],
}  # fmt: skip


@pytest.mark.parametrize(
    ("language", "written", "spoken"),
    [(language, *pair) for language, pairs in READ.items() for pair in pairs],
)
def test_written_text_becomes_words(language, written, spoken):
    assert say(written, language) == spoken


def test_other_languages_are_left_to_the_voice():
    assert say("Kosztuje 3,50 zł 😀.", "pl") == "Kosztuje 3,50 zł."


def test_versions_and_unclear_dates_are_left_alone():
    assert say("Python 3.11.2, 24/7") == "Python 3.11.2, 24/7"


def test_a_spoken_word_finds_the_token_that_is_written():
    written = "It cost $3.50 in 2020, see H₂O."
    reading = text.read(written, "en")
    for word, token in (
        ("dollars", "$3.50"),
        ("fifty", "$3.50"),
        ("twenty", "2020"),
        ("two", "H₂O"),
        ("see", "see"),
    ):
        at = reading.text.index(word)
        start, end = reading.written(at, at + len(word))
        assert written[start:end] == token


def test_the_author_wins_over_the_lexicon_and_the_lexicon_over_the_rules():
    written = "NASA in 1969 and CERN"
    own = (Pronunciation(0, 4, "nassa"),)
    reading = text.read(written, "en", own, {"NASA": "wrong", "1969": "sixty-nine", "cern": "sern"})
    assert reading.text == "nassa in sixty-nine and sern"


def test_a_sound_stands_beside_the_word_that_is_said_where_it_cannot_be_made():
    own = (Pronunciation(2, 8, "/təˈmeɪtoʊ/"),)
    reading = text.read("A tomato for $2 in Worcester", "en", own, {"worcester": "WUUS-ter"})
    assert reading.text == "A tomato for two dollars in wuus-ter"
    assert [(reading.text[start:end], sound) for start, end, sound in reading.sounds()] == [
        ("tomato", "/təˈmeɪtoʊ/"), ("wuus-ter", "WUUS-ter"),
    ]  # fmt: skip


def test_a_written_word_finds_where_it_is_spoken():
    written = "It cost $3.50 in 2020."
    reading = text.read(written, "en")
    for token, said in (("$3.50", "three dollars and fifty cents"), ("2020", "twenty twenty"), ("in", "in")):
        at = written.index(token)
        assert reading.text[slice(*reading.spoken(at, at + len(token)))] == said


def test_readings_of_parts_join():
    first, second = text.read("Von 3,50 ", "de"), text.read("to 3.50", "en")
    reading = text.joined([("Von 3,50 ", first), ("to 3.50", second)])
    assert reading.text == "Von drei Komma fünf null to three point five zero"
    at = reading.text.index("three")
    assert "Von 3,50 to 3.50"[slice(*reading.written(at, at + 5))] == "3.50"


@pytest.mark.parametrize(
    ("say", "wrong"),
    [
        ("sequel", ""), ("tuh-MAY-toe", ""), ("/təˈmeɪtoʊ/", ""), ("/ʁuˈasɔ̃ çiː t͡ʃ/", ""), ("km/h", ""),
        ("/t3/", 'holds "3", which is no sign of the IPA'), ("/ˈ/", "holds no sound"),
        ("/abc", "has to stand between two slashes to be IPA"),
        ("x" * 121, "has 121 characters; the limit is 120"),
    ],
)  # fmt: skip
def test_what_cannot_be_said_is_told(say, wrong):
    assert text.unsayable(say) == wrong


def test_the_lexicon_holds_for_whole_words_only():
    assert text.read("art and party", "en", (), {"art": "aht"}).text == "aht and party"
    assert text.read("की कीमत", "hi", (), {"की": "X"}).text == "X कीमत"


@given(TEXTS, LANGUAGES, st.dictionaries(st.text(max_size=3), st.text(max_size=5), max_size=3))
@settings(max_examples=150, deadline=None)
def test_reading_never_fails_and_its_spans_are_sorted_and_in_range(written, language, lexicon):
    reading = text.read(written, language, (), lexicon)
    at, spoken = 0, ""
    for piece in reading.pieces:
        assert at <= piece.start < piece.end <= len(written)
        spoken += written[at : piece.start] + piece.spoken
        at = piece.end
    assert reading.text == spoken + written[at:]
    for index in range(len(written)):
        start, end = reading.spoken(index, index + 1)
        assert 0 <= start <= end <= len(reading.text)
    for index in range(len(reading.text)):
        start, end = reading.written(index, index + 1)
        assert 0 <= start < end <= len(written)


@pytest.mark.parametrize(
    "number", ["9" * 50, "9" * 5000, "1e999", "0" * 30, "99/0", "€" + "9" * 40, "5" * 20 + "th"]
)
@pytest.mark.parametrize("language", ["en", "de", "es", "fr", "hi", "cmn"])
def test_absurd_numbers_do_not_stop_a_lesson(number, language):
    assert isinstance(say(f"x {number} y", language), str)


@pytest.mark.parametrize(
    ("sentence", "language", "foreign"),
    [
        ("Leaves are green because of the chlorophyll in them.", "en", False),
        ("Plants make sugar.", "en", False),
        ("Die Blätter sind grün, und das liegt am Chlorophyll.", "de", False),
        ("Die Blätter sind grün, und das liegt am Chlorophyll.", "en", True),
        ("Les feuilles sont vertes et elles aiment la lumière.", "de", True),
        ("Liście są zielone, bo jest w nich chlorofil.", "en", True),
        ("Anything at all in a language without a table.", "sw", True),
    ],
)
def test_small_words_say_whether_the_classifier_is_worth_loading(sentence, language, foreign):
    assert text.may_be_foreign(sentence, language) is foreign
