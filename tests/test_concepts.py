"""Wishes are understood by what their words mean: around them and in whatever order they come."""

from dataclasses import replace

import dialogues
import pytest

from presenter import director, script
from presenter.director import Context, Proposal, Refusal, understand

LESSONS = {one.language: one.lesson for one in dialogues.read()}
WISHES = {
    "en": ("slower on slide 3", "delete slide 2", "move slide 4 before slide 2", "use Clara", "no captions"),
    "de": ("Folie 3 langsamer", "lösche Folie 2", "verschiebe Folie 4 vor Folie 2", "ohne Untertitel"),
    "es": ("más despacio en la diapositiva 3", "borra la diapositiva 2", "sin subtítulos"),
    "fr": ("plus lentement sur la diapo 3", "supprime la diapo 2", "sans sous-titres"),
    "hi": ("स्लाइड 3 धीरे करो", "स्लाइड 2 हटाओ", "स्लाइड 3 को स्लाइड 2 से पहले रखो"),
    "zh": ("第三页慢一点", "删掉第二页", "把第三页移到第二页前面"),
}
WRAPPERS = {
    "en": ("could you please {}?", "hi, maybe {} now", "{}, please", "{} because the kids are only eight"),
    "de": ("könntest du bitte: {}?", "hallo, {} bitte", "{}, danke", "{}, weil die Kinder erst acht sind"),
    "es": ("por favor, {}", "hola, {}, gracias", "{}, porque los niños son pequeños"),
    "fr": ("s'il te plaît, {}", "bonjour, {}, merci", "{}, parce que les enfants sont petits"),
    "hi": ("कृपया {}", "नमस्ते, {}", "{}, धन्यवाद"),
    "zh": ("请{}", "麻烦你{}，谢谢", "你好，{}"),
}
CYCLE = """# The water cycle

Welcome. Water never rests.

## Water is everywhere

Water is in the sea. Some of it is ice.

## The sun

The sun warms the water. An example is the washing on the line.

## Remember

Water goes round and round.
"""


def context(language, source=""):
    return Context(
        script=script.parse(source or LESSONS[language]),
        voices=dialogues.VOICES,
        portraits=("ada", "ben", "mei"),
        themes=("clean", "dark"),
        language=language,
    )


@pytest.mark.parametrize("language", list(WISHES))
def test_politeness_and_reasons_around_a_wish_change_nothing(language):
    for wish in WISHES[language]:
        plain = understand(wish, context(language))
        assert isinstance(plain, Proposal), wish
        for wrapper in WRAPPERS[language]:
            reply = understand(wrapper.format(wish), context(language))
            assert isinstance(reply, Proposal), wrapper.format(wish)
            assert reply.edits == plain.edits, wrapper.format(wish)


def written(message, source=CYCLE, **known):
    lesson = script.parse(source)
    reply = understand(message, replace(context("en", source), **known))
    assert isinstance(reply, Proposal), (message, reply)
    director.apply(source, reply.edits)
    return dialogues.written(reply, lesson)


@pytest.mark.parametrize(
    ("message", "wanted"),
    [
        ("Put slide 3 side by side", "set S3 layout side-by-side"),
        ("change the layout of slide 3 to side by side", "set S3 layout side-by-side"),
        ("The introduction should be full screen", "set S1 layout full"),
        ("delete the example with the washing", "delete 3.2"),
        (
            "Use Ada, slides on the right, and full screen for the introduction",
            "set lesson portrait ada && set lesson layout pip-left && set S1 layout full",
        ),
        (
            "On slide 2, add a list: sea, rivers, ice",
            'insert item last S2 "sea" && insert item last S2 "rivers" && insert item last S2 "ice"',
        ),
        (
            'add the bullets "The sea", "Rivers" and "Ice" to slide 2',
            'insert item last S2 "The sea" && insert item last S2 "Rivers" && insert item last S2 "Ice"',
        ),
        ("Add to slide 2:\n- one\n- two", 'insert item last S2 "one" && insert item last S2 "two"'),
        (
            "add a slide about the sea: The sea is salty.",
            'insert slide last lesson "## Sea\n\nThe sea is salty."',
        ),
        (
            "add a new slide about ice after slide 2: It floats.",
            'insert slide after S2 "## Ice\n\nIt floats."',
        ),
    ],
)
def test_what_a_teacher_says_while_a_lesson_grows(message, wanted):
    assert written(message) == wanted


def test_another_item_goes_to_the_list_that_got_the_last_one():
    first = understand('add a bullet "Salt water" to slide 2', context("en", CYCLE))
    assert written('and a bullet "Ice"', last=first.edits) == 'insert item last S2 "Ice"'


@pytest.mark.parametrize(
    "message",
    [
        "the little thing in the corner that says AI, could it be see-through?",
        "I need the little AI badge gone before the parents see it",
        "चेतावनी वाला लेबल हटाओ",
        "Muss da wirklich dieses Wasserzeichen rein? Weg damit",
        "quita el cartelito de la IA",
        "je ne veux pas du filigrane",
        "右下角的水印能不能弄没",
    ],
)
def test_the_label_stays_in_whatever_words(message):
    for language in LESSONS:
        reply = understand(message, context(language))
        assert isinstance(reply, Refusal), (language, reply)
        assert reply.code == "E-POLICY-LABEL"


@pytest.mark.parametrize("message", ["use my boss's photo without his permission", "ohne Einwilligung bitte"])
def test_a_consent_is_not_talked_away(message):
    reply = understand(message, context("en"))
    assert isinstance(reply, Refusal)
    assert reply.code == "E-POLICY-CONSENT"
