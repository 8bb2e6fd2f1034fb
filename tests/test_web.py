"""The page: its handlers with bad and good inputs, its routes, and one visit in a real browser."""

import io
import os
import re
import shutil
import socket
import struct
import subprocess
import sys
import threading
import time
import urllib.request
import zlib
from pathlib import Path

import pytest
from fastapi.testclient import TestClient
from PIL import Image, ImageDraw

from presenter.errors import InputError, SetupError
from presenter.settings import ROOT, read
from presenter.studio import Studio
from presenter.types import Progress, Video
from presenter.web import server, views
from presenter.web.desk import WAITING, Desk
from presenter.web.handlers import OWN, Handlers

ADA = ROOT / "assets" / "presenters" / "ada.png"
CHROMIUM = shutil.which("chromium") or "/usr/bin/chromium"
needs_faces = pytest.mark.skipif(
    not (ROOT / "checkpoints" / "face_landmark.tflite").is_file(),
    reason="the face models are missing: presenter checkpoints fetch faces",
)


class QuickStudio(Studio):
    """A studio that reads lessons as usual but draws nothing; it waits for ``go`` before it is done."""

    def __init__(self, settings):
        super().__init__(settings)
        self.go = threading.Event()
        self.at_once = 0
        self.most_at_once = 0

    def render(self, order, out, *, report=lambda _: None, cancelled=lambda: False):
        from presenter.errors import Cancelled

        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        try:
            if "explode" in order.source:
                raise RuntimeError(f"secret: {order.source}")
            while not self.go.is_set():
                if cancelled():
                    raise Cancelled()
                report(Progress("draw", 0.42, 65.0, "drawing frame 42 of 100"))
                time.sleep(0.01)
        finally:
            self.at_once -= 1
        out.write_bytes(b"video" * 1000)
        out.with_suffix(".vtt").write_text("WEBVTT\n")
        return Video(str(out), "0" * 64, 72.0, 1800, 3, 1, 9.0, (str(out.with_suffix(".vtt")),))


@pytest.fixture
def settings(tmp_path):
    return read({"home": tmp_path / "home", "workers": 1}, environ={}, folder=tmp_path)


@pytest.fixture
def handlers(settings):
    studio = QuickStudio(settings)
    desk = Desk(studio)
    yield Handlers(studio, desk)
    desk.close()


@pytest.fixture
def real(settings):
    studio = Studio(settings)
    desk = Desk(studio)
    yield Handlers(studio, desk)
    desk.close()


def make(handlers, source="Hello there.", portrait="ada", photo=None, consent="", browser="b"):
    return handlers.make(source, portrait, photo, consent, None, None, None, None, None, browser)


def last(steps):
    return list(steps)[-1]


def wait_until(condition, seconds=10.0):
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "waited in vain"
        time.sleep(0.01)


# --- photos -------------------------------------------------------------------------------------


def encoded(image, kind="PNG", **options):
    memory = io.BytesIO()
    image.save(memory, kind, **options)
    return memory.getvalue()


def ada(side=512):
    with Image.open(ADA) as image:
        return image.convert("RGB").resize((side, side))


def huge_png(side):
    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    header = struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"IDAT", zlib.compress(b""))
        + chunk(b"IEND", b"")
    )


def five_faces():
    image = Image.new("RGB", (5 * 360, 360))
    for index in range(5):
        image.paste(ada(360), (360 * index, 0))
    return image


def covered_mouth():
    image = ada(512)
    ImageDraw.Draw(image).rectangle((150, 240, 362, 380), fill=(70, 120, 200))
    return image


def landscape():
    image = Image.linear_gradient("L").resize((800, 600)).convert("RGB")
    ImageDraw.Draw(image).polygon(
        [(0, 600), (300, 200), (500, 420), (650, 280), (800, 600)], fill=(60, 80, 60)
    )
    return image


def flower():
    image = Image.new("RGB", (600, 600), "white")
    draw = ImageDraw.Draw(image)
    for x, y in ((300, 160), (300, 440), (160, 300), (440, 300)):
        draw.ellipse((x - 80, y - 80, x + 80, y + 80), fill=(220, 90, 140))
    draw.ellipse((240, 240, 360, 360), fill=(240, 200, 60))
    return image


