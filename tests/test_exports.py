"""What is made of a finished video is whole, labelled, in time, and the way out is one."""

import io
import itertools
import json
import re
import shutil
import subprocess
import threading
import time
from contextlib import contextmanager
from dataclasses import replace
from html.parser import HTMLParser

import fakes
import numpy as np
import pytest
import uvicorn
from PIL import Image
from starlette.applications import Starlette
from starlette.routing import Mount
from starlette.staticfiles import StaticFiles

from presenter import audio, cli, exports, pipeline, provenance, registry, video
from presenter.engines.runners import Here
from presenter.errors import InputError
from presenter.exports import pictures
from presenter.exports.source import Source
from presenter.order import Order
from presenter.settings import Settings
from presenter.store import Store
from presenter.types import RATE

LESSON = """---
title: Light & <sound>
language: en
---

Welcome to this lesson, it is about light.

# Light is a *wave*

- waves
- colours

[build] Light is a wave. [build] It has many colours & more.

# Sound <b>too</b>

A sound is a wave too.
"""


@pytest.fixture
def settings(tmp_path):
    return Settings(home=tmp_path / "home", width=448, height=256, workers=1)


@pytest.fixture
def lesson(settings, tmp_path, monkeypatch):
    """A finished video."""
    fakes.install(monkeypatch)
    out = tmp_path / "talk.mp4"
    pipeline.render(Order(source=LESSON), settings, out, runner=Here())
    return out


def source(lesson, settings):
    return Source(lesson, registry.recall(settings.home, lesson), settings)


def made(lesson, settings, *wanted):
    files = exports.export(lesson, wanted, settings)
    return files[0] if len(files) == 1 else files


# --- names ------------------------------------------------------------------------------------


def test_a_kind_is_called_like_the_video_and_a_name_stays(lesson, settings, tmp_path):
    files = exports.export(lesson, ["transcript", "notes.md", "chapters"], settings, tmp_path / "web")
    assert [file.name for file in files] == ["talk.html", "notes.md", "talk.chapters.vtt"]
    assert all(file.parent == tmp_path / "web" and file.stat().st_size for file in files)


@pytest.mark.parametrize("wanted", ["video", "talk.exe", "", ".html", "../talk.html", "a/b.html", "talk"])
def test_other_names_are_refused_before_anything_is_made(lesson, settings, wanted):
    with pytest.raises(InputError, match="E-EXPORT-FORM"):
        exports.export(lesson, ["transcript", wanted], settings)
    assert not lesson.with_suffix(".html").exists()


def test_a_video_of_others_is_refused(lesson, settings):
    lesson.write_bytes(lesson.read_bytes() + b"\0")
    with pytest.raises(InputError, match="E-VIDEO-UNKNOWN"):
        exports.export(lesson, ["poster"], settings)


def test_a_record_of_an_earlier_version_says_so(lesson, settings):
    registry.remember(settings.home, replace(registry.recall(settings.home, lesson), texts=()))
    with pytest.raises(InputError, match="E-EXPORT-OLD"):
        exports.export(lesson, ["poster"], settings)


# --- transcripts ------------------------------------------------------------------------------


class Reader(HTMLParser):
    """The text and the links of a page; no element may be left open."""

    def __init__(self, page):
        super().__init__()
        self.words, self.links, self.open = [], [], []
        self.feed(page)
        assert self.open == []

    def handle_starttag(self, tag, attributes):
        self.links += [value for name, value in attributes if name == "href"]
        if tag not in ("meta", "link"):
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        if "style" not in self.open:
            self.words.append(data)


def test_the_page_says_everything_once_with_times_and_label(lesson, settings):
    page = Reader(made(lesson, settings, "transcript").read_text("utf-8"))
    text = " ".join("".join(page.words).split())
    for said in registry.recall(settings.home, lesson).texts:
        assert text.count(said) == 1
    assert provenance.label_full("en") in text
    assert "Light & <sound>" in text
    assert "Sound too" in text
    times = [float(link.partition("#t=")[2]) for link in page.links if "#t=" in link]
    assert times == sorted(times)
    assert all(link.startswith(("talk.mp4#t=", "#part-")) for link in page.links)


