"""Subtitles in further languages: read from files of strangers, and tracks of the video."""

import shutil
import subprocess

import fakes
import pytest

from presenter import captions, cli, pipeline
from presenter.cli.arguments import ordered
from presenter.engines.runners import Here
from presenter.errors import InputError
from presenter.order import Order, decide
from presenter.settings import Settings
from presenter.types import Span

SRT = (
    "1\r\n00:00:00,500 --> 00:00:01,500\r\n<i>Hallo</i> &amp; guten Tag\r\n\r\n"
    "2\r\n00:00:02,000 --> 00:09:00,000\r\nEnde\r\n"
)
VTT = "\ufeffWEBVTT\n\nNOTE not shown\n\nintro\n00:00.500 --> 00:01.500 align:start\n<v Ada>Bonjour\nà tous\n"


@pytest.fixture
def settings(tmp_path):
    return Settings(home=tmp_path / "home", width=256, height=256, workers=1)


def test_subrip_and_webvtt_are_read_as_plain_text():
    assert captions.read(SRT) == (Span("Hallo & guten Tag", 0.5, 1.5), Span("Ende", 2.0, 540.0))
    assert captions.read(VTT) == (Span("Bonjour\nà tous", 0.5, 1.5),)
    placed = "1\n00:00:01,000 --> 00:00:02,000\n{\\an8}Above {it} all\n"
    assert captions.read(placed) == (Span("Above {it} all", 1.0, 2.0),)


def test_what_was_written_reads_back():
    spans = (Span("One < two\nlines & more", 0.0, 1.25), Span("第二", 3600.5, 3602.0))
    assert captions.read(captions.srt(spans).replace("<", "&lt;")) == spans
    assert captions.read(captions.vtt(spans)) == spans


def test_cues_are_sorted_and_do_not_overlap():
    rows = (("05", "06", "later"), ("01", "09", "first"), ("05", "04", "never"))
    mixed = "\n".join(f"00:{start}.000 --> 00:{end}.000\n{label}\n" for start, end, label in rows)
    assert captions.read(mixed) == (Span("first", 1.0, 5.0), Span("later", 5.0, 6.0))


@pytest.mark.parametrize("content", ["", "WEBVTT", "-->" * 50_000, "\0" * 100, "1\n00:00:01 --> x\nno"])
def test_what_holds_no_cue_is_refused(content):
    with pytest.raises(InputError, match="E-SUBTITLES-FILE"):
        captions.read(content)


def test_a_file_that_is_too_large_is_refused():
    with pytest.raises(InputError, match="the limit is"):
        captions.read(SRT * 30_000)
    with pytest.raises(InputError, match="more than 20,000 cues"):
        captions.read("00:01.000 --> 00:02.000\nx\n\n" * 20_002)


@pytest.mark.parametrize(
    ("tracks", "code"),
    [
        ((("no language", SRT),), "E-SUBTITLES-LANGUAGE"),
        ((("de", SRT), ("de", SRT)), "E-SUBTITLES-TWICE"),
        ((("en", SRT),), "E-SUBTITLES-TWICE"),
        ((("de", "nothing"),), "E-SUBTITLES-FILE"),
    ],
)
def test_tracks_that_cannot_be(settings, tracks, code):
    with pytest.raises(InputError, match=code):
        decide(Order(source="Hello there.", language="en", subtitles=tracks), settings)


def tracks(*arguments):
    options = cli._parser().parse_args(["render", *map(str, arguments), "-o", "x.mp4"])
    with ordered(options, None) as (order, _):
        return dict(order.subtitles)


def test_files_beside_the_lesson_are_found_by_the_name_of_their_language(tmp_path):
    lesson = tmp_path / "talk.md"
    lesson.write_text("Hello there.")
    (tmp_path / "talk.de.srt").write_text(SRT)
    (tmp_path / "talk.pt-BR.vtt").write_text(VTT)
    for other in ("talk.srt", "talk.notes.srt", "other.fr.srt", "talk.de.txt"):
        (tmp_path / other).write_text("no")
    found = tracks(lesson)
    assert {tag: captions.read(text)[0].label for tag, text in found.items()} == {
        "de": "Hallo & guten Tag", "pt-BR": "Bonjour\nà tous",
    }  # fmt: skip
    named = tmp_path / "french.vtt"
    named.write_text(VTT)
    assert tracks(lesson, "--subtitles", f"fr={named}").keys() == {"de", "pt-BR", "fr"}
    for wrong, code in (("fr=none.vtt", "E-SUBTITLES-FILE"), ("fr", "E-SUBTITLES-LANGUAGE")):
        with pytest.raises(InputError, match=code):
            tracks(lesson, "--subtitles", wrong)


@pytest.mark.skipif(not shutil.which("ffmpeg"), reason="ffmpeg is missing")
def test_a_further_language_is_a_track_of_its_own_cut_at_the_end(settings, tmp_path, monkeypatch):
    fakes.install(monkeypatch)
    out = tmp_path / "out.mp4"
    order = Order(source="Hello there, all of you.", language="en", subtitles=(("de", SRT),))
    made = pipeline.render(order, settings, out, runner=Here())
    command = ["ffprobe", "-v", "error", "-select_streams", "s", "-show_entries", "stream_tags=language",
               "-of", "csv=p=0", out]  # fmt: skip
    assert subprocess.run(command, capture_output=True, check=True).stdout.decode().split() == ["eng", "deu"]
    command = ["ffmpeg", "-v", "error", "-i", out, "-map", "0:s:1", "-f", "srt", "-"]
    spans = captions.read(subprocess.run(command, capture_output=True, check=True).stdout.decode())
    assert [span.label for span in spans] == ["Hallo & guten Tag", "Ende"]
    assert spans[-1].end == pytest.approx(made.seconds, abs=0.01)