def exif_turned():
    exif = Image.Exif()
    exif[0x0112] = 6
    return encoded(ada().transpose(Image.Transpose.ROTATE_90), "JPEG", exif=exif)


def animation():
    return encoded(ada(), "GIF", save_all=True, append_images=[ada().transpose(0)] * 3)


def upload(handlers, data, name="photo.jpg", before=None):
    """As the web framework does it: the file lies alone in a folder of its own."""
    folder = handlers.studio.settings.home / "incoming" / "0123abcd"
    folder.mkdir(parents=True)
    (folder / name).write_bytes(data)
    photo, shown = handlers.receive(str(folder / name), before)
    assert not folder.exists(), "the framework's copy stayed"
    return photo, shown


REFUSED = {
    "1 empty": (lambda: b"", "E-PHOTO-EMPTY"),
    "2 text": (lambda: b"I am no picture at all, really not.", "E-PHOTO-TYPE"),
    "3 bomb": (lambda: huge_png(12_000), "E-PHOTO-SIZE"),
    "4 larger bomb": (lambda: huge_png(60_000), "E-PHOTO-SIZE"),
    "5 tiny": (lambda: encoded(ada(40)), "E-PHOTO-SMALL"),
    "12 metadata": (lambda: encoded(ada(256), icc_profile=os.urandom(10_000_000)), "E-PHOTO-META"),
    "14 svg": (lambda: b"<svg xmlns='http://www.w3.org/2000/svg'><script>1</script></svg>", "E-PHOTO-TYPE"),
    "14 eps": (lambda: b"%!PS-Adobe-3.0 EPSF-3.0\n", "E-PHOTO-TYPE"),
    "14 psd": (lambda: b"8BPS\x00\x01" + bytes(20), "E-PHOTO-TYPE"),
    "14 heic": (lambda: b"\x00\x00\x00\x18ftypheic" + bytes(20), "E-PHOTO-TYPE"),
}
REFUSED_BY_FACE = {
    "6 landscape": (landscape, "E-FACE-NONE"),
    "7 five faces": (five_faces, "E-FACE-MANY"),
    "8 covered mouth": (covered_mouth, "E-FACE-MOUTH"),
    "9 object": (flower, "E-FACE-NONE"),
}
WELCOME = {
    "10 cmyk": lambda: encoded(ada().convert("CMYK"), "JPEG"),
    "10 16 bit grey": lambda: encoded(
        ada().convert("L").convert("I").point(lambda v: v * 257).convert("I;16")
    ),
    "10 palette with alpha": lambda: encoded(ada().convert("P"), transparency=0),
    "10 grey": lambda: encoded(ada().convert("L")),
    "11 turned": exif_turned,
}


@pytest.mark.parametrize("row", REFUSED)
def test_a_file_that_is_no_usable_photo_is_refused_in_words_and_not_kept(real, row):
    data, code = REFUSED[row]
    photo, shown = upload(real, data())
    assert photo is None
    assert code in shown
    assert "role='alert'" in shown
    assert list((real.studio.settings.home / "uploads").iterdir()) == []


@needs_faces
@pytest.mark.parametrize("row", REFUSED_BY_FACE)
def test_a_photo_without_one_clear_face_is_refused_in_words_and_not_kept(real, row):
    picture, code = REFUSED_BY_FACE[row]
    photo, shown = upload(real, encoded(picture()))
    assert photo is None
    assert code in shown
    assert "notice bad" in shown
    assert list((real.studio.settings.home / "uploads").iterdir()) == []


@needs_faces
@pytest.mark.parametrize("row", WELCOME)
def test_an_unusual_photo_is_taken_with_its_very_bytes_and_shown_outlined(real, row):
    data = WELCOME[row]()
    photo, shown = upload(real, data, "me & <you>.jpg")
    assert photo.path.read_bytes() == data
    assert photo.path.parent == real.studio.settings.home / "uploads"
    assert "This photo can be used." in shown
    assert "src='data:image/jpeg;base64," in shown
    assert "me &amp; &lt;you&gt;.jpg" in shown