def test_markdown_has_a_heading_a_slide_and_a_line_a_sentence(lesson, settings):
    text = made(lesson, settings, "talk.md").read_text("utf-8")
    assert text.startswith("# Light \\& \\<sound\\>\n\n> This video is AI-generated")
    assert len(re.findall(r"^## ", text, re.M)) == len(registry.recall(settings.home, lesson).chapters)
    starts = re.findall(r"^\[(\d+):(\d\d)\] ", text, re.M)
    assert len(starts) == len(registry.recall(settings.home, lesson).texts)
    assert starts[0] == ("0", "00")


def test_a_lesson_without_slides_has_a_transcript_without_headings(settings, tmp_path, monkeypatch):
    fakes.install(monkeypatch)
    out = tmp_path / "plain.mp4"
    pipeline.render(Order(source="One is said.\n\nTwo is said.\n"), settings, out, runner=Here())
    page = Reader(made(out, settings, "transcript").read_text("utf-8"))
    assert not [link for link in page.links if link.startswith("#")]
    assert "Two is said." in page.words


# --- pictures ---------------------------------------------------------------------------------


def test_the_poster_is_a_frame_of_the_video_with_the_slide_complete(lesson, settings):
    jpeg, png = made(lesson, settings, "poster", "poster.png")
    record = registry.recall(settings.home, lesson)
    starts = (*source(lesson, settings).plan.starts(), source(lesson, settings).plan.count)
    last = max(
        index for index, piece in enumerate(record.pieces) if piece.shot.slide == record.pieces[1].shot.slide
    )
    (meant,) = video.pictures(lesson, starts[last + 1] - 1, starts[last + 1])
    assert np.array_equal(np.asarray(Image.open(png)), meant)
    assert np.abs(np.asarray(Image.open(jpeg), int) - meant).mean() < 4
    for file in (jpeg, png):
        with Image.open(file) as image:
            about = str(dict(image.getexif())) + str(image.info)
        assert "AI-generated" in about


@pytest.mark.parametrize("name", ["preview.webp", "preview.gif"])
def test_the_preview_moves_for_five_seconds_from_the_full_label_on(lesson, settings, name):
    with Image.open(made(lesson, settings, name)) as image:
        assert image.width == 448
        count = image.n_frames
        total, frames = 0, []
        for index in range(count):
            image.seek(index)
            image.load()
            total += image.info["duration"]
            frames.append(np.asarray(image.convert("RGB"), int))
    assert 30 <= count <= 60
    assert 4500 <= total <= 5500
    assert any(np.abs(one - other).max() > 40 for one, other in itertools.pairwise(frames))
    first = next(video.pictures(lesson))
    assert np.abs(frames[0] - first).mean() < 8


# --- sound ------------------------------------------------------------------------------------


def test_the_sound_says_the_label_and_then_the_lesson(lesson, settings):
    from presenter.exports import sound
    from presenter.exports.speech import PAUSE

    heard = np.concatenate(list(video.sound(made(lesson, settings, "audio"))))
    notice = sound.label(source(lesson, settings))
    late = len(notice) + len(PAUSE)
    own = np.concatenate(list(video.sound(lesson)))
    assert abs(len(heard) - late - len(own)) <= 2048
    for meant, found in ((notice, heard[: len(notice)]), (own, heard[late : late + len(own)])):
        meant = meant[: len(found)]
        assert np.corrcoef(meant, found)[0, 1] > 0.95
    assert audio.loudness([heard]) == pytest.approx(-16, abs=1)


def test_the_label_is_said_in_english_where_it_is_not_known_in_the_language():
    assert provenance.label_spoken("de-AT")[1] == "de-AT"
    assert provenance.label_spoken("sw") == (provenance.label_spoken("en")[0], "en")
    assert provenance.label_spoken("en-GB")[1] == "en-GB"


# --- slides -----------------------------------------------------------------------------------


