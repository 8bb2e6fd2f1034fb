"""Charts are read from small tables and drawn in the theme's colours."""

import math

import numpy as np
import pytest
from test_slides import ALL, CLEAN, ink

from presenter import charts, slides
from presenter.errors import InputError
from presenter.types import Slide

RAIN = "Month,Rain\nJan,12\nFeb,30\n"


def draw(markdown, width=640, height=360, *, theme=CLEAN, **more):
    return slides.draw(Slide("s", "Rain", markdown), width, height, theme=theme, **more)


def chart(kind, text):
    return f"## Rain\n\n```chart {kind}\n{text}\n```"


def has(picture, colour, least=60):
    wanted = [int(colour[at : at + 2], 16) for at in (1, 3, 5)]
    return (np.abs(picture.astype(int) - wanted).max(axis=2) < 8).sum() > least


# --- reading ------------------------------------------------------------------------------------


def test_a_table_has_names_and_numbers():
    found = charts.read("bar", RAIN)
    assert (found.labels, found.axis, found.names, found.series) == (
        ("Jan", "Feb"), "Month", ("Rain",), ((12.0, 30.0),),
    )  # fmt: skip


def test_a_table_needs_no_head():
    assert charts.read("pie", "Sun,40\nWind,60\n").names == ("",)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("a;1,5", 1.5), ("a\t1.5", 1.5), ('a,"1,234"', 1234), ("a,−3", -3), ("a,12 %", 12), ("a,1e3", 1000),
        ("a;1 234,5", 1234.5), ("\ufeffa,7", 7), ("a,'8'", None),
    ],
)  # fmt: skip
def test_numbers_are_read_as_people_write_them(text, value):
    if value is None:
        value = 8  # an apostrophe divides thousands in Switzerland
    assert charts.read("bar", text).series == ((value,),)


def test_lines_before_a_table_change_nothing_in_it():
    assert charts.read("bar", "\n\nx;y\na;1,5") == charts.read("bar", "x;y\na;1,5")


def test_small_numbers_have_an_axis_of_their_own():
    axis = charts.read("bar", "a,1e-20").data()
    assert (axis["low"], axis["high"]) == (0, 1e-20)
    assert len({text for _, text in axis["ticks"]}) == len(axis["ticks"])


def test_an_empty_cell_is_a_gap():
    assert math.isnan(charts.read("line", "a,1\nb,\nc,3").series[0][1])


@pytest.mark.parametrize(
    ("kind", "text", "reason"),
    [
        ("radar", RAIN, "no chart"), ("bar", "", "empty"), ("bar", "Month,Rain", "no row"),
        ("bar", "a,1\nb,many", "no number"), ("bar", "a,1\nb,2,3", "row 2"), ("pie", "a,1,2", "one column"),
        ("pie", "a,-1\nb,2", "above 0"), ("bar", "a\nb", "columns"), ("pie", "a,0", "above 0"),
        ("bar", "\n".join(f"r{n},1" for n in range(25)), "at most 24"), ("bar", "a,nan", "no row"),
        ("bar", "x,y\na,1e999", "no number"),
        ("bar", "a," + "9" * 400, "too large"), ("bar", "a,." + "0" * 323 + "5", "too small"),
    ],
)  # fmt: skip
def test_what_cannot_be_drawn_is_said_in_plain_words(kind, text, reason):
    with pytest.raises(charts.Unreadable, match=reason):
        charts.read(kind, text)


@pytest.mark.parametrize("values", [[0], [5, 5], [-3, 8], [0.001, 0.004], [1e12, 3e12], [-5, -1]])
def test_an_axis_has_round_steps_around_all_values(values):
    data = charts.read("bar", "\n".join(f"r{at},{value}" for at, value in enumerate(values))).data()
    ticks = [tick for tick, _ in data["ticks"]]
    assert ticks[0] <= min(0, *values)
    assert ticks[-1] >= max(0, *values)
    assert 2 <= len(ticks) <= 8
    assert np.allclose(np.diff(ticks), ticks[1] - ticks[0])


# --- drawing ------------------------------------------------------------------------------------


@pytest.mark.parametrize("theme", ALL, ids=lambda theme: theme.name)
@pytest.mark.parametrize("kind", charts.KINDS)
def test_a_chart_has_the_colours_of_its_theme(kind, theme):
    assert has(draw(chart(kind, RAIN), theme=theme), theme.palette[0])


def test_each_column_has_a_colour_and_a_name():
    picture = draw(chart("line", "Year,North,South\n1,1,5\n2,2,4"))
    assert all(has(picture, colour, 20) for colour in CLEAN.palette[:2])
    assert not has(picture, CLEAN.palette[2], 20)


def test_a_higher_bar_has_more_ink():
    picture = draw(chart("bar", RAIN), 1280, 720)
    wanted = [int(CLEAN.accent[at : at + 2], 16) for at in (1, 3, 5)]
    columns = (np.abs(picture[160:].astype(int) - wanted).max(axis=2) < 8).sum(axis=0)
    heights = sorted({round(value) for value in columns if value > 40})
    assert heights[-1] / heights[0] == pytest.approx(30 / 12, rel=0.05)


def test_names_run_from_the_right_in_arabic():
    left, right = (draw(chart("bar", "a,1\nb,9"), language=language) for language in ("en", "ar"))
    wanted = [int(CLEAN.accent[at : at + 2], 16) for at in (1, 3, 5)]

    def middle(picture):
        return np.nonzero(np.abs(picture[120:].astype(int) - wanted).max(axis=2) < 8)[1].mean()

    assert middle(right) < middle(left)


@pytest.mark.parametrize(("width", "height"), [(640, 360), (360, 640), (360, 360)])
def test_a_chart_beside_words_stays_on_the_slide(width, height):
    picture = ink(draw("## Rain\n\n- Much\n- Little\n" + chart("bar", RAIN)[7:], width, height))
    assert picture.sum() > 1000
    assert not any(edge.any() for edge in (picture[:, :8], picture[:, -8:], picture[-6:]))


def test_a_chart_is_drawn_from_a_file_beside_the_lesson(tmp_path):
    (tmp_path / "rain.csv").write_text(RAIN, encoding="utf-8")
    one = draw("## Rain\n\n![bar](rain.csv)", folder=tmp_path)
    assert np.array_equal(one, draw(chart("bar", RAIN)))


def test_a_wrong_chart_names_its_slide_before_anything_is_drawn():
    with pytest.raises(InputError, match='E-SLIDES-CHART: Slide "Rain": "many"'):
        slides.check(Slide("s", "Rain", chart("bar", "a,1\nb,many")), None)


def test_a_table_of_another_coding_is_refused(tmp_path):
    (tmp_path / "rain.csv").write_bytes("März,1".encode("latin-1"))
    with pytest.raises(InputError, match="UTF-8"):
        slides.check(Slide("s", "Rain", "![bar](rain.csv)"), tmp_path)