@needs_faces
def test_of_an_animated_picture_the_first_frame_is_taken_and_it_is_said(real):
    photo, shown = upload(real, animation(), "wave.gif")
    assert "first frame is used" in shown
    assert photo.path.suffix == ".png"
    assert [file.name for file in photo.path.parent.iterdir()] == [photo.path.name]


def refuse(picture):
    """The operator's hook in the next test."""
    return "not this one" if picture.ndim == 3 else None


@needs_faces
def test_a_photo_that_the_operators_hook_refuses_cannot_be_used(settings):
    studio = Studio(settings.model_copy(update={"moderation": f"{__name__}:refuse"}))
    desk = Desk(studio)
    handlers = Handlers(studio, desk)
    photo, shown = upload(handlers, encoded(ada()))
    status, _, _ = last(make(handlers, portrait=OWN, photo=photo, consent="Ada"))
    desk.close()
    assert "E-POLICY-PHOTO" in shown
    assert "E-PHOTO-MISSING" in status


@needs_faces
def test_an_own_photo_needs_a_name_of_who_gave_leave(real):
    photo, _ = upload(real, encoded(ada()))
    status, _, _ = last(make(real, portrait=OWN, photo=photo, consent="  "))
    assert "E-CONSENT-NEEDED" in status


def test_without_a_photo_the_page_asks_for_one(handlers):
    status, _, _ = last(make(handlers, portrait=OWN))
    assert "E-PHOTO-MISSING" in status


@needs_faces
def test_deleting_a_photo_deletes_its_videos(handlers):
    photo, _ = upload(handlers, encoded(ada()))
    handlers.studio.go.set()
    last(make(handlers, portrait=OWN, photo=photo, consent="Ada"))
    last(make(handlers, portrait="ada"))
    assert len(list(handlers.desk.videos.iterdir())) == 2
    shown = handlers.delete(photo)
    assert "deleted" in shown
    assert not photo.path.exists()
    assert len(list(handlers.desk.videos.iterdir())) == 1


# --- scripts ------------------------------------------------------------------------------------

BAD_SCRIPTS = {
    "36 long": ("a" * 2**20, "E-SCRIPT-LONG"),
    "39 language": ("---\nlanguage: tlh\n---\nHello there.", "E-SCRIPT-LANG"),
    "42 tags": ("Hello.\n\n<audio src='x'>hi</audio>", "E-SCRIPT-TAG"),
    "43 pause": ("Hello [pause 99999] there.", "E-SCRIPT-PAUSE"),
    "44 fraud": ("Send me your money now.", "E-POLICY-TEXT"),
    "46 repeated": ("Same sentence. " * 10_000, "E-SCRIPT-LONG"),
    "46 repeated within the length": ("Same. " * 3_000, "E-SCRIPT-SEGMENTS"),
}
ODD_SCRIPTS = {
    "37 no full stop": ("and so it goes on and on " * 200, "400 characters"),
    "38 invisible": ("Hello\u200b wor\u202eld\x00, my friend.", "3 invisible or control characters"),
    "40 mixed": ("Good morning to all of you, dear friends.\n\n今天我们学习植物。", "Mandarin"),
    "41 signs": ("It costs $3.50 😀. See https://example.org, x^2 = 4, on 12/03/2026.", "sentence"),
}


@pytest.mark.parametrize("row", BAD_SCRIPTS)
def test_a_script_that_cannot_be_said_is_refused_in_words(real, row):
    source, code = BAD_SCRIPTS[row]
    status, video, job = last(make(real, source))
    assert code in status
    assert "role='alert'" in status
    assert (video, job) == (None, None)


@pytest.mark.parametrize("source", ["", " \n\t ", "\u200b"])
def test_an_empty_script_is_refused_when_the_button_is_pressed(real, source):
    assert "E-SCRIPT-EMPTY" in last(make(real, source))[0]


def test_an_empty_script_is_no_error_while_it_is_written(real):
    assert "notice" not in real.read(" ", None)


@pytest.mark.parametrize("row", ODD_SCRIPTS)
def test_an_odd_script_is_read_and_what_is_odd_is_said(real, row):
    source, words = ODD_SCRIPTS[row]
    shown = real.read(source, None)
    assert words in shown
    assert "notice bad" not in shown


