"""A theme is one file of data beside its pictures; what cannot be read in it is refused."""

from pathlib import Path

import cv2
import numpy as np
import pytest

from presenter import slides, themes
from presenter.errors import InputError
from presenter.store import digest
from presenter.types import Slide

THEMES = Path(slides.__file__).parent.parent / "assets" / "themes"
CLEAN = (THEMES / "clean.toml").read_text(encoding="utf-8").partition("# All that follows")[0]


@pytest.fixture
def brand(tmp_path):
    """Writes a theme beside a lesson: the clean one with other lines in it and more at its end."""
    red = np.zeros((40, 80, 4), np.uint8)
    red[:] = (30, 30, 200, 255)
    cv2.imwrite(str(tmp_path / "logo.png"), red)
    cv2.imwrite(str(tmp_path / "hall.png"), np.full((90, 160, 3), (90, 200, 60), np.uint8))

    def write(more="", old="", new="", **how):
        assert old in CLEAN
        (tmp_path / "mine.toml").write_text(CLEAN.replace(old, new) + more, encoding="utf-8")
        return themes.theme("mine.toml", [THEMES], tmp_path, **how)

    write.folder = tmp_path
    return write


def draw(theme, markdown="", width=640, height=360):
    return slides.draw(Slide("s", "", markdown), width, height, theme=theme)


@pytest.mark.parametrize("name", themes.names([THEMES]))
def test_the_shipped_themes_have_nothing_to_be_noted(name):
    found = themes.theme(name, [THEMES])
    assert themes.notes(found) == ()
    assert len(set(found.palette)) == 9


def test_a_theme_of_ones_own_stands_in_the_home_or_beside_the_lesson(brand, tmp_path):
    assert brand().name == "mine"
    assert themes.theme("mine", [tmp_path, THEMES]).background == themes.theme("clean", [THEMES]).background
    assert themes.names([tmp_path, THEMES]) == ["campus", "clean", "dark", "mine"]


@pytest.mark.parametrize(
    "name",
    [
        "../mine.toml",
        "/etc/mine.toml",
        "mine",
        "other.toml",
        "sub/../../x.toml",
        "x" * 300 + ".toml",
        "x\0.toml",
    ],
)
def test_a_theme_elsewhere_is_not_opened(brand, name):
    brand()
    with pytest.raises(InputError, match="E-THEME-NAME"):
        themes.theme(name, [THEMES], brand.folder)


@pytest.mark.parametrize("name", ["x" * 300 + ".toml", "x\0.toml"])
def test_a_name_that_no_file_can_have_is_no_theme(brand, name):
    with pytest.raises(InputError, match="E-THEME-NAME"):
        themes.theme(name, [THEMES], brand.folder)


def test_every_option_that_clean_names_works(brand):
    options = (THEMES / "clean.toml").read_text(encoding="utf-8").partition("left out.\n#\n")[2]
    text = "\n".join(line.removeprefix("# ") for line in options.splitlines())
    found = brand(text.replace("hall.jpg", "hall.png"))
    assert (found.label, found.transition, found.gradient, found.veil) == ("light", "push", "#e8eefc", 0.85)
    assert (found.picture, found.logo) == ("hall.png", "logo.png")


def test_a_logo_stands_in_the_strip_of_the_label(brand):
    picture = draw(brand('[logo]\nfile = "logo.png"\n'), "## Title\n\n- words")
    rows, columns = np.nonzero((picture[..., 0] > 180) & (picture[..., 1] < 60))
    assert len(rows) > 300
    assert rows.max() < slides.STRIP * 360
    assert columns.max() < 320


def test_a_gradient_goes_from_one_colour_to_the_other(brand):
    picture = draw(brand('[background]\ngradient = "#d8f0dc"\nangle = 90\n'))
    assert np.abs(picture[2, 300].astype(int) - (0xFB, 0xFB, 0xFD)).max() < 4
    assert np.abs(picture[-3, 300].astype(int) - (0xD8, 0xF0, 0xDC)).max() < 4


def test_a_picture_lies_under_its_veil(brand):
    picture = draw(brand('[background]\npicture = "hall.png"\nveil = 0.8\n'))
    meant = np.array((60, 200, 90)) * 0.2 + np.array((0xFB, 0xFB, 0xFD)) * 0.8
    assert np.abs(picture[180, 320] - meant).max() < 3


