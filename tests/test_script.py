"""The lesson dialect: what is said, what is shown, and what is refused."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from presenter import script, text
from presenter.errors import InputError
from presenter.types import Entry, Pause, Style

LESSONS = Path(__file__).parent.parent / "assets" / "lessons"

LESSON = """\
---
title: Leaves
language: en
portrait: ada
pronounce:
  NASA: nassa
---

> note: for the teacher

# Leaves [layout full]

A leaf is **green**. It [drinks](https://example.com "water") light! [pause 0.8] And [build] then?

## Parts

- Stem
- Blade

The `stem` holds it. [build] The *blade* works.

---

Only words here.
"""


def said(source: str, **options: str) -> list[str]:
    return [segment.text for segment in script.parse(source, **options).segments]


def refusal(source: str, **options: object) -> InputError:
    with pytest.raises(InputError) as caught:
        script.parse(source, **options)
    return caught.value


# --- what is said -----------------------------------------------------------------------------


def test_paragraphs_are_said_without_their_markup():
    assert said(LESSON) == [
        "A leaf is green.", "It drinks light!", "And then?", "The stem holds it.", "The blade works.",
        "Only words here.",
    ]  # fmt: skip


@pytest.mark.parametrize("source", ["One line of text.", "Plain.\r\n\r\n    Indented too.", "no full stop"])
def test_plain_text_is_a_lesson_too(source):
    lesson = script.parse(source)
    assert lesson.segments
    assert not lesson.slides
    assert not lesson.warnings
    assert all(segment.slide == "" for segment in lesson.segments)


def test_headings_lists_tables_code_formulas_pictures_notes_and_comments_are_not_said():
    source = (
        "# Title\n\nSaid.\n\n- list\n\n1. list\n\n| a | b |\n|---|---|\n| c | d |\n"
        "\n```\ncode\n```\n\n$$\nx\n$$\n"
        "\n$E=mc^2$\n\n![alt](a.png)\n\n> quote\n\n> **Note:** secret\n\n<!-- comment\n\nmore -->\n"
    )
    lesson = script.parse(source)
    assert [segment.text for segment in lesson.segments] == ["Said."]
    shown = lesson.slides[0].markdown
    for part in (
        "# Title",
        "- list",
        "| c | d |",
        "code",
        "$$\nx\n$$",
        "$E=mc^2$",
        "![alt](a.png)",
        "> quote",
    ):
        assert part in shown
    assert "secret" not in shown
    assert "comment" not in shown


def test_a_picture_inside_a_paragraph_is_shown_and_the_words_are_said():
    lesson = script.parse("# T\n\nLook at ![a leaf](leaf.png) this leaf.")
    assert lesson.segments[0].text == "Look at this leaf."
    assert lesson.slides[0].markdown == "# T\n\n![a leaf](leaf.png)"


def test_lines_of_a_paragraph_are_joined_with_a_space_only_where_the_script_has_spaces():
    assert said("One\ntwo.") == ["One two."]
    assert said("这是第\n一句。") == ["这是第一句。"]


def test_signs_that_are_no_markup_stay():
    source = r"2 * 3 * 4 = 24, snake_case_name, a < b, 5 \* 2, [1], AT&amp;T, <3 and $5 or $6."
    assert said(source) == ["2 * 3 * 4 = 24, snake_case_name, a < b, 5 * 2, [1], AT&T, <3 and $5 or $6."]


def test_an_entity_cannot_bring_back_what_was_removed():
    assert "\u202e" not in said("a &#x202e; b.")[0]


# --- slides -----------------------------------------------------------------------------------


def test_a_heading_starts_a_slide_and_a_rule_ends_it():
    lesson = script.parse(LESSON)
    assert [slide.title for slide in lesson.slides] == ["Leaves", "Parts"]
    assert lesson.slides[1].markdown == "## Parts\n\n- Stem\n- Blade"
    first, second = (slide.id for slide in lesson.slides)
    assert [segment.slide for segment in lesson.segments] == [first] * 3 + [second] * 2 + [""]


def test_a_subheading_right_below_a_heading_stays_on_its_slide():
    lesson = script.parse("# One\n## Two\n\nWords.\n\n## Three\n\nMore.")
    assert [slide.markdown for slide in lesson.slides] == ["# One\n\n## Two", "## Three"]


def test_builds_happen_at_the_next_word_and_count_as_steps():
    lesson = script.parse("# T\n\n- a\n- b\n- c\n\nFirst [build] this, then. [build]\n\nThat.")
    assert lesson.slides[0].steps == 3
    assert [(segment.text, [mark.at for mark in segment.marks]) for segment in lesson.segments] == [
        ("First this, then.", [6]),
        ("That.", [0]),
    ]


def test_more_builds_than_things_are_capped_with_a_warning():
    lesson = script.parse("# T\n\n- a\n\nOne [build] two [build] three [build] four.")
    assert lesson.slides[0].steps == 2
    assert "3 builds, but the slide has 1 things" in lesson.warnings[0]


def test_a_slide_about_which_nothing_is_said_is_warned_about():
    lesson = script.parse("# Empty\n\n- list\n\n# Full\n\nWords.")
    assert lesson.warnings == ('Line 1: nothing is said about the slide "Empty", so it is not shown.',)


def test_directives_are_not_drawn_but_code_is_drawn_as_it_is():
    lesson = script.parse(
        "# T [layout full]\n\n- GIF{say: jif} [build]\n\n```\n[build] {say: x}\n```\n\nWords."
    )
    assert lesson.slides[0].markdown == "# T\n\n- GIF\n\n```\n[build] {say: x}\n```"


# --- directives -------------------------------------------------------------------------------


def test_pauses_follow_the_words_before_them():
    lesson = script.parse(
        "# T\n\nOne. [pause 2] Two, [pause 800ms] three.\n\n[pause 1,5 s] Four.\n\n# U\n\nFive."
    )
    assert [(segment.text, segment.pause) for segment in lesson.segments] == [
        ("One.", 2.0), ("Two, three.", 1.5), ("Four.", 0.6), ("Five.", 0.6),
    ]  # fmt: skip
    assert lesson.segments[1].pauses == (Pause(5, 0.8),)


def test_paragraphs_end_with_a_natural_pause_and_sentences_do_not():
    assert [segment.pause for segment in script.parse("One. Two.\n\nThree.").segments] == [0.0, 0.35, 0.6]


def test_a_layout_holds_from_its_sentence_or_its_word():
    lesson = script.parse(
        "[layout full] One. Two [layout pip-left] three. Four.\n\n[layout slide-only]\n\nFive."
    )
    assert [segment.layout for segment in lesson.segments] == ["full", None, "pip-left", "slide-only"]
    mark = lesson.segments[1].marks[0]
    assert (mark.at, mark.action, mark.argument) == (4, "layout", "pip-left")


def test_pronunciations_stand_after_a_word_or_after_words_in_brackets():
    segment = script.parse("A GIF{say: jif} by [J. Doe]{say: jay doe}.").segments[0]
    assert segment.text == "A GIF by J. Doe."
    assert [(segment.text[say.start : say.end], say.say) for say in segment.pronunciations] == [
        ("GIF", "jif"),
        ("J. Doe", "jay doe"),
    ]


def stretches(segment):
    return [(segment.text[one.start : one.end], one.language, one.style) for one in segment.stretches]


def test_words_of_another_language_are_stretches_of_their_sentence():
    lesson = script.parse("The word [lang de]Schadenfreude[/lang], is German. Yes.", language="en")
    assert [(segment.text, segment.language) for segment in lesson.segments] == [
        ("The word Schadenfreude, is German.", "en"), ("Yes.", "en"),
    ]  # fmt: skip
    assert stretches(lesson.segments[0]) == [("Schadenfreude,", "de", Style())]


def test_sentences_in_another_language_are_segments_of_that_language():
    lesson = script.parse("Listen. [lang de]Guten Tag. Wie geht es z. B. dir?[/lang] Good.", language="en")
    assert [(segment.text, segment.language, segment.stretches) for segment in lesson.segments] == [
        ("Listen.", "en", ()), ("Guten Tag.", "de", ()), ("Wie geht es z. B. dir?", "de", ()),
        ("Good.", "en", ()),
    ]  # fmt: skip


def test_a_sign_beside_foreign_words_is_read_with_them():
    segment = script.parse("It costs [lang de]3,50 €[/lang] here.", language="en").segments[0]
    assert stretches(segment) == [("3,50 €", "de", Style())]


@pytest.mark.parametrize(
    ("directive", "style"),
    [
        ("slow", Style(speed=0.8)), ("fast", Style(speed=1.2)), ("speed 0,9", Style(speed=0.9)),
        ("speed 80%", Style(speed=0.8)), ("pitch +2", Style(pitch=2.0)), ("pitch -12", Style(pitch=-12.0)),
        ("lively 1.3", Style(liveliness=1.3)), ("lively 0", Style(liveliness=0.0)),
        ("emphasis", Style(emphasis=1)), ("emphasis strong", Style(emphasis=2)),
        ("emphasis reduced", Style(emphasis=-1)),
    ],
)  # fmt: skip
def test_a_stretch_is_said_in_its_own_way(directive, style):
    name = directive.partition(" ")[0]
    segment = script.parse(f"One [{directive}]two three[/{name}] four.").segments[0]
    assert segment.text == "One two three four."
    assert stretches(segment) == [("two three", "en", style)]
    assert segment.style == Style()


def test_a_sentence_that_is_said_in_one_way_carries_it_as_a_whole():
    lesson = script.parse("[slow]One two. Three four.[/slow] Five.")
    assert [(segment.style, segment.stretches) for segment in lesson.segments] == [
        (Style(speed=0.8), ()), (Style(speed=0.8), ()), (Style(), ()),
    ]  # fmt: skip


def test_ways_of_speaking_lie_over_one_another():
    segment = script.parse("A [slow]b [speed 0.5]c [pitch +2]d[/pitch][/speed] e[/slow].").segments[0]
    assert [(text, style.speed, style.pitch) for text, _, style in stretches(segment)] == [
        ("b", 0.8, 0.0), ("c", 0.5, 0.0), ("d", 0.5, 2.0), ("e.", 0.8, 0.0),
    ]  # fmt: skip


def test_a_few_words_in_stars_are_emphasised_and_whole_sentences_are_not():
    lesson = script.parse("It is *never* **very** _late_. **But this here is a long bold sentence.**")
    assert lesson.segments[0].text == "It is never very late."
    assert [(text, style.emphasis) for text, _, style in stretches(lesson.segments[0])] == [
        ("never", 1), ("very", 2), ("late.", 1),
    ]  # fmt: skip
    assert lesson.segments[1].style == Style()
    assert lesson.segments[1].stretches == ()


def test_a_stretch_inside_a_word_takes_all_of_it():
    segment = script.parse("Truly un*believ*able.").segments[0]
    assert stretches(segment) == [("unbelievable", "en", Style(emphasis=1))]


def test_pauses_stand_between_words_and_add_up():
    segment = script.parse("Wait [pause 0.5] [pause 250 ms] here[pause 1], now.").segments[0]
    assert segment.text == "Wait here, now."
    assert segment.pauses == (Pause(5, 0.75), Pause(11, 1.0))


def test_a_way_of_speaking_without_an_end_holds_to_the_end_of_its_paragraph():
    lesson = script.parse("One. [slow]Two.\n\nThree.[/fast]")
    assert [segment.style.speed for segment in lesson.segments] == [1.0, 0.8, 1.0]
    assert lesson.warnings == (
        "Line 1: [slow] has no [/slow] in its paragraph; it holds to the end of it.",
        "Line 3: [/fast] ends nothing.",
    )


@pytest.mark.parametrize(
    ("directive", "message"),
    [
        ("speed 5", 'Line 2: speed is "5"; the limits are 0.5 and 2.'),
        ("speed fast", 'Line 2: speed is "fast"; the limits are 0.5 and 2.'),
        ("speed", 'Line 2: speed is ""; the limits are 0.5 and 2.'),
        ("pitch 99999", 'Line 2: pitch is "99999"; the limits are -12 and 12.'),
        ("lively -1", 'Line 2: lively is "-1"; the limits are 0 and 2.'),
        ("emphasis huge", 'Line 2: there is no emphasis "huge".'),
    ],
)
def test_impossible_ways_of_speaking_are_refused(directive, message):
    error = refusal(f"Words.\n[{directive}]More[/{directive.partition(' ')[0]}].")
    assert (error.code, error.message) == ("E-SCRIPT-STYLE", message)


def test_directives_of_one_sentence_belong_to_its_source():
    source = (
        "[slow]One *two*.[/slow] A [lang de]Tag[/lang] [pitch +2]is up[/pitch]. [fast]Three. Four.[/fast]"
    )
    lesson = script.parse(source, language="en")
    assert [source[slice(*segment.span)] for segment in lesson.segments] == [
        "[slow]One *two*.[/slow]", "A [lang de]Tag[/lang] [pitch +2]is up[/pitch].", "Three.", "Four.",
    ]  # fmt: skip


def test_directions_are_not_drawn_on_a_slide():
    lesson = script.parse("# A [slow]calm[/slow] title\n\n- an [emphasis]item[/emphasis]\n\nWords.")
    assert lesson.slides[0].markdown == "# A calm title\n\n- an item"


@pytest.mark.parametrize(
    ("say", "message"),
    [
        ("/t3/", '"/t3/" holds "3", which is no sign of the IPA'),
        ("/abc", '"/abc" has to stand between two slashes to be IPA'),
        ("//", '"//" has to stand between two slashes to be IPA'),
        ("x" * 200, "has 200 characters; the limit is 120"),
    ],
)
def test_a_pronunciation_that_cannot_be_said_is_refused(say, message):
    error = refusal(f"One.\n\nA tomato{{say: {say}}}.")
    assert error.code == "E-SCRIPT-SAY"
    assert "Line 3" in error.message
    assert message in error.message


def test_an_open_language_ends_with_its_paragraph():
    lesson = script.parse("[lang de]Guten Tag.\n\nGood day.", language="en")
    assert [segment.language for segment in lesson.segments] == ["de", "en"]
    assert lesson.warnings == ("Line 1: [lang] has no [/lang] in its paragraph; it holds to the end of it.",)


def test_unknown_brackets_are_said():
    assert said("See [1] and [figure 2].") == ["See [1] and [figure 2]."]


# --- ids and spans ----------------------------------------------------------------------------


def test_an_edit_elsewhere_changes_no_id():
    before = script.parse(LESSON)
    after = script.parse(
        LESSON.replace("The `stem` holds it.", "The stem is strong.").replace("- Stem\n", "")
    )
    ids = [segment.id for segment in before.segments]
    changed = [segment.id for segment in after.segments]
    assert [a == b for a, b in zip(ids, changed, strict=True)] == [True, True, True, False, True, True]
    assert before.slides[0].id == after.slides[0].id


def test_equal_sentences_are_numbered():
    ids = [segment.id for segment in script.parse("Go. Go. Go.").segments]
    assert ids == [ids[0], f"{ids[0]}-2", f"{ids[0]}-3"]
    assert len(ids[0]) == 10


def test_what_is_heard_differently_has_another_id():
    sources = (
        "A GIF.",
        "A GIF{say: jif}.",
        "[lang de]A GIF.[/lang]",
        "[layout full] A GIF.",
        "A [build] GIF.",
        "A *GIF*.",
        "[slow]A GIF.[/slow]",
        "A [pause 1] GIF.",
        "A [lang de]GIF[/lang].",
    )
    assert len({script.parse(source, language="en").segments[0].id for source in sources}) == len(sources)


def test_a_splice_at_a_span_changes_one_sentence():
    lesson = script.parse(LESSON)
    start, end = lesson.segments[1].span
    assert lesson.source[start:end] == 'It [drinks](https://example.com "water") light!'
    edited = script.parse(lesson.source[:start] + "It eats." + lesson.source[end:])
    assert [segment.text for segment in edited.segments][:3] == ["A leaf is green.", "It eats.", "And then?"]
    assert script.line_of(edited, edited.segments[3]) == 20


PARTS = (
    "# Title", "\n\n", "\n", "Some words. ", "More, words! ", "[pause 1] ", "[build] ", "[layout full]",
    "- item\n", "**bold** ", "*soft* ", "`code` ", "[link](x) ", "![pic](y) ", "word{say: other} ",
    "[lang de]", "[/lang] ", "---\n", "> note: n\n", "> quote\n", "```\n", "$$\n", "&amp; ", "<b>", "</b>",
    "[slow]", "[/slow]", "[speed 0.9]", "[pitch +2]x[/pitch]", "un*bel*iev", "[emphasis]", "[/emphasis]", ",",
    "你好。", "यह है। ", "<!--", "-->", "\\*", "| a | b |\n|---|---|\n", "$x$",
)  # fmt: skip
SNIPPETS = st.lists(st.sampled_from(PARTS), max_size=25).map("".join)


def parsed(source: str) -> script.Script | None:
    try:
        return script.parse(source)
    except InputError:
        return None


def test_markup_between_two_sentences_belongs_to_one_of_them():
    first, second = script.parse("你好。<b># Title").segments
    assert first.span[1] <= second.span[0]


@given(SNIPPETS | st.text(max_size=200) | st.text("-: \n[]{}<>*_`$#>|&;![]()abc", max_size=120))
@settings(max_examples=300, deadline=None)
def test_any_text_is_parsed_or_refused_and_comes_back_exactly(source):
    lesson = parsed(source)
    if lesson is None:
        return
    assert script.format(lesson) == text.clean(source)[0]
    assert script.parse(script.format(lesson)).segments == lesson.segments
    at = 0
    for segment in lesson.segments:
        start, end = segment.span
        assert at <= start < end <= len(lesson.source)
        at = end
        starts = {begin for begin, _ in text.words(segment.text)}
        assert all(mark.at in starts for mark in segment.marks)
        assert all(0 <= say.start < say.end <= len(segment.text) for say in segment.pronunciations)
        assert all(pause.at in starts and 0 < pause.seconds <= 10 for pause in segment.pauses)
        edges = [edge for one in segment.stretches for edge in (one.start, one.end)]
        assert edges == sorted(edges)
        assert all(0 <= one.start < one.end <= len(segment.text) for one in segment.stretches)
    assert len({segment.id for segment in lesson.segments}) == len(lesson.segments)


@given(
    st.lists(
        st.sampled_from(["Hello", "**big**", "`code`", "[link](x)", "GIF{say: jif}", "_soft_"]), min_size=1
    )
)
@settings(max_examples=50, deadline=None)
def test_spans_point_at_their_words(words):
    lesson = script.parse("# Title\n\n" + " ".join(words) + ". [pause 1] Next one.")
    first = lesson.source[slice(*lesson.segments[0].span)]
    assert first == " ".join(words) + "."
    assert lesson.source[slice(*lesson.segments[-1].span)] == "Next one."


# --- front matter -----------------------------------------------------------------------------


def test_front_matter_names_settings():
    lesson = script.parse("---\ntitle: 2026-11-02\nlanguage: no\nspeed: 1.1\n---\nHei på deg.")
    assert lesson.title == "2026-11-02"
    assert lesson.language == "no"
    assert lesson.setting("speed") == "1.1"


def test_pronunciations_of_the_front_matter_are_a_lexicon():
    assert script.lexicon(script.parse(LESSON)) == (Entry("NASA", "nassa"),)


def test_pronunciations_may_hold_for_one_language():
    lesson = script.parse("---\npronounce:\n  de:\n    Chef: /ʃɛf/\n  tomato: tuh-MAY-toe\n---\nWords.")
    assert script.lexicon(lesson) == (Entry("tomato", "tuh-MAY-toe"), Entry("Chef", "/ʃɛf/", "de"))


@pytest.mark.parametrize(
    ("line", "advice"),
    [("langauge: de", '"language"'), ("photo: x.jpg", '"portrait"'), ("zzzzz: 1", "Known: title")],
)
def test_unknown_settings_are_kept_and_warned_about(line, advice):
    lesson = script.parse(f"---\ntitle: T\n{line}\n---\nWords.")
    assert lesson.setting(line.split(":")[0]) is not None
    assert lesson.warnings[0].startswith(f'Line 3: unknown setting "{line.split(":")[0]}".')
    assert advice in lesson.warnings[0]


@pytest.mark.parametrize(
    ("front", "line"),
    [
        ("title: [1, 2", 2),
        ("title: T\n\tx: 1", 3),
        ("title: T\nspeed: fast", 3),
        ("fps: 23", 2),
        ("size: big", 2),
        ("layout: ful", 2),
        ("language: klingonish", 2),
        ("a: &x [1]\nb: *x", 3),
        ("a: [[[[[[1]]]]]]", 2),
        ("pronounce: NASA", 2),
        ("a: 1\n? [b]\n: 2", 3),
        ("liveliness: 3", 2),
        ("pronounce:\n  a: /b#/", 2),
        ("pronounce:\n  klingonish:\n    a: b", 2),
        ("pronounce:\n  a: [b, c]", 2),
    ],
)
def test_broken_front_matter_is_refused_with_its_line(front, line):
    error = refusal(f"---\n{front}\n---\nWords.")
    assert error.code == "E-SCRIPT-FRONT"
    assert error.message.startswith(f"Line {line}: ")


def test_front_matter_without_an_end_is_refused():
    assert refusal("---\ntitle: T\n\nWords.").code == "E-SCRIPT-FRONT"


def test_a_lesson_may_begin_with_a_rule():
    assert said("---\n\nWords.") == ["Words."]
    assert said("---\nJust words\n---\nMore.") == ["Just words", "More."]


# --- language ---------------------------------------------------------------------------------


def test_the_argument_wins_over_front_matter_and_both_over_detection():
    german = "Das Blatt macht Zucker aus Licht und Wasser."
    assert script.parse(german).language == "de"
    assert script.parse(german, language="nl").language == "nl"
    assert script.parse(f"---\nlanguage: German\n---\n{german}", language="nl").language == "nl"
    assert script.parse(f"---\nlanguage: Dutch\n---\n{german}").language == "nl"


def test_a_sentence_in_another_language_is_warned_about():
    lesson = script.parse("Good morning, dear class.\n\nสวัสดีครับ นักเรียน\n\nLet us begin now.", language="en")
    assert len(lesson.warnings) == 1
    assert lesson.warnings[0].startswith('Line 3 looks like Thai: "สวัสดีครับ นักเรียน".')
    assert "[lang th]" in lesson.warnings[0]


def test_a_lesson_set_to_the_wrong_language_gets_one_warning():
    lesson = script.parse("यह पहला वाक्य है। यह दूसरा वाक्य है। यह तीसरा है।", language="en")
    assert lesson.warnings == (
        'The lesson is set to English but looks like Hindi. Write "language: hi" at its head.',
    )


def test_foreign_words_in_a_sentence_are_no_other_language():
    assert not script.parse(
        "The word Schadenfreude is German, and 你好 is Chinese for hello.", language="en"
    ).warnings


def test_a_language_that_the_voice_cannot_speak_is_refused():
    lesson = script.parse("Hello.\n\nสวัสดีครับ นักเรียน", language="en")
    with pytest.raises(InputError) as caught:
        script.check_language(lesson, ["en", "de-DE", "hi"], "tiny")
    assert caught.value.code == "E-SCRIPT-LANG"
    assert caught.value.message == 'Line 3 looks like Thai, which the voice engine "tiny" cannot speak.'
    assert caught.value.hint == "Supported: English, Hindi."
    script.check_language(lesson, ["en", "th"], "tiny")


def test_a_declared_language_is_checked_by_its_tag():
    lesson = script.parse("Hello [lang fr]mes amis[/lang].", language="en-GB")
    with pytest.raises(InputError, match="Line 1 is in French"):
        script.check_language(lesson, ["en-US"], "tiny")
    script.check_language(script.parse("你好。"), ["zh-CN"], "tiny")


# --- bad inputs -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "source", ["", "   \n\t ", "# Title", "- list\n- list", "😀", "[pause 1]", "\u200b", "> note: x"]
)
def test_a_lesson_without_words_is_refused(source):
    assert refusal(source).code == "E-SCRIPT-EMPTY"


def test_a_lesson_that_is_too_long_is_refused():
    error = refusal("a" * 1_048_576)
    assert error.code == "E-SCRIPT-LONG"
    assert error.message == "1,048,576 characters; the limit is 20,000 (about 25 min)."


def test_five_thousand_characters_without_punctuation_are_cut_and_warned_about():
    lesson = script.parse("photosynthesis is fun and " * 190)
    assert all(len(segment.text) <= text.LONGEST for segment in lesson.segments)
    assert "was cut at commas or spaces" in lesson.warnings[0]


def test_removed_characters_are_counted_in_a_warning():
    lesson = script.parse("Hello\x00 wor\u200bld\u202e.")
    assert lesson.segments[0].text == "Hello world."
    assert lesson.warnings == ("3 invisible or control characters were removed.",)


@pytest.mark.parametrize(
    ("source", "hint"),
    [
        ('One.\n\n<audio src="x">', "Remove it"),
        ("One.\n\n- <script>alert(1)</script>", "Remove it"),
        ('One.\n\nWait <break time="1s"/> here.', "[pause 1]"),
        ("One.\n\n<IFRAME src=x></IFRAME>", "Remove it"),
    ],
)
def test_tags_that_do_something_are_refused_with_their_line(source, hint):
    error = refusal(source)
    assert error.code == "E-SCRIPT-TAG"
    assert error.message.endswith("is not allowed (line 3).")
    assert hint in error.hint


def test_tags_that_only_format_are_left_out_and_others_are_text():
    lesson = script.parse("A <b>bold</b> move, <name>. If a <b then c> d.")
    assert lesson.segments[0].text == "A bold move, <name>."
    assert "formatting tags were left out: <b>" in lesson.warnings[0]


def test_tags_in_code_are_code():
    lesson = script.parse("# T\n\n```html\n<script>\n```\n\nThe `<audio>` tag.")
    assert lesson.segments[0].text == "The <audio> tag."


@pytest.mark.parametrize(
    ("directive", "message"),
    [
        ("[pause 99999]", "99,999 s; limit 10 s (line 2)."),
        ("[pause 6] [pause 6]", "12 s; limit 10 s (line 2)."),
        ("[pause -1]", 'Line 2: "-1" is not a number of seconds.'),
        ("[pause long]", 'Line 2: "long" is not a number of seconds.'),
    ],
)
def test_impossible_pauses_are_refused(directive, message):
    error = refusal(f"Words.\n{directive} More.")
    assert (error.code, error.message) == ("E-SCRIPT-PAUSE", message)


def test_a_pause_before_the_first_words_is_left_out_but_checked():
    assert script.parse("[pause 2] Words.").warnings == (
        "Line 1: a pause before the first words is left out.",
    )
    assert refusal("[pause 20] Words.").code == "E-SCRIPT-PAUSE"


def test_an_unknown_layout_is_refused_with_a_suggestion():
    error = refusal("Words. [layout pip-rigth] More.")
    assert error.code == "E-SCRIPT-LAYOUT"
    assert error.hint == 'Did you mean "pip-right"?'


def test_an_unknown_language_is_refused():
    assert refusal("[lang klingonish]Qapla[/lang]").code == "E-SCRIPT-LANG"
    assert refusal("Words.", language="klingonish").code == "E-SCRIPT-LANG"


def test_the_same_sentence_ten_thousand_times_is_capped():
    error = refusal("Hi. " * 10_000, limit=100_000)
    assert error.code == "E-SCRIPT-SEGMENTS"
    assert error.message == "The lesson has 10,000 sentences; the limit is 500."


@pytest.mark.parametrize(
    "source", ["[" * 9000, "*a" * 9000, "> " * 5000 + "x", "<" * 9000, "`" * 9000, "- " * 9000]
)
def test_hostile_text_takes_no_more_than_a_moment(source):
    parsed(source)


# --- samples ----------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["welcome", "photosynthesis"])
def test_the_sample_lessons_parse_without_warnings(name):
    lesson = script.parse((LESSONS / f"{name}.md").read_text(encoding="utf-8"))
    assert not lesson.warnings
    assert lesson.language == "en"
    assert len(lesson.slides) >= 3
    assert max(slide.steps for slide in lesson.slides) == 4
    assert len({segment.layout for segment in lesson.segments if segment.layout}) >= 2
