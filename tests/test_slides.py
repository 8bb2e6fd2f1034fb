"""Slides are drawn whole, from the lesson's folder only, and nothing in a text is code."""

import itertools
import re
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from presenter import formulas, markup, slides, themes, typeset
from presenter.errors import InputError
from presenter.types import Box, Slide

THEMES = Path(slides.__file__).parent.parent / "assets" / "themes"
CLEAN = themes.theme("clean", [THEMES])
ALL = [themes.theme(name, [THEMES]) for name in themes.names([THEMES])]


def slide(markdown, steps=1, title="Test"):
    return Slide("s", title, markdown, steps)


def draw(markdown, width=640, height=360, *, steps=1, theme=CLEAN, **more):
    return slides.draw(slide(markdown, steps), width, height, theme=theme, **more)


def ink(picture, theme=CLEAN):
    """Where something else than the background is."""
    background = slides.draw(slide("", title=""), picture.shape[1], picture.shape[0], theme=theme).astype(int)
    return np.abs(picture.astype(int) - background).max(axis=2) > 24


# --- what is drawn ------------------------------------------------------------------------------

EVERYTHING = """# A **title** with `code` and $x^2$

- one *two* [three](http://example.org)
  1. nested
- four

| a | b |
|---|--:|
| 1 | 2 |

```python
def f(x): return "y"  # z
```

> quoted

$$\\int_0^1 \\frac{x}{2}\\,dx$$
"""


@pytest.mark.parametrize("theme", ALL, ids=lambda theme: theme.name)
@pytest.mark.parametrize(("width", "height"), [(640, 360), (360, 640), (480, 480), (410, 360)])
def test_any_size_is_drawn_in_that_size_with_free_margins(theme, width, height):
    picture = draw(EVERYTHING, width, height, theme=theme)
    assert picture.shape == (height, width, 3)
    assert picture.dtype == np.uint8
    found = ink(picture, theme)
    assert found.any()
    edge = round(0.05 * min(width, height))
    assert not found[:edge].any()
    assert not found[-edge:].any()
    assert not found[:, :edge].any()
    assert not found[:, -edge:].any()


def test_the_same_slide_is_the_same_picture():
    assert np.array_equal(draw(EVERYTHING), draw(EVERYTHING))


def test_more_text_is_set_smaller_until_it_fits():
    few = draw("# T\n\n- a word\n")
    many = draw("# T\n\n" + "- a word\n" * 9)
    assert not ink(many)[-15:].any()
    rows = ink(few).any(axis=1), ink(many).any(axis=1)
    assert rows[1].sum() > rows[0].sum()


def test_too_much_text_is_an_error_that_names_the_slide():
    with pytest.raises(InputError) as caught:
        slides.draw(slide("# T\n\n" + "- a word\n" * 80, title="Far too much"), 640, 360, theme=CLEAN)
    assert caught.value.code == "E-SLIDES-FULL"
    assert "Far too much" in caught.value.message
    assert caught.value.hint


@pytest.mark.parametrize(
    "markdown",
    ["# " + "W" * 200, "- " + "Donaudampfschifffahrtskapitänsmütze" * 4,
     "# " + "W" * 60 + "\n\n- x", "- https://example.org/" + "path/" * 40,
     "```\n" + "x = 1; " * 40 + "\n```", "| a | b |\n|---|---|\n| " + "long words " * 30 + " | x |"],
)  # fmt: skip
def test_long_lines_do_not_run_over_the_edge(markdown):
    assert not ink(draw(markdown))[:, -18:].any()


@pytest.mark.parametrize(
    ("language", "text"),
    [("hi", "प्रकाश संश्लेषण"), ("cmn", "光合作用"), ("ja", "光合成です"), ("ko", "광합성"),
     ("ar", "البناء الضوئي"), ("ru", "Фотосинтез"), ("el", "Φωτοσύνθεση"), ("vi", "Quang hợp ở thực vật"),
     ("ta", "ஒளிச்சேர்க்கை"), ("th", "การสังเคราะห์"), ("he", "פוטוסינתזה")],
)  # fmt: skip
def test_scripts_have_a_bundled_font(language, text):
    from PIL import ImageFont

    fonts = [ImageFont.truetype(str(file), 40) for file in typeset.FONTS.glob("*.[ot]tf")]
    for character in text:
        # What a font lacks is drawn as its box for missing characters, as U+10FFFF is.
        assert any(bytes(font.getmask(character)) != bytes(font.getmask("\U0010ffff")) for font in fonts)
    assert ink(draw(f"# {text}\n\n- {text}\n", language=language)).any()


def test_arabic_stands_at_the_right():
    found = ink(draw("# البناء\n\n- ضوء\n", language="ar"))
    assert not found[:, :300].any()


# --- builds -------------------------------------------------------------------------------------


def test_steps_add_items_and_move_nothing():
    markdown = "# T\n\n- one\n- two\n  - two a\n- three\n"
    pictures = [draw(markdown, steps=4, step=step) for step in range(4)]
    for before, after in itertools.pairwise(pictures):
        assert ink(after).sum() > ink(before).sum()
        assert np.array_equal(before[ink(before)], after[ink(before)])
    assert np.array_equal(pictures[-1], draw(markdown))