@needs_faces
def test_nobody_speaks_as_a_president_with_a_real_face(real):
    photo, _ = upload(real, encoded(ada()))
    source = "I am the President of France."
    status, _, _ = last(make(real, source, OWN, photo, "Ada"))
    assert "E-POLICY-IMPERSONATION" in status


def test_hints_tell_sentences_length_and_language(real):
    shown = real.read("# Plants\n\nPlants eat light. They need water, too.", None)
    assert re.search(r"2 sentences.*1 slide.*about 0:0\d.*English", shown)


def test_hints_escape_what_people_write(real):
    assert "<img" not in real.read("---\nlayout: <img src=x>\n---\nHello there.", None)


def test_a_sample_lesson_brings_its_presenter(real):
    source, portrait = real.open_lesson("welcome", "ben")
    assert source.startswith("---")
    assert portrait == "ada"


def test_languages_carry_their_own_names():
    from presenter.web.page import languages

    assert languages(("de", "cmn", "en", "xx")) == [
        ("English", "en"),
        ("German · Deutsch", "de"),
        ("Mandarin Chinese · 中文", "cmn"),
        ("xx", "xx"),
    ]


# --- renders ------------------------------------------------------------------------------------


def test_progress_shows_stage_percent_and_what_remains(handlers):
    steps = make(handlers)
    shown, _, job = next(step for step in steps if "42" in step[0])
    assert "Drawing" in shown
    assert "<progress max='100' value='42'" in shown
    assert "about 1:05 left" in shown
    handlers.cancel(job.id)
    assert "The render was stopped." in last(steps)[0]


def test_a_cancelled_render_ends_within_two_seconds_and_leaves_nothing(handlers):
    steps = make(handlers)
    job = next(steps)[2]
    began = time.monotonic()
    handlers.cancel(job.id)
    last(steps)
    assert time.monotonic() - began < 2
    assert list(handlers.desk.videos.iterdir()) == []


def test_a_finished_video_is_shown_with_player_captions_downloads_and_label(handlers):
    handlers.studio.go.set()
    status, shown, job = last(make(handlers, "# Plants & <b>\n\nPlants eat light."))
    assert (status, job) == ("", None)
    address = re.search(
        r"<video controls playsinline preload='metadata' src='(media/[\w-]{22}/[^']+\.mp4)'", shown
    )
    assert address
    assert "<track kind='captions'" in shown
    assert f"href='{address[1]}?download=1'" in shown
    assert "AI-generated" in shown
    assert "1:12" in shown
    assert "3 of 4 pieces reused" in shown
    assert "<b>" not in shown


def test_a_bug_is_shown_as_a_reference_and_never_as_its_text(handlers, caplog):
    status, _, _ = last(make(handlers, "Please explode."))
    reference = re.search(r"E-INTERNAL · reference (\w{8})", status)[1]
    assert "secret" not in status
    assert reference in caplog.text
    assert "Please explode" not in caplog.text


def test_one_video_is_made_at_a_time_and_others_are_told_that_they_wait(handlers):
    first = make(handlers, browser="a")
    job = next(first)[2]
    wait_until(lambda: job.began)
    second = make(handlers, browser="b")
    assert "1 video before yours" in next(second)[0]
    handlers.studio.go.set()
    assert last(first)[1]
    assert last(second)[1]
    assert handlers.studio.most_at_once == 1


def test_too_many_waiting_videos_are_turned_away(handlers):
    job = next(make(handlers))[2]
    wait_until(lambda: job.began)
    for _ in range(WAITING):
        next(make(handlers))
    status, _, _ = last(make(handlers))
    assert "E-BUSY" in status


def test_a_closed_tab_finds_its_render_again(handlers):
    steps = make(handlers, browser="mine")
    next(steps)
    steps.close()
    again = handlers.resume("mine")
    assert "progress" in next(again)[0]
    handlers.studio.go.set()
    assert "<video" in last(again)[1]
    assert "<video" in last(handlers.resume("mine"))[1]
    assert list(handlers.resume("other")) == []
    assert list(handlers.resume("")) == []


def test_an_error_box_escapes_what_it_quotes():
    shown = views.failure(InputError("E-X", "<script>", "a & b"))
    assert "&lt;script&gt;" in shown
    assert "a &amp; b" in shown
    assert "<script>" not in shown


