"""Captions can be read, are in time, and lose nothing."""

import itertools
import re
import unicodedata

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from presenter import captions, delivery, script, voices
from presenter.engines import load
from presenter.plan import Planner, subtitles
from presenter.types import Plan, Segment, Span, Style, Timing

ENGLISH = (
    "Photosynthesis is the process by which green plants, algae and some bacteria turn light into chemical "
    "energy, and it feeds almost all life on Earth. In short: no light, no lunch!"
)
HINDI = "पौधे सूर्य के प्रकाश से अपना भोजन बनाते हैं, और इस काम में वे पानी और हवा का उपयोग करते हैं। यह बहुत अच्छा है।"
MANDARIN = (
    "光合作用是绿色植物利用阳光，把二氧化碳和水变成养分的过程，“它”养活了地球上几乎所有的生命。CO2 很重要！"
)


def segment(text, language="en"):
    return Segment("one", text, language, "")


def spoken(text, rate=14.0):
    """Word times at so many characters a second."""
    return Timing(
        tuple(Span(m[0], m.start() / rate, m.end() / rate) for m in re.finditer(r"[^\s,.!?:;]+", text)), ()
    )


def spoken_by_character(text, rate=4.5):
    words = [
        Span(c, i / rate, (i + 1) / rate) for i, c in enumerate(text) if unicodedata.category(c)[0] == "L"
    ]
    return Timing(tuple(words), ())


CASES = [
    (ENGLISH, "en", spoken(ENGLISH), len(ENGLISH) / 14 + 0.4),
    (HINDI, "hi", spoken(HINDI), len(HINDI) / 14 + 0.4),
    (MANDARIN, "cmn", spoken_by_character(MANDARIN), len(MANDARIN) / 4.5 + 0.4),
]


@pytest.mark.parametrize(("text", "language", "timing", "seconds"), CASES)
def test_every_word_is_shown_once_as_written(text, language, timing, seconds):
    found = captions.cues(segment(text, language), timing, seconds)
    shown = "".join(span.label for span in found)
    assert re.sub(r"\s", "", shown) == re.sub(r"\s", "", text)


@pytest.mark.parametrize(("text", "language", "timing", "seconds"), CASES)
def test_cues_have_at_most_two_lines_that_fit(text, language, timing, seconds):
    for span in captions.cues(segment(text, language), timing, seconds):
        lines = span.label.split("\n")
        assert len(lines) <= 2
        for line in lines:
            wide = sum(unicodedata.east_asian_width(c) in "WF" for c in line)
            assert wide <= 18
            assert captions.width(line) <= 42


@pytest.mark.parametrize(("text", "language", "timing", "seconds"), CASES)
def test_cues_last_one_to_seven_seconds_and_never_overlap(text, language, timing, seconds):
    found = captions.cues(segment(text, language), timing, seconds)
    for span in found:
        assert 1.0 <= span.end - span.start <= 7.0
    for one, other in itertools.pairwise(found):
        assert one.end == other.start or other.start - one.end >= 0.08
    assert found[-1].end <= seconds


def test_cues_break_at_the_ends_of_clauses():
    found = captions.cues(segment(ENGLISH), spoken(ENGLISH), 14)
    assert all(span.label.endswith((",", ".", "!", ":")) for span in found)


def test_a_cue_begins_with_its_first_word():
    timing = spoken(ENGLISH)
    starts = {word.start for word in timing.words}
    assert all(span.start in starts for span in captions.cues(segment(ENGLISH), timing, 14))


def test_lines_are_of_about_equal_length():
    text = "The light reactions take place in the thylakoids of chloroplasts"
    (span,) = captions.cues(segment(text), spoken(text), 5)
    above, below = span.label.split("\n")
    assert abs(len(above) - len(below)) <= 12


def test_short_sentences_stay_on_one_line():
    (span,) = captions.cues(segment("Hello there!"), spoken("Hello there!"), 1.5)
    assert span.label == "Hello there!"
    assert span.end - span.start >= 1.0


def test_chinese_punctuation_does_not_begin_a_line():
    for span in captions.cues(*_mandarin()):
        assert not any(line[0] in "，。！？；：”" for line in span.label.split("\n"))


