"""Every file that leaves carries label, watermarks, credentials and a line in the log. See test_routes."""

import ast
import io
import re
import shutil
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path

import fakes
import pytest

from presenter import audit, credentials, exports, keys, pipeline, takedown, verify
from presenter.engines.runners import Here
from presenter.errors import InputError
from presenter.order import Order
from presenter.settings import ROOT, Settings
from presenter.store import digest_of_file
from presenter.studio import Studio
from presenter.web import server

LESSON = "Bees hum in the morning and in the evening.\n\nBirds sing, and that is nearly all.\n"


@pytest.fixture(scope="module")
def settings(tmp_path_factory):
    return Settings(home=tmp_path_factory.mktemp("home"), width=640, height=360, workers=1)


def made_path(made):
    return Path(made.path)


@pytest.fixture(scope="module")
def made(settings, tmp_path_factory):
    with pytest.MonkeyPatch.context() as monkeypatch:
        fakes.install(monkeypatch)
        out = tmp_path_factory.mktemp("videos") / "talk.mp4"
        return pipeline.render(Order(source=LESSON), settings, out, runner=Here())


def published(settings):
    lines = [line for line in audit.lines(settings.home) if line.event == "published"]
    return {line.detail["digest"]: line for line in lines}


def test_no_door_copies_files_out_by_itself():
    writers = set()
    for path in (ROOT / "presenter").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Attribute) and node.attr in ("copyfile", "copy2", "copytree"):
                writers.add(path.relative_to(ROOT / "presenter").as_posix())
    assert "publishing.py" in writers
    assert not {name for name in writers if name.startswith(("web/", "api/", "mcp/", "exports/"))}


def test_the_video_carries_all_four(made, settings):
    found = verify.verify(made_path(made), settings)
    assert found.answer == "made here"
    assert found.label
    assert found.credentials.state == "trusted"
    assert found.picture.identities
    line = published(settings)[made.digest]
    assert line.detail["credentials"] == made.credentials
    assert set(found.picture.identities) <= set(line.detail["marks"])


@pytest.mark.parametrize("form", [f"talk{suffix}" for form in exports.FORMS for suffix in form.suffixes])
def test_every_export_is_signed_where_it_can_be_and_always_in_the_log(
    made, settings, tmp_path, form, monkeypatch
):
    fakes.install(monkeypatch)
    [out] = exports.export(made_path(made), [form], settings, tmp_path)
    line = published(settings)[digest_of_file(out)]
    assert line.detail["video"] == made.digest
    found = verify.verify(out, settings)
    assert found.answer == "made here"
    assert found.videos == (made.digest,)
    assert found.label
    if out.suffix == ".srt":  # has no place for a signature: the log alone knows it
        assert found.credentials is None
    else:
        assert found.credentials.state == "trusted"
        assert line.detail["credentials"] == found.credentials.digest


@pytest.mark.parametrize("form", ["talk.html", "talk.md", "talk.vtt", "talk.chapters.vtt"])
def test_a_text_that_was_changed_is_told_from_a_strange_one(made, settings, tmp_path, form):
    [out] = exports.export(made_path(made), [form], settings, tmp_path)
    whole = out.read_bytes()
    for changed in (whole.replace(b"Bees", b"Cats"), whole + b"More.\n", whole[:-3]):
        out.write_bytes(changed)
        assert verify.verify(out, settings).answer == "altered"
    out.write_bytes(re.sub(rb"presenter-seal:[^ \"\n]+", b"", whole))
    assert verify.verify(out, settings).answer == "unknown"
    out.write_bytes(whole)
    stranger = verify.verify(out, Settings(home=tmp_path / "other"))
    assert (stranger.answer, stranger.videos) == ("elsewhere", ())


def test_a_deck_that_an_office_program_wrote_anew_is_known_by_its_films(made, settings, tmp_path):
    from pptx import Presentation

    [out] = exports.export(made_path(made), ["slides"], settings, tmp_path)
    deck = Presentation(str(out))
    deck.slides[0].shapes.title.text = "Something else"
    deck.save(str(out))
    found = verify.verify(out, settings)
    assert (found.answer, found.videos) == ("altered", (made.digest,))
    Presentation().save(str(out))
    assert verify.verify(out, settings).answer == "unknown"


def test_captions_are_signed_and_in_the_log(made, settings):
    for name in made.files:
        assert digest_of_file(Path(name)) in published(settings)
        found = verify.verify(Path(name), settings)
        assert (found.answer, found.label, found.videos) == ("made here", True, (made.digest,))


@pytest.mark.parametrize("kind", ["WAV", "FLAC"])
def test_speech_alone_is_marked_signed_and_in_the_log(settings, tmp_path, kind):
    text = " ".join(["Light travels in waves, and the colour depends on how long each of them is."] * 5)
    recital = Studio(settings).say(text)
    out = tmp_path / f"said.{kind.lower()}"
    out.write_bytes(Studio(settings).sound(recital, kind))
    found = verify.verify(out, settings)
    assert (found.answer, found.credentials.state, found.label) == ("made here", "trusted", True)
    assert found.sound.identity == recital.mark
    line = published(settings)[found.digest]
    assert line.detail["credentials"] == found.credentials.digest
    data = bytearray(out.read_bytes())
    data[-200] ^= 1
    out.write_bytes(data)
    assert verify.verify(out, settings).answer == "altered"


def test_what_was_taken_down_is_not_served(made, settings, tmp_path):
    key = "A" * 22
    folder = settings.home / "videos" / key
    folder.mkdir(parents=True)
    copy = shutil.copyfile(made.path, folder / "lesson.mp4")
    (folder / "lesson.vtt").write_text("WEBVTT")
    videos = settings.home / "videos"
    assert server.find_media(videos, key, "lesson.mp4") == copy
    takedown.block(settings.home, made.digest)
    assert server.find_media(videos, key, "lesson.mp4") is None
    assert server.find_media(videos, key, "lesson.vtt") is None
    with pytest.raises(InputError, match="E-TAKEDOWN"):
        exports.export(made_path(made), ["poster"], settings, tmp_path)
    takedown.release(settings.home, made.digest)
    assert server.find_media(videos, key, "lesson.mp4") == copy


def test_no_switch_takes_label_mark_credentials_or_consent_away():
    switches = re.compile("watermark|unsafe|no.?label|skip.?consent|sign(ed|ing)?$|credentials$")
    for cls in (Settings.model_fields, asdict(Order(source=""))):
        assert not [name for name in cls if switches.search(name)]
    assert Settings.model_fields["label"].annotation.__args__ == ("on",)


def test_damaged_files_are_answered_in_words(settings, made, tmp_path):
    from presenter.bench.damaged import mutated
    from presenter.errors import PresenterError

    data = made_path(made).read_bytes()
    for seed in range(25):
        (tmp_path / "a.mp4").write_bytes(mutated(data, seed))
        with suppress(PresenterError):
            found = verify.verify(tmp_path / "a.mp4", settings)
            assert found.answer != "made here" or found.digest == made.digest


def test_credentials_of_garbage_are_none_or_broken(settings):
    for data in (b"", b"\0" * 100, b"\0\0\0\x20ftypisom", b"\xff\xd8\xff" + b"c2pa" * 50):
        found = credentials.inspect(io.BytesIO(data), "video/mp4", keys.anchors(settings))
        assert found.state in ("none", "broken")