def test_the_last_step_shows_everything():
    markdown = "# T\n\n- one\n- two\n- three\n"
    assert np.array_equal(draw(markdown, steps=2, step=1), draw(markdown))


def test_with_as_many_builds_as_items_nothing_but_the_title_is_there_at_first():
    pictures = [draw("# T\n\n- one\n- two\n- three\n", steps=4, step=step) for step in range(4)]
    assert np.array_equal(ink(pictures[0])[100:], np.zeros_like(ink(pictures[0])[100:]))
    rows = [np.flatnonzero(ink(picture).any(axis=1)).max() for picture in pictures]
    assert rows == sorted(set(rows))


def test_blocks_are_steps_too():
    page = markup.read("# T\n\n- a\n- b\n\n> q\n\n```\nc\n```\n\n$$x$$\n\n| a |\n|---|\n| b |\n")
    assert page.units == 6


# --- room for others ----------------------------------------------------------------------------


@pytest.mark.parametrize("head", [Box(340, 260, 520, 440), Box(20, 260, 200, 440)])
def test_a_title_above_the_head_is_as_wide_as_the_slide(head):
    found = ink(draw("# Layouts for everyone who likes long headings\n\n- One", 540, 540, keep_clear=(head,)))
    columns = np.nonzero(found[: int(head.y0)])[1]
    assert np.ptp(columns) > 0.6 * 540
    assert not found[int(head.y0) : int(head.y1), int(head.x0) : int(head.x1)].any()


def test_what_is_kept_clear_stays_background():
    clear = (Box(0, 0, 640, 40), Box(460, 200, 630, 350), Box(20, 300, 440, 350))
    for markdown in (EVERYTHING.split("|")[0], "# Only a title", "# T\n\n- " + "some words " * 25):
        found = ink(draw(markdown, keep_clear=clear))
        assert found.any()
        for box in clear:
            assert not found[int(box.y0) : int(box.y1), int(box.x0) : int(box.x1)].any()


# --- pictures -----------------------------------------------------------------------------------


@pytest.fixture
def folder(tmp_path):
    lesson = tmp_path / "lesson"
    (lesson / "img").mkdir(parents=True)
    Image.new("RGB", (80, 40), (250, 0, 0)).save(lesson / "img" / "red.png")
    Image.new("CMYK", (80, 40), (255, 0, 255, 0)).save(lesson / "green.jpg")
    Image.new("RGB", (8, 8), (0, 0, 250)).save(tmp_path / "secret.png")
    (lesson / "broken.png").write_bytes(b"not a picture")
    return lesson


def test_a_picture_from_the_lessons_folder_is_shown(folder):
    picture = draw("# T\n\n![a red box](img/red.png)\n", folder=folder)
    red = (picture[..., 0] > 230) & (picture[..., 1] < 30)
    assert red.sum() > 10_000


def test_any_kind_of_pixels_will_do(folder):
    picture = draw("![](green.jpg)\n", folder=folder)
    assert ((picture[..., 1] > 120) & (picture[..., 0] < 100)).sum() > 10_000


@pytest.mark.parametrize(
    "name",
    ["../secret.png", "img/../../secret.png", "/etc/passwd", "http://example.org/a.png",
     "//example.org/a.png", "data:image/png;base64,AA", "missing.png", "broken.png", "img",
     "..%2fsecret.png", "C:\\a.png", "x" * 300 + ".png"],
)  # fmt: skip
def test_no_other_picture_is_read(folder, name):
    with pytest.raises(InputError) as caught:
        draw(f"# T\n\n![x](<{name}>)\n", folder=folder)
    assert caught.value.code == "E-SLIDES-PICTURE"
    assert str(folder) not in str(caught.value)


def test_a_link_out_of_the_folder_is_not_followed(folder):
    (folder / "link.png").symlink_to(folder.parent / "secret.png")
    with pytest.raises(InputError, match="outside"):
        draw("![](link.png)\n", folder=folder)


def test_the_digest_of_a_picture_follows_its_content(folder):
    page = slide("![](img/red.png)")
    ((name, before),) = slides.pictures(page, folder)
    assert name == "img/red.png"
    Image.new("RGB", (80, 40), (0, 0, 0)).save(folder / "img" / "red.png")
    assert slides.pictures(page, folder)[0][1] != before


# --- text is never code -------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    ['#panic("x")', '#read("/etc/passwd")', "\\#x $ #1 $", '"); panic("', "<script>", "$#panic()$",
     "`#panic()`", "@ref", "$\\text{#panic()}$", "\\u{41}", "= x", "/* x", "// x", "[#x]", "\x00\x1b", "{{{",
     "$}{$", "*_`~", "![", "[x](y", "$$", "|", "\u202e abc", "#{while true {}}", "![x](file:///etc/passwd)"],
)  # fmt: skip
def test_text_that_looks_like_code_is_shown(text):
    assert ink(draw(f"# {text} a\n\n- {text} b\n\n{text}\n")).any()