def test_each_slide_of_the_deck_plays_its_part_of_the_video(lesson, settings, tmp_path):
    from pptx import Presentation

    deck = Presentation(made(lesson, settings, "slides"))
    record = registry.recall(settings.home, lesson)
    assert [slide.shapes.title.text for slide in deck.slides] == [one.title for one in record.chapters]
    assert "AI-generated" in deck.core_properties.comments
    notes = [slide.notes_slide.notes_text_frame.text for slide in deck.slides]
    assert "Light is a wave.\nIt has many colours & more." in notes[1]
    assert all(provenance.label_full("en") in note for note in notes)
    whole = list(video.planes(lesson))
    heard = np.concatenate(list(video.sound(lesson)))
    for slide, chapter in zip(deck.slides, record.chapters, strict=True):
        (part,) = [rel.target_part for rel in slide.part.rels.values() if rel.reltype.endswith("/media")]
        file = tmp_path / "part.mp4"
        file.write_bytes(part.blob)
        first, last = round(chapter.start * 25), round(chapter.end * 25)
        assert all(map(np.array_equal, video.planes(file), whole[first:last]))
        assert len(video.times(file)[0]) == last - first
        sound = np.concatenate(list(video.sound(file)))
        meant = heard[first * RATE // 25 :][: len(sound)]
        assert np.corrcoef(sound[: len(meant)], meant)[0, 1] > 0.95


# --- an independent reader ----------------------------------------------------------------------

needs_ffprobe = pytest.mark.skipif(not shutil.which("ffprobe"), reason="ffprobe is missing: install ffmpeg")


def probed(file):
    command = [
        "ffprobe",
        "-v",
        "error",
        "-show_format",
        "-show_streams",
        "-show_chapters",
        "-of",
        "json",
        file,
    ]
    return json.loads(subprocess.run(command, capture_output=True, check=True).stdout)


@needs_ffprobe
def test_ffprobe_sees_chapters_and_subtitles_of_the_video(lesson, settings):
    found = probed(lesson)
    record = registry.recall(settings.home, lesson)
    titles = [(row["tags"]["title"], float(row["start_time"])) for row in found["chapters"]]
    assert titles == [(chapter.title, pytest.approx(chapter.start, abs=0.001)) for chapter in record.chapters]
    (track,) = [row for row in found["streams"] if row["codec_type"] == "subtitle"]
    assert (track["codec_name"], track["tags"]["language"]) == ("mov_text", "eng")
    command = ["ffmpeg", "-v", "error", "-i", lesson, "-map", "0:s:0", "-f", "srt", "-"]
    shown = subprocess.run(command, capture_output=True, check=True).stdout.decode()
    assert shown.count(" --> ") == len(source(lesson, settings).captions())
    assert "Light is a wave." in shown


@needs_ffprobe
def test_ffprobe_sees_chapters_cover_and_label_of_the_sound(lesson, settings):
    found = probed(made(lesson, settings, "audio"))
    assert [row["tags"]["title"] for row in found["chapters"]] == [
        chapter.title for chapter in registry.recall(settings.home, lesson).chapters
    ]
    assert "AI-generated" in found["format"]["tags"]["comment"]
    assert found["format"]["tags"]["title"] == "Light & <sound>"
    sound, cover = [row for row in found["streams"] if row["codec_type"] in ("audio", "video")]
    assert (sound["codec_name"], sound["sample_rate"]) == ("aac", "48000")
    assert cover["disposition"]["attached_pic"] == 1


@pytest.mark.browser
def test_a_browser_plays_the_video_with_captions_and_chapters_and_seeks(lesson, settings):
    playwright = pytest.importorskip("playwright.sync_api")
    chromium = shutil.which("chromium")
    if chromium is None:
        pytest.skip("there is no chromium")
    made(lesson, settings, "chapters")
    page = """<video muted src="talk.mp4"><track default kind="captions" src="talk.vtt" srclang="en">
        <track kind="chapters" src="talk.chapters.vtt" srclang="en"></video>"""
    (lesson.parent / "index.html").write_text(page)
    record = registry.recall(settings.home, lesson)
    with served(lesson.parent) as address, playwright.sync_playwright() as engine:
        browser = engine.chromium.launch(executable_path=chromium, args=["--no-sandbox"])
        shown = browser.new_page()
        shown.goto(address)
        tracks = "[...document.querySelector('video').textTracks]"
        shown.evaluate(f"{tracks}.forEach(track => track.mode = 'hidden')")
        shown.wait_for_function(f"{tracks}.every(track => track.cues?.length)")
        of_cue = "cue => [cue.getCueAsHTML().textContent, cue.startTime]"
        cues = shown.evaluate(f"{tracks}.map(track => [...track.cues].map({of_cue}))")
        start = record.chapters[1].start
        shown.evaluate("start => { document.querySelector('video').currentTime = start + 0.3 }", start)
        shown.wait_for_function("!document.querySelector('video').seeking")
        now = shown.evaluate(f"{tracks}[1].activeCues[0].text")
        seconds = shown.evaluate("document.querySelector('video').duration")
        browser.close()
    captions, chapters = cues
    assert [label for label, _ in captions] == [span.label for span in source(lesson, settings).captions()]
    assert [at for _, at in chapters] == [pytest.approx(one.start, abs=0.001) for one in record.chapters]
    assert now == record.chapters[1].title
    assert seconds == pytest.approx(source(lesson, settings).seconds, abs=0.05)


@contextmanager
def served(folder):
    """The folder on a loopback port, with ranges as a browser asks for them when it seeks."""
    app = Starlette(routes=[Mount("/", StaticFiles(directory=folder, html=True))])
    server = uvicorn.Server(uvicorn.Config(app, port=0, log_level="error"))
    thread = threading.Thread(target=server.run)
    thread.start()
    while not server.started:
        time.sleep(0.02)
    yield f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}/"
    server.should_exit = True
    thread.join()


