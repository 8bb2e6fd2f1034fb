import numpy as np
import pytest

from presenter import compose
from presenter.plan import WITHOUT_SLIDE, Planner, chapters, choose, subtitles, word_at
from presenter.types import RATE, Mark, Plan, Script, Segment, Shot, Slide, Span, Speech, Timing, View


def segment(text, slide="", **more):
    return Segment(id=text, text=text, language="en", slide=slide, **more)


def speech(text, seconds):
    """Words of equal length over the whole sound."""
    words = text.split()
    step = seconds / len(words)
    spans = tuple(Span(word, i * step, (i + 1) * step) for i, word in enumerate(words))
    return Speech(text, np.zeros(round(seconds * RATE), np.float32), Timing(spans, (Span("", 0, seconds),)))


def shots(segments, seconds=1.0, fps=25, layout="auto"):
    planner = Planner(fps, layout)
    return [planner.add(s, speech(s.text, seconds)) for s in segments]


def test_a_shot_is_as_long_as_its_speech_in_whole_frames():
    assert shots([segment("one")], 2.0)[0].count == 50
    assert shots([segment("one")], 2.001)[0].count == 51
    silence = Speech("", np.zeros(48, np.float32), Timing((), ()))
    assert Planner(25, "auto").add(segment(""), silence).count == 1


def test_a_shot_waits_until_its_last_caption_could_be_read_but_not_for_long():
    (short,) = shots([segment("Yes.")], 0.9)
    (cue,) = short.captions
    assert cue.end - cue.start >= 1.0
    assert 0.9 < short.count / 25 <= 1.2
    (hasty,) = shots([segment("one two three four five six seven eight nine")], 0.4)
    assert hasty.count == 10 + 13


def test_the_full_label_begins_with_the_video_and_stays_for_three_seconds():
    labels = [shot.label for shot in shots([segment(t) for t in "abcd"], 1.4)]
    assert labels == [75, 75, 75, 0]


def test_each_slide_begins_with_the_full_label():
    row = [segment("a", "s1"), segment("b", "s1"), segment("c", "s2"), segment("d", "s2")]
    assert [shot.label for shot in shots(row, 4.0)] == [75, 0, 75, 0]


@pytest.mark.parametrize("seconds", [0.8, 3.7, 11.0, 59.0, 61.0, 130.0])
def test_the_full_label_comes_again_within_a_minute(seconds):
    row = shots([segment(str(number), "s") for number in range(200)], seconds)
    shown = []
    for start, shot in zip(Plan(640, 360, 25, tuple(row)).starts(), row, strict=True):
        if shot.label:  # a long shot repeats it every minute by itself
            shown += range(start, start + shot.count, 60 * 25)
    assert shown[0] == 0
    assert max(np.diff([*shown, sum(shot.count for shot in row)])) <= 60 * 25


def test_a_longer_sentence_moves_no_label_of_another_slide():
    def labels(first):
        planner = Planner(25, "auto")
        rows = [("a", "s1", first), ("b", "s1", 2.0), ("c", "s2", 2.0), ("d", "s2", 2.0)]
        return [planner.add(segment(text, slide), speech(text, long)).label for text, slide, long in rows][2:]

    assert labels(1.0) == labels(9.0)


def test_a_shot_knows_what_was_seen_last_where_slide_or_layout_change():
    build = (Mark(0, "build"),)
    row = [
        segment("a", "s1", marks=build),
        segment("b", "s1"),
        segment("c", "s1", layout="full"),
        segment("d", "s2"),
        segment("e", "s2"),
    ]
    found = [shot.before for shot in shots(row)]
    assert found == [None, None, View("pip-right", "s1", 1), View("full", "s1", 1), None]


def test_layouts_without_a_slide_are_known():
    assert set(WITHOUT_SLIDE) == {n for n in compose.LAYOUTS if compose.slide_box(n, 1280, 720) is None}


def test_a_mark_lands_on_the_frame_of_its_word():
    marked = segment("one two three four", marks=(Mark(8, "build"),))
    assert [cue.frame for cue in shots([marked], 4.0)[0].cues] == [50]


def test_builds_add_up_on_a_slide_and_start_anew_on_the_next():
    build = (Mark(0, "build"),)
    row = [
        segment("a", "s1", marks=build),
        segment("b", "s1", marks=build),
        segment("c", "s1"),
        segment("d", "s2"),
    ]
    assert [shot.steps for shot in shots(row)] == [0, 1, 2, 0]


def test_a_layout_holds_until_the_next_one():
    row = [segment("a", "s1"), segment("b", "s1", layout="full"), segment("c", "s2"), segment("d")]
    assert [shot.layout for shot in shots(row)] == ["pip-right", "full", "full", "full"]


@pytest.mark.parametrize(
    ("asked", "slide", "shown"),
    [
        ("auto", "", "full"),
        ("auto", "s", "pip-right"),
        ("side-by-side", "", "full"),
        ("full", "s", "full"),
    ],
)
def test_a_layout_with_a_slide_needs_a_slide(asked, slide, shown):
    assert choose(asked, slide) == shown


def test_an_edit_at_the_front_leaves_later_shots_as_they_were():
    before = shots([segment(t) for t in "abcdefgh"], 1.0)
    after = shots([segment(t) for t in "Xbcdefgh"], 1.0)
    assert before[1:] == after[1:]


def test_a_repeated_word_is_found_at_its_own_place():
    text = "the cat and the dog"
    timing = speech(text, 5.0).timing
    assert word_at(text, timing, 0) == 0.0
    assert word_at(text, timing, 12) == 3.0


def test_chapters_follow_the_slides_without_gaps():
    row = [Shot(str(i), 25, "full", slide) for i, slide in enumerate(["a", "a", "b", "a"])]
    script = Script("T", "en", (), (Slide("a", "First", ""), Slide("b", "Second", "")), (), "")
    found = chapters(script, Plan(640, 360, 25, tuple(row)))
    assert [(c.title, c.start, c.end) for c in found] == [("First", 0, 2), ("Second", 2, 3), ("First", 3, 4)]


def test_one_slide_makes_no_chapters():
    script = Script("T", "en", (), (Slide("a", "First", ""),), (), "")
    assert chapters(script, Plan(640, 360, 25, (Shot("x", 25, "full", "a"),))) == ()


def test_subtitles_stand_in_the_time_of_the_video():
    first = Shot("x", 50, "full", "", captions=(Span("one", 0.5, 1.5),))
    second = Shot("y", 25, "full", "", captions=(Span("two", 0, 1),))
    plan = Plan(640, 360, 25, (first, second))
    assert subtitles(plan) == (Span("one", 0.5, 1.5), Span("two", 2.0, 3.0))
