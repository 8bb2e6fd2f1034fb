"""The page's frame: photos and scripts that are bad, its routes, its languages."""

import io
import os
import re
import socket
import struct
import zlib

import pytest
from fastapi.testclient import TestClient
from pages import MINE, THEIRS, opened, settings_in
from PIL import Image, ImageDraw

from presenter.errors import InputError, SetupError
from presenter.settings import ROOT, read
from presenter.studio import Studio
from presenter.web import server, stage, views
from presenter.web.portraits import LARGEST
from presenter.web.words import NAMES, Words, choose

ADA = ROOT / "assets" / "presenters" / "ada.png"
WORDS = ROOT / "assets" / "web" / "words"
needs_faces = pytest.mark.skipif(
    not (ROOT / "checkpoints" / "face_landmark.tflite").is_file(),
    reason="the face models are missing: presenter checkpoints fetch faces",
)


@pytest.fixture
def page(tmp_path, monkeypatch):
    with opened(Studio(settings_in(tmp_path)), monkeypatch) as page:
        yield page


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


def portraits(page):
    return [path for path in (page.studio.settings.home / "portraits").glob("*") if path.suffix != ".json"]


def nothing_is_kept(page):
    folders = [page.studio.settings.home / name for name in ("portraits", "uploads", "incoming")]
    return [path.name for folder in folders for path in folder.rglob("*") if path.is_file()] == []


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
def test_a_file_that_is_no_usable_photo_is_refused_in_words_and_not_kept(page, row):
    data, code = REFUSED[row]
    answer = page.hand("portraits", data(), "photo.jpg")
    assert answer.status_code == 422
    assert code in answer.text
    assert "role='alert'" in answer.text
    assert nothing_is_kept(page)


@needs_faces
@pytest.mark.parametrize("row", REFUSED_BY_FACE)
def test_a_photo_without_one_clear_face_is_refused_in_words_and_not_kept(page, row):
    picture, code = REFUSED_BY_FACE[row]
    shown = page.hand("portraits", encoded(picture()), "photo.jpg").text
    assert code in shown
    assert "notice bad" in shown
    assert nothing_is_kept(page)


@needs_faces
@pytest.mark.parametrize("row", WELCOME)
def test_an_unusual_photo_is_taken_with_its_very_bytes_and_shown_outlined(page, row):
    data = WELCOME[row]()
    shown = page.hand("portraits", data, "me %26 %3Cyou%3E.jpg").text
    assert [path.read_bytes() for path in portraits(page)] == [data]
    assert "This photo can be used." in shown
    assert "src='data:image/jpeg;base64," in shown
    assert "me &amp; &lt;you&gt;.jpg" in shown


@needs_faces
def test_of_an_animated_picture_the_first_frame_is_taken_and_it_is_said(page):
    assert "first frame is used" in page.hand("portraits", animation(), "wave.gif").text
    assert [path.suffix for path in portraits(page)] == [".png"]


def refuse(picture):
    """The operator's hook in the next test."""
    return "not this one" if picture.ndim == 3 else None


@needs_faces
def test_a_photo_that_the_operators_hook_refuses_cannot_be_used(tmp_path, monkeypatch):
    studio = Studio(settings_in(tmp_path, moderation=f"{__name__}:refuse"))
    with opened(studio, monkeypatch) as page:
        assert "E-POLICY-PHOTO" in page.hand("portraits", encoded(ada()), "a.png").text
        assert nothing_is_kept(page)


def brought(page, key=MINE, name="me.png"):
    """Id of a portrait that was handed in."""
    shown = page.hand("portraits", encoded(ada()), name, key).text
    return re.search("name='portrait' value='([^']+)'", shown)[1]


@needs_faces
def test_a_photo_is_used_only_after_somebody_gave_leave(page):
    own = brought(page)
    answer = page.post("portraits/agree", portrait=own, name="Me", person="Ada Example")
    assert "E-CONSENT-NEEDED" in answer.text
    assert "E-CONSENT-PERSON" in page.post("portraits/agree", portrait=own, person=" ", agreed="yes").text
    lesson = page.lesson(f"---\nportrait: {own}\n---\nHello there.")
    assert "E-CONSENT-NEEDED" in page.post(f"lessons/{lesson}/make").text
    shown = page.post("portraits/agree", portrait=own, name="me", person="Ada Example", agreed="yes").text
    assert "Consent given" in shown
    assert page.post(f"lessons/{lesson}/make").status_code == 200
    assert [entry.consent.person for entry in page.studio.people().entries()] == ["Ada Example"]