# --- kept and let go --------------------------------------------------------------------------


def test_an_export_is_made_once(lesson, settings, monkeypatch):
    first = made(lesson, settings, "preview").read_bytes()
    monkeypatch.setattr(pictures, "preview", None)
    assert made(lesson, settings, "preview").read_bytes() == first


def test_what_is_forgotten_takes_its_exports_along(lesson, settings):
    made(lesson, settings, "poster", "audio")
    kept = settings.home / "store" / "export"
    assert len([path for path in kept.rglob("*") if path.suffix in (".jpg", ".m4a")]) == 2
    Store(settings.home / "store").forget(registry.recall(settings.home, lesson).portrait)
    assert not [path for path in kept.rglob("*") if path.is_file()]


def test_without_consent_nothing_leaves(lesson, settings, monkeypatch):
    from presenter import publishing

    def ended(record, settings):
        raise InputError("E-CONSENT-REVOKED", "Consent was ended.")

    monkeypatch.setattr(publishing, "confirm", ended)
    for form in exports.FORMS:
        with pytest.raises(InputError, match="E-CONSENT-REVOKED"):
            exports.export(lesson, [form.kind], settings)
    assert {path.suffix for path in lesson.parent.glob("talk.*")} == {".mp4", ".srt", ".vtt"}


# --- the command line -------------------------------------------------------------------------


def test_the_command_writes_what_it_says(lesson, settings, monkeypatch, capsys):
    monkeypatch.setenv("PRESENTER_HOME", str(settings.home))
    assert cli.main(["export", str(lesson), "--as", "transcript, talk.srt"]) == 0
    assert "talk.html" in capsys.readouterr().out
    assert lesson.with_suffix(".html").is_file()
    assert cli.main(["export", str(lesson), "--as", "opera"]) == 2
    assert "E-EXPORT-FORM" in capsys.readouterr().err


def test_render_makes_the_others_too(settings, tmp_path, monkeypatch, capsys):
    fakes.install(monkeypatch)
    monkeypatch.setenv("PRESENTER_HOME", str(settings.home))
    out = tmp_path / "also.mp4"
    line = [
        "render",
        "Hello there.",
        "-o",
        str(out),
        "--size",
        "256x256",
        "--also",
        "poster,transcript",
        "--quiet",
    ]
    assert cli.main(line) == 0
    assert Image.open(io.BytesIO(out.with_suffix(".jpg").read_bytes())).size == (256, 256)
    assert out.with_suffix(".html").is_file()