# --- server -------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """The whole application, with uploads limited to 1 kB."""
    home = tmp_path_factory.mktemp("home")
    studio = QuickStudio(read({"home": home}, environ={}, folder=home))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("GRADIO_TEMP_DIR", str(home / "incoming"))
        patch.setattr(server, "UPLOAD", "1kb")
        key = "A" * 22
        (home / "videos" / key).mkdir(parents=True)
        (home / "videos" / key / "lesson.mp4").write_bytes(bytes(range(256)))
        (home / "videos" / key / "lesson.vtt").write_text("WEBVTT\n")
        (home / "videos" / key / "about.json").write_text("{}")
        (home / "videos" / key / "link.mp4").symlink_to(home / "secret.mp4")
        (home / "secret.mp4").write_text("secret")
        with TestClient(server.create(studio)) as client:
            yield client, f"/media/{key}"


def test_a_part_of_a_video_can_be_asked_for(site):
    client, folder = site
    answer = client.get(f"{folder}/lesson.mp4", headers={"Range": "bytes=10-19"})
    assert answer.status_code == 206
    assert answer.content == bytes(range(10, 20))
    assert answer.headers["content-range"] == "bytes 10-19/256"


def test_media_have_fixed_types_and_are_not_sniffed(site):
    client, folder = site
    answer = client.get(f"{folder}/lesson.mp4")
    assert answer.headers["content-type"] == "video/mp4"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["content-disposition"].startswith("inline")
    assert client.get(f"{folder}/lesson.vtt").headers["content-type"] == "text/vtt; charset=utf-8"


def test_a_download_comes_as_an_attachment(site):
    client, folder = site
    answer = client.get(f"{folder}/lesson.mp4?download=1")
    assert answer.headers["content-disposition"] == 'attachment; filename="lesson.mp4"'


@pytest.mark.parametrize(
    "path",
    [
        "/media/BBBBBBBBBBBBBBBBBBBBBB/lesson.mp4",
        "/media/AAAAAAAAAAAAAAAAAAAAAA/other.mp4",
        "/media/AAAAAAAAAAAAAAAAAAAAAA/about.json",
        "/media/AAAAAAAAAAAAAAAAAAAAAA/link.mp4",
        "/media/AAAAAAAAAAAAAAAAAAAAAA/..%2F..%2Fsecret.mp4",
        "/media/AAAAAAAAAAAAAAAAAAAAAA/%2E%2E%2F%2E%2E%2Fsecret.mp4",
        "/media/..%2F..%2F..%2Fetc/passwd",
        "/media/%2E%2E/secret.mp4",
        "/presenters/..%2Fada.jpg",
        "/presenters/nobody.jpg",
        "/fonts/..%2Fpresenters%2Fada.png",
    ],
)
def test_nothing_outside_of_its_folder_is_served(site, path):
    client, _ = site
    assert client.get(path).status_code == 404


def test_the_page_the_pictures_and_the_health_are_served(site):
    client, _ = site
    assert client.get("/healthz").json()["status"] == "ok"
    assert client.get("/presenters/ada.jpg").headers["content-type"] == "image/jpeg"
    assert "Make the video" in client.get("/").text


def test_no_event_of_the_page_is_a_public_endpoint(site):
    client, _ = site
    described = client.get("/gradio_api/info").json()
    assert described["named_endpoints"] == {}
    assert described["unnamed_endpoints"] == {}


def test_an_upload_over_the_limit_is_refused(site):
    client, _ = site
    answer = client.post("/gradio_api/upload", files={"files": ("big.jpg", b"x" * 5000)})
    assert answer.status_code == 413


def test_a_port_in_use_is_named_with_the_next_free_one():
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(SetupError, match=rf"Port {port} is in use already\. Port \d+ is free") as caught:
            server.listen("127.0.0.1", port)
    free = int(re.search(r"Port (\d+) is free", caught.value.hint)[1])
    assert free > port
    server.listen("127.0.0.1", free).close()


def test_an_address_of_another_machine_is_refused():
    with pytest.raises(SetupError, match="E-HOST"):
        server.listen("192.0.2.1", 7860)