@needs_faces
def test_nobody_uses_the_portrait_of_another_browser(page):
    own = brought(page)
    page.post("portraits/agree", portrait=own, name="me", person="Ada Example", agreed="yes")
    lesson = page.lesson(f"---\nportrait: {own}\n---\nHello there.", THEIRS)
    assert "E-PORTRAIT" in page.post(f"lessons/{lesson}/make", THEIRS).text
    for action in ("agree", "forget", "revoke"):
        assert "E-PORTRAIT-NAME" in page.post(f"portraits/{action}", THEIRS, portrait=own, agreed="yes").text
    assert "class='portrait'" not in page.get("view/people", THEIRS).text
    assert len(portraits(page)) == 1


@needs_faces
@pytest.mark.parametrize("action", ["forget", "revoke"])
def test_a_portrait_goes_with_all_that_was_made_from_it(page, action):
    own = brought(page)
    page.post("portraits/agree", portrait=own, name="me", person="Ada Example", agreed="yes")
    shown = page.post(f"portraits/{action}", portrait=own).text
    assert "notice good" in shown
    assert nothing_is_kept(page)
    again = page.hand("portraits", encoded(ada()), "me.png").text
    assert len(page.studio.people().entries()) == 1  # the note stays
    entry = page.studio.people().entries()[0]
    assert bool(entry.consent.revoked) is (action == "revoke")
    assert "name='portrait'" in again


@needs_faces
def test_a_photo_that_comes_by_chat_becomes_the_lessons_presenter(page):
    lesson = page.lesson()
    shown = page.hand(f"lessons/{lesson}/files", encoded(ada()), "me.png").text
    own = re.search("name='portrait' value='([^']+)'", shown)[1]
    page.post(f"lessons/{lesson}/agree", portrait=own, name="me", person="Ada Example", agreed="yes")
    assert page.studio.parse(page.kept(lesson).source).setting("portrait") == own


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
def test_a_script_that_cannot_be_said_is_refused_in_words(page, row):
    source, code = BAD_SCRIPTS[row]
    answer = page.hand("lessons/files", source.encode(), "lesson.md")
    if answer.status_code == 200:
        answer = page.post(f"lessons/{answer.headers['X-Presenter-Goto'][7:]}/make")
    assert answer.status_code == 422
    assert code in answer.text
    assert "role='alert'" in answer.text
    assert page.studio.jobs(None) == ()


@pytest.mark.parametrize("source", ["", " \n\t ", "\u200b"])
def test_an_empty_script_is_no_error_while_it_is_written_but_is_not_rendered(page, source):
    lesson = page.lesson()
    shown = page.write(lesson, source).text
    assert "role='alert'" not in shown
    assert "E-SCRIPT-EMPTY" in page.post(f"lessons/{lesson}/make").text


@pytest.mark.parametrize("row", ODD_SCRIPTS)
def test_an_odd_script_is_read_and_what_is_odd_is_said(page, row):
    source, words = ODD_SCRIPTS[row]
    lesson = page.lesson()
    shown = page.write(lesson, source).text
    assert words in shown
    assert "notice bad" not in shown


@needs_faces
def test_nobody_speaks_as_a_president_with_a_real_face(page):
    own = brought(page)
    page.post("portraits/agree", portrait=own, name="me", person="Ada", agreed="yes")
    lesson = page.lesson(f"---\nportrait: {own}\n---\nI am the President of France.")
    assert "E-POLICY-IMPERSONATION" in page.post(f"lessons/{lesson}/make").text


def test_languages_carry_their_own_names():
    assert views.both_names(Words("en", WORDS), "de") == "German · Deutsch"
    assert views.both_names(Words("en", WORDS), "cmn") == "Mandarin Chinese · 中文"
    assert views.both_names(Words("en", WORDS), "en") == "English"


# --- words --------------------------------------------------------------------------------------


@pytest.mark.parametrize("code", NAMES)
def test_every_language_has_every_text_with_the_same_fields(code):
    from presenter.web.words import read as texts

    def fields(text):
        forms = [text] if isinstance(text, str) else text.values()
        return {name for form in forms for name in re.findall(r"{(\w+)}", form)} - {"count"}

    first, other = texts(WORDS / "en.toml"), texts(WORDS / f"{code}.toml")
    assert first.keys() == other.keys()
    assert {name for name in first if fields(first[name]) != fields(other[name])} == set()


def test_the_browser_chooses_the_language_and_people_may_choose_another():
    assert choose("", "fr-CH,fr;q=0.9,en;q=0.8") == "fr"
    assert choose("", "zh-CN") == "zh"
    assert choose("", "xx;q=oops,,;;") == "en"
    assert choose("hi", "fr") == "hi"


def test_the_page_says_its_language(page):
    shown = page.get("start", **{"Accept-Language": "de-AT"}).text
    assert "lang='de'" in shown
    assert Words("de", WORDS)("view.people") in shown