def _mandarin():
    return segment(MANDARIN, "cmn"), spoken_by_character(MANDARIN), len(MANDARIN) / 4.5


def test_an_endless_word_is_cut_rather_than_lost():
    word = "a" * 100
    found = captions.cues(segment(word), Timing((Span(word, 0, 8),), ()), 8)
    assert "".join(span.label.replace("\n", "") for span in found) == word


def test_without_word_times_the_text_is_spread_over_the_segment():
    found = captions.cues(segment(ENGLISH), Timing((), ()), 14)
    assert found[0].start == 0
    assert found[-1].end == pytest.approx(14, abs=0.2)


def test_no_words_give_no_captions():
    assert captions.cues(segment(""), Timing((), ()), 1.0) == ()


@settings(max_examples=40, deadline=None)
@given(
    st.lists(
        st.sampled_from(
            ["a", "is", "light,", "energy.", "光", "合作，", "CO2!", "हिन्दी", "(so)", "“well”", "–"]
        ),
        min_size=1,
        max_size=40,
    )
)
def test_any_text_keeps_its_words_and_its_order(words):
    text = " ".join(words)
    seconds = len(text) / 12
    found = captions.cues(segment(text), spoken(text, 12), seconds)
    assert re.sub(r"\s", "", "".join(span.label for span in found)) == text.replace(" ", "")
    times = [time for span in found for time in (span.start, span.end)]
    assert times == sorted(times)
    assert times[-1] <= seconds + 1e-9


# --- the rules, over real speeches ----------------------------------------------------------------

LESSONS = {
    "en-GB": "Yes. No! Why? "
    + ENGLISH
    + """ Stop.

The mitochondrion, often called the powerhouse of the cell, produces adenosine triphosphate by oxidative
phosphorylation. [pause 4] Wait for it, please, and then [pause 9] go on. It is 3.5 km to 1,250,000 stars.
""",
    "de": "Ja. Die Donaudampfschifffahrtsgesellschaft gehört zu den längsten Wörtern. Gut! Und?",
    "hi": "हाँ। " + HINDI,
    "cmn": "好。" + MANDARIN + "对。",
}


def shown(source, language, fps=25):
    """The cues of a lesson in the embedded voice, and when each word is heard, in the video's time."""
    lesson = script.parse(source, language=language)
    planner, shots, words = Planner(fps, "auto"), [], []
    for one in lesson.segments:
        speech = voices.speak(
            one, delivery.read(one, lambda _: {}), speaker=load("speaker", "espeak"), speaker_name="espeak",
            voice=voices.study(voices.find_voice("auto", language)), style=Style(), seed=0,
        )  # fmt: skip
        at = sum(shot.count for shot in shots) / fps
        words += [Span(word.label, at + word.start, at + word.end) for word in speech.timing.words]
        shots.append(planner.add(one, speech))
    return subtitles(Plan(1280, 720, fps, tuple(shots))), words


