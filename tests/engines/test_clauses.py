"""Long texts are cut where a reader would breathe."""

import numpy as np
import pytest

from presenter.engines.xtts import clauses

RATE = 24_000


def within(limit):
    return lambda piece: len(piece) <= limit


def hum(seconds, quiet=0.0):
    sound = np.full(round(seconds * RATE), 0.5, np.float32)
    edge = np.zeros(round(quiet * RATE), np.float32)
    return np.concatenate([edge, sound, edge])


def test_what_fits_is_not_cut():
    assert clauses.split("  One sentence. And another. ", within(100)) == ["One sentence. And another."]
    assert clauses.split("  ", within(100)) == []


def test_a_text_is_cut_after_a_sentence_before_it_is_cut_after_a_clause():
    text = "Light is a wave, they say. It bends, and it breaks, and so on."
    assert clauses.split(text, within(40)) == [
        "Light is a wave, they say.",
        "It bends, and it breaks, and so on.",
    ]


def test_a_sentence_is_cut_after_a_clause_before_it_is_cut_between_words():
    text = "When the light falls on a leaf, the leaf begins to work at once"
    assert clauses.split(text, within(40)) == [
        "When the light falls on a leaf,",
        "the leaf begins to work at once",
    ]


@pytest.mark.parametrize(
    "text",
    [
        "word " * 300,
        "光合作用是植物利用阳光制造食物的过程" * 20,
        "光合作用是过程。植物利用阳光，制造食物。" * 20,
        "x" * 1000,
        "One. Two. Three, four; five: six! " * 30,
        "a, " * 400,
        "1.5 and 2.5 " * 60,
    ],
)
def test_every_piece_fits_none_is_very_short_and_nothing_is_lost(text):
    pieces = clauses.split(text, within(82))
    assert all(82 / 5 < len(piece) <= 82 for piece in pieces)
    assert "".join("".join(pieces).split()) == "".join(text.split())


def test_words_and_numbers_stay_whole():
    pieces = clauses.split("a number like 12,345.67 stays whole in here " * 10, within(60))
    assert all("12,345.67" in piece for piece in pieces if "12" in piece)


def test_a_single_character_is_not_cut_even_where_it_does_not_fit():
    assert clauses.split("ab", within(0)) == ["a", "b"]


def test_sentences_are_followed_by_a_longer_pause_than_clauses_and_words():
    pauses = [clauses.pause(piece) for piece in ('He said "no."', "这是。", "Well,", "no end")]
    assert pauses[0] == pauses[1] > pauses[2] > pauses[3] > 0


def test_the_pause_between_pieces_does_not_depend_on_the_silence_that_they_bring():
    pieces = ["One.", "Two,", "three."]
    bare, padded = (clauses.join(pieces, [hum(0.5, quiet) for _ in pieces], RATE) for quiet in (0.04, 0.4))
    for sound in (bare, padded):
        quiet = np.abs(sound) < 0.01
        heard = np.flatnonzero(~quiet)
        inside = quiet[heard[0] : heard[-1]]
        edges = np.flatnonzero(np.diff(inside.astype(int)))
        lengths = (edges[1::2] - edges[::2]) / RATE
        np.testing.assert_allclose(lengths, [0.41, 0.24], atol=0.01)
    assert padded.dtype == np.float32


def test_the_outer_ends_are_left_alone_and_joins_do_not_click():
    sound = clauses.join(["One.", "Two."], [hum(0.5, 0.3), hum(0.5, 0.3)], RATE)
    assert np.flatnonzero(sound)[0] == round(0.3 * RATE)
    assert len(sound) - 1 - np.flatnonzero(sound)[-1] == round(0.3 * RATE)
    joined = clauses.join(["a", "b"], [hum(0.5), hum(0.5)], RATE)
    assert np.abs(np.diff(joined)).max() < 0.02


def test_a_silent_piece_is_no_more_than_its_pause():
    joined = clauses.join(["One.", "..."], [hum(0.5), np.zeros(5 * RATE, np.float32)], RATE)
    assert len(joined) / RATE == pytest.approx(0.85, abs=0.05)