# --- contrast -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("old", "new", "pair"),
    [
        ('text = "#2a3342"', 'text = "#8a8f99"', "text #8a8f99 on #fbfbfd"),
        ('muted = "#566175"', 'muted = "#99a0aa"', "muted #99a0aa on #fbfbfd"),
        ('heading = "#101828"', 'heading = "#b0b4bb"', "heading #b0b4bb"),
        ('string = "#1c6b3c"', 'string = "#60b080"', "string #60b080 on #eff2f7"),
    ],
)
def test_text_that_cannot_be_read_is_refused_with_the_pair_and_the_ratio(brand, old, new, pair):
    with pytest.raises(InputError) as caught:
        brand(old=old, new=new)
    assert caught.value.code == "E-THEME-CONTRAST"
    assert pair in str(caught.value)
    assert ":1; text needs" in str(caught.value)


def test_contrast_is_that_of_wcag():
    assert themes.contrast("#ffffff", "#000000") == pytest.approx(21)
    assert themes.contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.005)


def test_the_other_end_of_a_gradient_and_the_darkest_of_a_picture_count(brand):
    with pytest.raises(InputError, match="on #30343c"):
        brand('[background]\ngradient = "#30343c"\n')
    with pytest.raises(InputError, match="E-THEME-CONTRAST"):
        brand('[background]\npicture = "hall.png"\nveil = 0.2\n')


def test_a_pale_accent_is_noted_and_not_refused(brand):
    (note,) = themes.notes(brand(old='accent = "#2456d6"', new='accent = "#ffd23f"'))
    assert "accent #ffd23f on #fbfbfd has a contrast of 1.4" in note


# --- broken files -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("old", "new", "more", "reason"),
    [
        ('accent = "#2456d6" ', 'accent = "blue" ', "", 'accent is "blue"'),
        ('sans = "Inter"', 'sans = "Comic Sans"', "", 'sans is "Comic Sans"'),
        ("title = 0.074", "title = 3", "", "title is 3"),
        ("title = 0.074", 'title = "big"', "", "could not convert"),
        ("title = 0.074", 'title = "0.1"', "", "title is 0.1"),
        ("[colours]", 'logo = "logo.png"\n[colours]', "", "logo is no table"),
        ("[colours]", f"look = {'[' * 20_000}\n[colours]", "", "nested too deeply"),
        (
            'palette = ["#2456d6", "#c2571a", "#1f7a4d", "#9a2a8f", "#8a6d0f",',
            "palette = [] #",
            "",
            "no colour",
        ),
        ("", "", "[logo]\nfile = '../logo.png'\n", "not beside it"),
        ("", "", "[logo]\nfile = 'mine.toml'\n", "cannot be read"),
        ("", "", "[look]\nlabel = 'none'\n", 'label is "none"'),
        ("", "", "[look]\nglitter = 1\n", '"glitter" is unknown'),
        ("", "", "[fireworks]\n", r"\[fireworks\] is unknown"),
        ('background = "#fbfbfd"', "", "", "background"),
        ("[code]", "[code", "", "cannot be read"),
        ("[sizes]", "", "", "sizes"),
    ],
)
def test_a_broken_theme_says_what_is_wrong(brand, old, new, more, reason):
    with pytest.raises(InputError, match=reason) as caught:
        brand(more, old, new)
    assert caught.value.code == "E-THEME-FILE"
    assert str(brand.folder) not in str(caught.value)


def test_a_chart_with_more_rows_than_the_theme_has_colours_begins_again(brand):
    few = brand(old="palette =", new='palette = ["#2456d6", "#c2571a"] #')
    rows = "".join(f"row {number},1\n" for number in range(9))
    drawn = draw(few, f"```chart pie\n{rows}```").reshape(-1, 3)
    for colour in ((0x24, 0x56, 0xD6), (0xC2, 0x57, 0x1A)):
        assert (drawn == colour).all(axis=1).sum() > 1000


def test_a_huge_theme_is_not_read(brand):
    with pytest.raises(InputError, match="64,000"):
        brand("#" * 70_000)


def test_the_key_of_a_theme_follows_its_pictures_and_not_its_place(brand, tmp_path):
    more = '[logo]\nfile = "logo.png"\n'
    before = digest(brand(more).key)
    other = tmp_path / "other"
    other.mkdir()
    for name in ("mine.toml", "logo.png"):
        (other / name).write_bytes((tmp_path / name).read_bytes())
    assert digest(themes.theme("mine", [other]).key) == before
    cv2.imwrite(str(other / "logo.png"), np.zeros((10, 10, 3), np.uint8))
    assert digest(themes.theme("mine", [other]).key) != before
