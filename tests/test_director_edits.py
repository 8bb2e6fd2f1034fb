"""Edits change their own characters and nothing else."""

from pathlib import Path

import pytest

from presenter import director, script
from presenter.director import LESSON, Delete, Insert, Move, Replace, Set, apply, diff
from presenter.errors import InputError

LESSONS = Path(__file__).resolve().parent.parent / "assets" / "lessons"
SOURCE = (LESSONS / "photosynthesis.md").read_text(encoding="utf-8")
LESSON_ = script.parse(SOURCE)
SLIDES = [one.id for one in LESSON_.slides]
SAID = [one.id for one in LESSON_.segments]
TEXTS = [one.text for one in LESSON_.segments]


def texts(source):
    return [one.text for one in script.parse(source).segments]


def titles(source):
    return [one.title for one in script.parse(source).slides]


@pytest.mark.parametrize("number", range(len(SAID)))
def test_any_sentence_can_be_replaced_alone(number):
    new = apply(SOURCE, [Replace(SAID[number], "Quite another sentence.")])
    start, end = LESSON_.segments[number].span
    assert new == SOURCE[:start] + "Quite another sentence." + SOURCE[end:]
    assert texts(new) == [*TEXTS[:number], "Quite another sentence.", *TEXTS[number + 1 :]]


@pytest.mark.parametrize("number", range(len(SAID)))
def test_any_sentence_can_be_deleted_alone(number):
    assert texts(apply(SOURCE, [Delete(SAID[number])])) == [*TEXTS[:number], *TEXTS[number + 1 :]]


@pytest.mark.parametrize("place", ["before", "after"])
@pytest.mark.parametrize("number", range(0, len(SAID), 3))
def test_a_sentence_can_be_put_beside_any_other(number, place):
    at = number + (place == "after")
    new = apply(SOURCE, [Insert("sentence", "One more thing.", place, SAID[number])])
    assert texts(new) == [*TEXTS[:at], "One more thing.", *TEXTS[at:]]


@pytest.mark.parametrize("number", range(len(SLIDES)))
@pytest.mark.parametrize("before", range(len(SLIDES)))
def test_any_slide_can_be_moved_before_any_other_and_keeps_its_look(number, before):
    if number == before:
        return
    new = apply(SOURCE, [Move(SLIDES[number], "before", SLIDES[before])])
    order = [name for name in SLIDES if name != SLIDES[number]]
    order.insert(order.index(SLIDES[before]), SLIDES[number])
    lesson = script.parse(new)
    assert [one.id for one in lesson.slides] == order
    layouts = director.outline.layouts
    assert layouts(lesson) == layouts(LESSON_)
    assert sorted(texts(new)) == sorted(TEXTS)


@pytest.mark.parametrize("number", range(len(SLIDES)))
def test_any_slide_can_be_deleted_with_all_that_is_said_over_it(number):
    new = script.parse(apply(SOURCE, [Delete(SLIDES[number])]))
    assert [one.id for one in new.slides] == [name for name in SLIDES if name != SLIDES[number]]
    assert [one.text for one in new.segments] == [
        one.text for one in LESSON_.segments if one.slide != SLIDES[number]
    ]


def test_slides_parted_by_rules_can_be_moved_and_the_first_rule_becomes_no_front_matter():
    source = "First.\n\n- a\n\n---\n\nSecond.\n\n- b\n\n---\n\nThird.\n\n- c\n"
    lesson = script.parse(source)
    last, first = lesson.slides[-1].id, lesson.slides[0].id
    new = apply(source, [Move(last, "before", first)])
    assert texts(new) == ["Third.", "First.", "Second."]
    assert [one.markdown for one in script.parse(new).slides] == ["- c", "- a", "- b"]
    assert texts(apply(source, [Delete(first)])) == ["Second.", "Third."]