@pytest.mark.parametrize("language", LESSONS)
def test_the_captions_of_real_speeches_keep_every_rule(language):
    found, words = shown(LESSONS[language], language)
    assert len(found) >= 3
    for span in found:
        lines = span.label.split("\n")
        assert len(lines) <= 2
        assert all(captions.width(line) <= 42 for line in lines)
        seconds = span.end - span.start
        assert 1.0 - 1e-6 <= seconds <= 7.0 + 1e-6, span
        assert captions.width(" ".join(lines)) / seconds <= 20 + 1e-6, span
        # It begins with a word that it shows.
        first = min(words, key=lambda word: abs(word.start - span.start))
        assert abs(first.start - span.start) < 0.08
        assert span.label.replace("\n", "").lstrip("“(¿¡").startswith(first.label[:1])
    for one, other in itertools.pairwise(found):
        assert other.start - one.end >= 2 / 25 - 1e-6, (one, other)


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.text("abcdefghij", min_size=1, max_size=14), min_size=1, max_size=60),
    st.lists(st.sampled_from(["", "", "", "", ",", "."]), min_size=60, max_size=60),
    st.floats(8, 15),
    st.lists(st.sampled_from([0.0, 0.0, 0.0, 0.4, 3.0, 8.0]), min_size=60, max_size=60),
)
def test_any_speech_of_a_usual_pace_keeps_every_rule(words, marks, rate, pauses):
    text = " ".join(word + mark for word, mark in zip(words, marks, strict=False))
    spans, at = [], 0.08
    for word, pause in zip(words, pauses, strict=False):
        spans.append(Span(word, at, at + len(word) / rate))
        at = spans[-1].end + 2 / rate + pause
    seconds = at + 1.2
    found = captions.cues(segment(text), Timing(tuple(spans), ()), seconds)
    assert " ".join(span.label for span in found).split() == text.split()
    starts = {span.start for span in spans}
    for span in found:
        assert span.start in starts
        assert all(len(line) <= 42 for line in span.label.split("\n"))
        assert span.end - span.start <= 7.0 + 1e-6
    for one, other in itertools.pairwise([*found, Span("", seconds, seconds)]):
        assert other.start - one.end >= 2 / 25 - 1e-6
    hurried = [s for s in found if s.end - s.start < max(1.0, len(s.label) / 20) - 1e-6]
    # A short word between long pauses, or one that two rules pull at, may be shown for less.
    assert len(hurried) <= 0.05 * len(found) + sum(pause > 7 for pause in pauses[: len(words)])


# --- files --------------------------------------------------------------------------------------


def parse_vtt(text):
    """A small strict reader of WebVTT."""
    head, *blocks = text.split("\n\n")
    assert head == "WEBVTT"
    cues = []
    for block in blocks:
        times, *lines = block.strip("\n").split("\n")
        match = re.fullmatch(r"(\d\d):(\d\d):(\d\d\.\d{3}) --> (\d\d):(\d\d):(\d\d\.\d{3})", times)
        h0, m0, s0, h1, m1, s1 = match.groups()
        payload = "\n".join(lines)
        assert "-->" not in payload
        assert "<" not in payload
        payload = payload.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
        cues.append(
            Span(
                payload, int(h0) * 3600 + int(m0) * 60 + float(s0), int(h1) * 3600 + int(m1) * 60 + float(s1)
            )
        )
    return cues


SPANS = (
    Span("Is 1 < 2 & 3 > 2?\n<b>Yes</b> --> so", 0.0, 1.25),
    Span("第二\nवाक्य", 3599.9996, 3601.5),
)


def test_webvtt_reads_back_as_it_was():
    found = parse_vtt(captions.vtt(SPANS))
    assert [span.label for span in found] == [span.label for span in SPANS]
    assert found[1].start == 3600.0
    assert found[0].end == 1.25


def test_subrip_is_numbered_and_uses_commas():
    text = captions.srt(SPANS)
    assert text.startswith("1\n00:00:00,000 --> 00:00:01,250\nIs 1 < 2 & 3 > 2?\n")
    assert "\n\n2\n01:00:00,000 --> 01:00:01,500\n第二\nवाक्य\n" in text


def test_the_first_cue_of_subrip_says_that_it_is_generated():
    text = captions.srt(SPANS, "AI-generated")
    assert text.startswith("1\n00:00:00,000 --> 00:00:01,250\n[AI-generated]\nIs 1 < 2 & 3 > 2?\n")
    assert text.count("[AI-generated]") == 1


def test_an_empty_line_does_not_end_a_cue():
    assert parse_vtt(captions.vtt([Span("one\n\ntwo", 0, 1)])) == [Span("one\ntwo", 0, 1)]


def test_a_note_stands_in_webvtt_and_cannot_be_taken_for_a_cue():
    noted = captions.vtt([Span("Hello.", 0, 1)], "Made by -->\n\nAI <b>")
    assert noted.split("\n\n")[:2] == ["WEBVTT", "NOTE Made by --&gt; AI &lt;b&gt;"]
    assert parse_vtt(noted.replace("NOTE Made by --&gt; AI &lt;b&gt;\n\n", "")) == [Span("Hello.", 0, 1)]
