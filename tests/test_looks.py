"""The label is found in a picture by its looks, whatever the copy; other words in its place are not it."""

import cv2
import numpy as np
import pytest

from presenter import provenance
from presenter.compose import overlays
from presenter.planes import Sticker
from presenter.verify import looks


def picture(width, height, seed=1):
    """Brightness of a picture with soft shapes and a line of text in its upper part."""
    draw = np.random.default_rng(seed)
    shapes = draw.integers(40, 220, (9, 16)).astype(np.uint8)
    canvas = np.full((height * 3 // 2, width), 128, np.uint8)
    canvas[:height] = cv2.resize(shapes, (width, height), interpolation=cv2.INTER_CUBIC)
    cv2.putText(
        canvas[:height], "A heading above a slide", (40, height // 5), 0, height / 600, 20, 2, cv2.LINE_AA
    )
    return canvas


def labelled(width, height, language, style, kind="corner"):
    canvas = picture(width, height)
    full, corner = overlays.label_stickers(language, width, height, style)
    (corner if kind == "corner" else full).paint(canvas, 1.0)
    return canvas[:height]


def scaled(luma, share):
    size = [round(side * share) for side in luma.shape[::-1]]
    return cv2.resize(luma, size, interpolation=cv2.INTER_AREA)


@pytest.mark.parametrize("kind", ["corner", "full"])
@pytest.mark.parametrize(
    ("width", "height", "language", "style"),
    [
        (1280, 720, "en", "dark"),
        (720, 1280, "hi", "light"),
        (720, 720, "zh", "dark"),
        (640, 360, "ar", "light"),
    ],
)
def test_it_is_found_in_every_shape_script_and_style(width, height, language, style, kind):
    found = looks.look([labelled(width, height, language, style, kind)])
    alike = {"zh": ("zh", "ja")}.get(language, (language,))  # "AI 生成" and "AI生成"
    assert (found.present, found.away) == (True, False)
    assert found.language in alike


@pytest.mark.parametrize("share", [0.5, 0.75, 1.5])
def test_it_is_found_in_a_scaled_copy(share):
    found = looks.look([scaled(labelled(1280, 720, "de", "dark"), share)])
    assert (found.present, found.language) == (True, "de")


def test_it_is_found_in_the_recording_of_a_screen():
    screen = np.full((1080, 1920), 60, np.uint8)
    screen[170 : 170 + 768, 300 : 300 + 1366] = cv2.resize(
        labelled(1280, 720, "fr", "dark"), (1366, 768), interpolation=cv2.INTER_AREA
    )
    found = looks.look([screen])
    assert (found.present, found.language, found.away) == (True, "fr", True)


def test_what_moves_does_not_hide_it():
    frames = [labelled(1280, 720, "en", "dark").copy() for _ in range(5)]
    for number, frame in enumerate(frames):
        frame[300:, 100 * number : 100 * number + 300] = 40 * number
    assert looks.look(frames).present


@pytest.mark.parametrize(
    "words", ["", "LIVE", "SUBSCRIBE", "Chapter 3 of 7", "© Example 2026", "पाठ तीन", "新闻"]
)
def test_other_words_on_such_a_plate_are_not_the_label(words):
    canvas = picture(1280, 720)
    if words:
        language = "zh" if words == "新闻" else "hi" if words[0] == "प" else "en"
        drawn = overlays.plate(words, language, 1280, 720, "dark")
        Sticker.of(drawn, 1280 - 17 - drawn.shape[1] - drawn.shape[1] % 2, 16).paint(canvas, 1.0)
    assert not looks.look([canvas[:720]]).present


def test_nothing_is_seen_where_there_is_nothing():
    assert looks.look([]) is None
    for luma in (np.zeros((64, 64), np.uint8), np.full((4, 9), 7, np.uint8), np.zeros((1, 1), np.uint8)):
        assert not looks.look([luma]).present


def test_every_language_has_a_mark_of_its_own():
    assert len({provenance.label_corner(language) for language in provenance.LANGUAGES}) == 16