def test_several_edits_of_one_sentence_find_it_again():
    edits = [
        Set(SAID[1], "speed", "0.8"),
        Set(SAID[1], "pause", "2"),
        Replace(SAID[1], "Of course they cannot!"),
        Set(SAID[1], "speed", "0.9"),
    ]
    segment = script.parse(apply(SOURCE, edits)).segments[1]
    assert (segment.text, segment.style.speed, segment.pause) == ("Of course they cannot!", 0.9, 2.0)


@pytest.mark.parametrize(("name", "value"), [("speed", "0.8"), ("pitch", "2"), ("lively", "1.3")])
def test_a_slide_is_said_in_another_way_and_back_again(name, value):
    field = {"lively": "liveliness"}.get(name, name)
    new = apply(SOURCE, [Set(SLIDES[2], name, value)])
    lesson = script.parse(new)
    for before, after in zip(LESSON_.segments, lesson.segments, strict=True):
        wanted = float(value) if before.slide == SLIDES[2] else getattr(before.style, field)
        assert getattr(after.style, field) == wanted
    back = [one.id for one in lesson.slides][2]
    assert apply(new, [Set(back, name, "")]) == SOURCE


def test_a_speed_is_the_asked_one_also_inside_of_a_slow_stretch():
    source = "[speed 0.8]One is here. Two is here.[/speed] Three is here."
    lesson = script.parse(source)
    new = script.parse(apply(source, [Set(lesson.segments[0].id, "speed", "1")]))
    assert [round(one.style.speed, 2) for one in new.segments] == [1.0, 0.8, 1.0]


def test_the_layout_of_one_slide_does_not_reach_the_next():
    new = script.parse(apply(SOURCE, [Set(SLIDES[1], "layout", "full")]))
    found = director.outline.layouts(new)
    assert found == {**director.outline.layouts(LESSON_), SLIDES[1]: "full"}


@pytest.mark.parametrize(
    ("name", "value", "line"),
    [
        ("voice", "clara", "voice: clara"),
        ("portrait", "ada", "portrait: ada"),
        ("title", "Plants: a love story", 'title: "Plants: a love story"'),
        ("pronounce.SQL", "sequel", "  SQL: sequel"),
        ("pronounce.chlorophyll", "kloro fill", "  chlorophyll: kloro fill"),
    ],
)
def test_a_setting_is_one_line_at_the_head(name, value, line):
    new = apply(SOURCE, [Set(LESSON, name, value)])
    assert line in new.split("\n")
    assert script.parse(new).setting(name) == value
    assert len(set(new.split("\n")) ^ set(SOURCE.split("\n"))) <= 2


def test_a_lesson_without_front_matter_gets_one_and_loses_it_again():
    new = apply("Hello there.", [Set(LESSON, "voice", "ruth")])
    assert new == "---\nvoice: ruth\n---\n\nHello there."
    assert apply(new, [Set(LESSON, "voice", "")]) == "Hello there."


@pytest.mark.parametrize("text", ["# Loud", "- a list", "1. first", "> note: quiet", "---", "| a | b |"])
def test_words_of_a_sentence_never_become_a_heading_or_a_list(text):
    new = apply("One. Two.", [Insert("sentence", f"{text} is said.", "first", LESSON)])
    assert script.parse(new).slides == ()
    assert " ".join(texts(new)).endswith("is said. One. Two.")


@pytest.mark.parametrize(
    ("edit", "code"),
    [
        (Replace("0000000000", "X."), "E-EDIT-TARGET"),
        (Replace(SAID[0], "roof", "cellar"), "E-EDIT-TEXT"),
        (Replace(SLIDES[0], "roof", "cellar"), "E-EDIT-TEXT"),
        (Set(LESSON, "label", "off"), "E-EDIT-VALUE"),
        (Set(SAID[0], "speed", "9"), "E-EDIT-VALUE"),
        (Set(SAID[0], "title", "x"), "E-EDIT-VALUE"),
        (Set(LESSON, "captions", "loud"), "E-SCRIPT-FRONT"),
        (Move(SAID[0], "after", SAID[0]), "E-EDIT-VALUE"),
        (Set(SLIDES[0], "layout", "round"), "E-SCRIPT-LAYOUT"),
    ],
)
def test_an_edit_that_cannot_be_changes_nothing_and_says_why(edit, code):
    with pytest.raises(InputError) as caught:
        apply(SOURCE, [edit])
    assert caught.value.code == code