def test_menus_of_languages_show_names_and_send_codes(page):
    look = page.get(f"view/lesson/{page.lesson()}", **{"Accept-Language": "de"}).text
    voices = page.client.get("/voices/home", headers={"X-Presenter-Key": MINE, "Accept-Language": "de"}).text
    assert re.search(r"<option value='fr'[^>]*>Französisch · français</option>", look)
    assert re.search(r"<option value='cmn'[^>]*>Chinesisch \(Mandarin\)</option>", voices)


def test_errors_verdicts_and_the_doctor_are_said_in_the_language_of_the_page(page):
    german = {"Accept-Language": "de"}
    headers = {"Content-Type": "application/octet-stream", "X-Presenter-Key": MINE, **german}
    found = page.client.post("/studio/portraits", content=encoded(ada(32)), headers=headers)
    assert "Das Gesicht" in found.text or "Das Foto" in found.text
    assert "E-PHOTO-SMALL" in found.text
    missing = page.get("view/lesson/nothing", **german)
    assert "Diese Lektion gibt es nicht." in missing.text
    doctor = page.get("doctor", **german).text
    assert (
        "eingebaute Formantstimme, über 100 Sprachen (GPL-3.0-or-later, gewerbliche Nutzung erlaubt)"
        in doctor
    )


def test_numbers_decide_the_wording_and_fields_are_escaped():
    words = Words("en", WORDS)
    assert words("editor.sentences", 1) == "1 sentence"
    assert words("editor.sentences", 2) == "2 sentences"
    assert "&lt;b&gt;" in words("library.deleted", title="<b>")


def test_languages_numbers_and_days_are_written_as_the_language_of_the_page_does():
    german, hindi = Words("de", WORDS), Words("hi", WORDS)
    assert views.both_names(german, "fr") == "Französisch · français"
    assert views.languages(german, ["tr", "et", "cmn"])[0] == ("Chinesisch (Mandarin)", "cmn")
    assert german.language("en-GB") == "Englisch (Vereinigtes Königreich)"
    assert (stage.duration(hindi, 8), stage.duration(german, 150)) == ("8 से॰", "2:30 min")
    assert hindi.language("de") == "जर्मन"
    assert re.sub(r"\s", " ", views.size(german, 1_500_000)) == "1,5 MB"
    assert (german.date("2026-11-27T10:00:00Z"), hindi.date("2026-11-27")) == ("27.11.2026", "27 नव॰ 2026")


def test_an_error_box_escapes_what_it_quotes():
    shown = views.failure(Words("en", WORDS), InputError("E-X", "<script>", "a & b"))
    assert "&lt;script&gt;" in shown
    assert "a &amp; b" in shown
    assert "<script>" not in shown


def test_a_bug_is_shown_as_a_reference_and_never_as_its_text(page, monkeypatch, caplog):
    def explode(*_):
        raise RuntimeError("secret: Please explode.")

    lesson = page.lesson()
    monkeypatch.setattr(Studio, "submit", explode)
    answer = page.post(f"lessons/{lesson}/make")
    assert answer.status_code == 500
    reference = re.search(r"E-INTERNAL · reference (\w{8})", answer.text)[1]
    assert "secret" not in answer.text
    assert reference in caplog.text
    assert "Please explode" not in caplog.text


def test_a_file_beyond_the_limit_is_refused_and_not_kept(page):
    answer = page.hand("portraits", b"x" * (LARGEST + 1), "big.jpg")
    assert answer.status_code == 422
    assert "E-FILE-SIZE" in answer.text
    assert nothing_is_kept(page)


# --- server -------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """The whole application."""
    home = tmp_path_factory.mktemp("home")
    studio = Studio(read({"home": home}, environ={}, folder=home))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("GRADIO_TEMP_DIR", str(home / "incoming"))
        key = "A" * 22
        (home / "videos" / key).mkdir(parents=True)
        (home / "videos" / key / "lesson.mp4").write_bytes(bytes(range(256)))
        (home / "videos" / key / "lesson.vtt").write_text("WEBVTT\n")
        (home / "videos" / key / "about.json").write_text("{}")
        (home / "videos" / key / "link.mp4").symlink_to(home / "secret.mp4")
        (home / "secret.mp4").write_text("secret")
        patch.setattr("presenter.web.samples.Samples.prepare", lambda _: None)
        with TestClient(server.create(studio), base_url="http://127.0.0.1") as client:
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
    shown = client.get("/").text
    addresses = re.findall(r"web/[\w.]+\?v=\w{12}", shown)
    assert len(set(addresses)) == 7
    assert all(client.get(f"/{address}").status_code == 200 for address in addresses)


def test_uploads_cache_queue_and_calls_of_the_page_framework_are_not_served(site):
    client, _ = site
    assert client.post("/gradio_api/upload", files={"files": ("a.jpg", b"x")}).status_code in (404, 405)
    for path in ("info", "queue/data", "heartbeat/x", "file=/etc/passwd", "startup-events"):
        assert client.get(f"/gradio_api/{path}").status_code == 404


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