# --- in a browser -------------------------------------------------------------------------------

FLAGS = ["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-background-networking"]
FLAGS += ["--disable-component-update", "--disable-sync"]


@pytest.fixture
def app(tmp_path):
    """``python app.py`` on a free port with small pictures; gives its address."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    variables = {"HOME": tmp_path / "home", "PORT": port, "WIDTH": 640, "HEIGHT": 360, "WORKERS": 2}
    environ = os.environ | {f"PRESENTER_{name}": str(value) for name, value in variables.items()}
    process = subprocess.Popen([sys.executable, ROOT / "app.py"], cwd=tmp_path, env=environ)
    address = f"http://127.0.0.1:{port}"

    def ready():
        assert process.poll() is None, "the app ended by itself"
        try:
            return urllib.request.urlopen(f"{address}/healthz", timeout=5).status == 200
        except OSError:
            return False

    wait_until(ready, 60)
    yield address
    process.terminate()
    process.wait(20)


@pytest.fixture
def browser():
    playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    if not Path(CHROMIUM).is_file():
        pytest.skip("there is no chromium")
    with playwright.sync_playwright() as engine:
        browser = engine.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()


def visit(browser, address, width, height):
    """A page of that size, ready to be used; complaints and requests are collected on it."""
    page = browser.new_context(viewport={"width": width, "height": height}).new_page()
    page.requested, page.complaints = [], []
    page.on("request", lambda request: page.requested.append(request.url))
    page.on("pageerror", lambda error: page.complaints.append(str(error)))
    page.on("console", lambda line: page.complaints.append(line.text) if line.type == "error" else None)
    page.goto(address)
    page.get_by_role("button", name="Make the video").wait_for(timeout=30_000)
    page.wait_for_function("document.querySelector('#script textarea').value.length > 100")
    return page


@pytest.mark.browser
@needs_faces
def test_a_person_makes_a_video_in_a_browser_and_nothing_leaves_the_machine(app, browser):
    page = visit(browser, app, 1280, 800)
    page.fill("#script textarea", "Hello from the page.")
    page.get_by_text("1 sentence").wait_for()

    page.locator("#portrait input:checked").focus()
    page.keyboard.press("ArrowRight")
    assert page.locator("#portrait input:checked").get_attribute("value") == "ben"
    page.locator("#portrait input[value=own]").check(force=True)
    page.set_input_files(
        "#upload input[type=file]", {"name": "x.jpg", "mimeType": "image/jpeg", "buffer": b"no"}
    )
    page.locator("#verdicts [role=alert]", has_text="E-PHOTO-TYPE").wait_for()
    page.click("#make")
    page.locator("#status [role=alert]", has_text="E-PHOTO-MISSING").wait_for()
    assert page.input_value("#script textarea") == "Hello from the page."

    page.locator("#portrait input[value=ada]").check(force=True)
    page.click("#make")
    video = page.locator("#result video")
    video.wait_for(timeout=90_000)
    page.wait_for_function("document.querySelector('#result video').duration > 0.5")
    page.evaluate("document.querySelector('#result video').play()")
    page.wait_for_function("document.querySelector('#result video').currentTime > 0.2")
    assert page.evaluate("document.querySelector('#result video').textTracks[0].cues.length") > 0
    assert "AI-generated" in page.inner_text("#result")
    with page.expect_download() as download:
        page.get_by_role("link", name="MP4").click()
    assert Path(download.value.path()).read_bytes()[4:8] == b"ftyp"

    outside = [url for url in page.requested if not url.startswith((app, "data:", "blob:"))]
    assert outside == []
    assert page.complaints == []

    phone = visit(browser, app, 390, 844)
    assert phone.evaluate("document.documentElement.scrollWidth") <= 390
    phone.fill("#script textarea", "Hello from the page.")
    phone.get_by_text("1 sentence").wait_for()
    phone.locator("#make").focus()
    phone.keyboard.press("Enter")
    phone.locator("#result video").wait_for(timeout=60_000)
    assert "1 of 1 piece reused" in phone.inner_text("#result")
    assert phone.evaluate("document.documentElement.scrollWidth") <= 390
    assert phone.complaints == []
