"""Plain texts out of word processors become lessons with slides."""

import pytest

from presenter import script
from presenter.director import manuscript


def titles(words):
    return [slide.title for slide in script.parse(manuscript.lesson(words)).slides]


PARAGRAPHS = """\
The Water Cycle

Have you ever jumped into a puddle? An hour later it is gone.

Clouds are born

High up in the sky the air is cold. So the vapour turns back into water.
• Condensation: vapour becomes drops

2) Why does it rain?

{}
"""
LONG = (
    "Inside the cloud the tiny drops bump into each other and join, until they are too heavy to float. " * 2
)


def test_a_short_line_above_a_paragraph_becomes_a_slide_and_is_not_said():
    words = PARAGRAPHS.format(LONG)
    assert titles(words) == ["The Water Cycle", "Clouds are born", "Why does it rain?"]
    said = [segment.text for segment in script.parse(manuscript.lesson(words)).segments]
    assert said[0] == "Have you ever jumped into a puddle?"
    assert not any("born" in sentence for sentence in said)


def test_bullets_of_word_processors_are_shown_on_the_slide():
    source = manuscript.lesson("Water\n• salt water\n• fresh water\nNearly all of it is salty.")
    assert "- salt water\n- fresh water" in source
    assert [one.text for one in script.parse(source).segments] == ["Nearly all of it is salty."]


def test_lines_without_empty_ones_between_them_are_paragraphs():
    words = "Light\nPlants eat light.\nWater\nPlants drink water."
    assert titles(words) == ["Light", "Water"]


@pytest.mark.parametrize(
    "words",
    [
        "Plants eat light. They drink.",
        "Somebody wrapped this text at forty\ncharacters in a line, so no line has a\nstop. It is ours.",
        "Why?\nBecause the sky is blue.\nNo, really? It is so.",
        "# Light\n\nShort line\n\nPlants eat light.",
        "---\ntitle: Light\n---\nShort line\n\nPlants eat light.",
        "",
    ],
)
def test_other_texts_stay_as_they_are(words):
    assert manuscript.lesson(words) == words


def test_titles_are_found_in_scripts_without_capitals():
    assert titles("光合作用\n\n植物吃光。它们吸收水和空气。\n\n水\n\n植物喝水。") == ["光合作用", "水"]