@pytest.mark.parametrize(
    "markdown",
    ["".join("  " * depth + f"- x{depth}\n" for depth in range(12)), ">" * 30 + " q",
     "**_" * 60 + "x" + "_**" * 60, "$" + "{" * 200 + "x" + "}" * 200 + "$",
     "$" + "\\sqrt{" * 60 + "x" + "}" * 60 + "$"],
)  # fmt: skip
def test_deep_nesting_is_survived(markdown):
    assert ink(draw(f"# T\n\n{markdown}\n")).any()


def test_a_line_end_is_a_space_but_not_in_chinese():
    assert markup.plain(markup.read("one\ntwo").blocks[0]["runs"]) == "one two"
    assert markup.plain(markup.read("光合\n作用").blocks[0]["runs"]) == "光合作用"


# --- formulas -----------------------------------------------------------------------------------


def test_formulas_become_trees():
    assert formulas.read("x^2") == ["scripts", ["symbol", "x"], None, ["text", "2"]]
    assert formulas.read("\\frac{a}{b}") == ["fraction", ["symbol", "a"], ["symbol", "b"]]
    assert formulas.read("\\alpha \\le \\infty")[1] == [["symbol", "α"], ["symbol", "≤"], ["symbol", "∞"]]
    assert formulas.read("\\text{if } x")[1][0] == ["text", "if "]
    assert formulas.read("\\sqrt[3]{x}") == ["root", ["symbol", "x"], ["text", "3"]]


def test_chemistry_is_upright_with_its_numbers_below():
    tree = formulas.read("\\ce{2H2O -> SO4^2-}")[1]
    assert ["scripts", ["text", "H"], ["text", "2"], None] in tree
    assert ["symbol", "→"] in tree
    assert tree[-1][0] == "scripts"
    assert tree[-1][3] == ["text", "2−"]


def test_an_unknown_command_is_shown_as_text():
    assert formulas.read("\\foo") == ["text", "\\foo"]


FORMULAS = [
    "E = mc^2", "\\sum_{i=1}^{n} i = \\frac{n(n+1)}{2}", "\\int_a^b f'(x)\\,dx", "x''_n", "\\binom{n}{k}",
    "\\begin{pmatrix}1&2\\\\3&4\\end{pmatrix}", "\\begin{cases}1 & x>0\\\\0 & \\text{else}\\end{cases}",
    "\\left(\\frac12\\right]", "\\hat{x}+\\vec y+\\bar z+\\dot w", "\\mathbb{R}\\subset\\mathbf{C}",
    "\\lim_{x\\to 0}\\sin x", "\\begin{aligned}a&=b\\\\&=c\\end{aligned}", "\\left. x \\right|_0^1",
    "\\ce{^{14}C <=> N2 + e-}", "\\frac", "^", "_", "&", "\\\\", "\\left", "\\begin{x}", "\\sqrt[", "{",
    "\\nabla\\times\\vec{E}=-\\frac{\\partial\\vec{B}}{\\partial t}",
     "\\overline{AB}\\parallel\\underline{c}",
    "a \\% b \\& c",
]  # fmt: skip


def test_any_formula_is_drawn():
    for formula in FORMULAS:
        assert ink(draw(f"$${formula} + 1$$\n", 120, 80)).any(), formula


# --- themes -------------------------------------------------------------------------------------


def luminance(colour):
    """Relative luminance (WCAG 2.2)."""
    parts = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one, other):
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("theme", ALL, ids=lambda theme: theme.name)
def test_all_text_has_the_contrast_of_wcag_aa(theme):
    for name in ("text", "heading", "muted", "accent", "keyword", "string", "number", "comment", "names"):
        for ground in (theme.background, theme.surface):
            assert contrast(getattr(theme, name), ground) >= 4.5, (name, ground)


def test_an_unknown_theme_is_an_error_that_names_the_others():
    with pytest.raises(InputError, match="clean, dark"):
        themes.theme("neon", [THEMES])
    with pytest.raises(InputError):
        themes.theme("../themes/clean", [THEMES])


def test_a_broken_theme_is_an_error(tmp_path):
    (tmp_path / "mine.toml").write_text("[colours]\nbackground = 3")
    with pytest.raises(InputError, match="mine"):
        themes.theme("mine", [tmp_path])


def test_code_has_colours():
    picture = draw('```python\ndef f(x): return "text"  # why\n```\n', 900, 300)
    for colour in (CLEAN.keyword, CLEAN.string, CLEAN.comment):
        want = [int(colour[i : i + 2], 16) for i in (1, 3, 5)]
        assert (np.abs(picture.astype(int) - want).max(axis=2) < 20).any(), colour


def test_every_font_has_its_licence_beside_it():
    readme = (typeset.FONTS / "README.md").read_text()
    assert (typeset.FONTS / "OFL.txt").is_file()
    for file in typeset.FONTS.glob("*.[ot]tf"):
        family = re.split(r"[-]", file.stem)[0]
        assert family in readme or family.removeprefix("NotoSans") in readme