def test_the_last_sentence_stays():
    lesson = script.parse("# One\n\nOnly this.")
    for target in (lesson.segments[0].id, lesson.slides[0].id):
        with pytest.raises(InputError, match="E-EDIT-LAST"):
            apply(lesson.source, [Delete(target)])


def test_an_item_joins_the_list_of_a_slide_and_counts_on():
    new = apply(SOURCE, [Insert("item", "Time", "last", SLIDES[1])])
    assert "3. Carbon dioxide\n4. Time\n" in new
    assert "- A glass of water\n- Patience\n" in apply(
        SOURCE, [Insert("item", "Patience", "last", SLIDES[4])]
    )


def test_what_a_slide_shows_is_exchanged_and_what_is_said_stays():
    new = apply(SOURCE, [Replace(SLIDES[1], "Light", "Sunlight")])
    assert "1. Light\n" in new
    assert texts(new) == TEXTS


# --- differences --------------------------------------------------------------------------------


def test_a_difference_names_slide_sentence_and_words():
    new = apply(SOURCE, [Replace(SAID[2], "roof", "kitchen"), Delete(SAID[-1])])
    difference = diff(SOURCE, new)
    first, second = difference.changes
    assert (first.kind, first.what, first.slide) == ("changed", "sentence", 1)
    assert [one.text.strip() for one in first.words if one.state != "same"] == ["kitchen.", "roof."]
    assert (second.kind, second.before) == ("removed", TEXTS[-1])
    assert (difference.kept, difference.touched) == (len(SAID) - 2, 1)


def test_a_pace_that_changes_for_a_whole_slide_is_one_line_and_for_the_lesson_its_setting_alone():
    lesson = (
        "# One\n\nFirst things first. Then the others. And the rest.\n\n# Two\n\nA last word. And another."
    )
    slide = script.parse(lesson).slides[0].id
    [change] = diff(lesson, apply(lesson, [Set(slide, "speed", "0.8")])).changes
    assert (change.what, change.slide, change.before, change.after) == ("speed", 1, "1", "0.8")
    [setting] = diff(lesson, apply(lesson, [Set(director.LESSON, "speed", "0.8")])).changes
    assert (setting.what, setting.slide, setting.after) == ("speed", 0, "0.8")
    [setting] = diff(lesson, apply(lesson, [Set(director.LESSON, "layout", "pip-left")])).changes
    assert (setting.what, setting.slide, setting.after) == ("layout", 0, "pip-left")
    sentence = script.parse(lesson).segments[0].id
    [change] = diff(lesson, apply(lesson, [Set(sentence, "speed", "0.8")])).changes
    assert change.after == "0.8 (First things first.)"


def test_the_words_of_a_change_give_both_versions_back():
    changed = director.difference.words_of("The old  leaf is green.\n\n- a", "The leaf is very green.\n\n- b")
    now = "".join(one.text for one in changed if one.state != "removed")
    assert now.split() == ["The", "leaf", "is", "very", "green.", "-", "b"]


def test_a_moved_slide_is_told_once_and_not_by_each_of_its_sentences():
    difference = diff(SOURCE, apply(SOURCE, [Move(SLIDES[3], "before", SLIDES[1])]))
    assert [(one.kind, one.what, one.after) for one in difference.changes] == [
        ("moved", "slide", "Who gives what?")
    ]
    assert difference.touched == 0


def test_equal_versions_do_not_differ():
    assert diff(SOURCE, SOURCE).changes == ()


def test_all_of_a_new_lesson_is_new():
    assert {one.kind for one in diff("", "# One\n\nHello.").changes} == {"added"}
