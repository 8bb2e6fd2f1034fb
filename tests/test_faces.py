"""Photos are opened or refused in plain words; portraits are checked, framed, kept and read again."""

import contextlib
import io
import struct
import zlib
from dataclasses import replace

import cv2
import numpy as np
import pytest
from PIL import Image, ImageCms

from presenter import faces, video
from presenter.engines import weights
from presenter.engines.blazeface import BlazeFace
from presenter.errors import InputError, PresenterError, WorkError
from presenter.settings import ROOT
from presenter.types import Portrait

ASSETS = ROOT / "assets"
NAMES = faces.samples(ASSETS)


@pytest.fixture(scope="module")
def portrait():
    if not NAMES:
        pytest.skip("assets/presenters holds no drawn presenter")
    return faces.sample(NAMES[0], ASSETS)


@pytest.fixture(scope="module")
def detector():
    for name in ("face_detection", "face_landmark"):
        try:
            weights.find(name)
        except PresenterError as error:
            pytest.skip(str(error))
    return BlazeFace()


class Knows:
    """A detector that knows which faces there are."""

    def __init__(self, *found):
        self.found = list(found)

    def detect(self, image):
        return self.found


def gradient(width=320, height=240):
    y, x = np.mgrid[:height, :width]
    return np.stack([x * 255 // width, y * 255 // height, (x + y) % 200], -1).astype(np.uint8)


def encoded(image, kind="PNG", **options):
    stream = io.BytesIO()
    (image if isinstance(image, Image.Image) else Image.fromarray(image)).save(stream, kind, **options)
    return stream.getvalue()


def png_header(width, height):
    """A PNG that promises so many pixels and holds almost none."""

    def chunk(name, data):
        body = name + data
        return struct.pack(">I", len(data)) + body + struct.pack(">I", zlib.crc32(body))

    head = chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + head + chunk(b"IDAT", zlib.compress(b"\0" * 100)) + chunk(b"IEND", b"")


def refusal(data, **options):
    with pytest.raises(InputError) as caught:
        faces.open_picture(data, **options)
    return str(caught.value)


# --- photos -----------------------------------------------------------------------------------


def test_an_empty_file_is_said_to_be_empty():
    assert refusal(b"") == "E-PHOTO-EMPTY: The photo file is empty. Choose the file again."


@pytest.mark.parametrize(
    "data",
    [
        b"hello, I am a text",
        b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>",
        b"%!PS-Adobe-3.0 EPSF-3.0",
        b"8BPS\x00\x01" + bytes(20),
        b"\x00\x00\x00\x18ftypheic\x00\x00\x00\x00",
        b"BM" + bytes(60),
        b"\xff\xd8",
    ],
    ids=["text", "svg", "eps", "psd", "heic", "bmp", "two bytes"],
)
def test_what_is_no_photo_names_the_kinds_allowed(data, tmp_path):
    path = tmp_path / "photo.jpg"
    path.write_bytes(data)
    told = "E-PHOTO-TYPE: This is not a JPEG, PNG or WebP picture. Save it as JPEG, PNG or WebP."
    assert refusal(path) == told
    with pytest.raises(InputError, match="E-PHOTO-TYPE"):
        faces.open_portrait(path, detector=Knows())


@pytest.mark.parametrize(("side", "shown"), [(12_000, "144"), (60_000, "3,600")])
def test_a_bomb_is_refused_by_its_header(side, shown):
    told = refusal(png_header(side, side))
    assert told == f"E-PHOTO-SIZE: The photo has {shown} megapixels; the limit is 24. Save a smaller copy."


def test_a_tiny_photo_says_its_size_and_what_is_needed():
    told = refusal(encoded(gradient(40, 40)))
    assert told.startswith("E-PHOTO-SMALL: The photo is 40x40; the face needs at least 200 pixels across.")


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_megabytes_of_metadata_are_refused(kind):
    noise = np.random.default_rng(0).bytes(10_000_000)
    assert "E-PHOTO-META: The photo carries 10.0 MB" in refusal(encoded(gradient(), kind, icc_profile=noise))


@pytest.mark.parametrize("kind", ["PNG", "WEBP", "GIF"])
def test_an_animation_is_refused_unless_its_first_frame_will_do(kind):
    first, *others = [Image.new("RGB", (240, 240), (40 * i, 10, 10)) for i in range(1, 5)]
    data = encoded(first, kind, save_all=True, append_images=others, lossless=True)
    assert "E-PHOTO-ANIM" in refusal(data)
    assert faces.open_picture(data, first_frame=True)[0, 0].tolist() == [40, 10, 10]


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
@pytest.mark.parametrize("share", [0.1, 0.5, 0.95])
def test_a_truncated_file_is_said_to_be_damaged(kind, share):
    data = encoded(np.random.default_rng(1).integers(0, 255, (240, 320, 3)).astype(np.uint8), kind)
    assert "E-PHOTO-BROKEN" in refusal(data[: int(len(data) * share)])


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_bytes_at_random_places_are_refused_or_read_but_never_a_crash(kind):
    data = encoded(gradient(), kind)
    random = np.random.default_rng(2)
    for _ in range(40):
        broken = bytearray(data)
        for place in random.integers(12, len(data), 8):
            broken[place] = random.integers(256)
        # Anything but an InputError would be a crash.
        with contextlib.suppress(InputError):
            assert faces.open_picture(bytes(broken)).ndim == 3


def test_exif_orientation_is_applied():
    image = gradient()
    exif = Image.Exif()
    exif[0x0112] = 6
    opened = faces.open_picture(encoded(image, exif=exif))
    assert np.array_equal(opened, np.rot90(image, -1))


def test_damaged_exif_does_not_matter():
    image = gradient()
    assert np.array_equal(faces.open_picture(encoded(image, exif=b"Exif\x00\x00MM\x00*junk")), image)


def test_grey_and_sixteen_bits_open_as_the_same_picture():
    grey = gradient()[..., 0]
    expected = np.repeat(grey[..., None], 3, 2)
    assert np.array_equal(faces.open_picture(encoded(grey)), expected)
    assert np.array_equal(faces.open_picture(encoded(grey.astype(np.uint16) * 257)), expected)


def test_cmyk_opens_as_nearly_the_same_picture():
    image = cv2.GaussianBlur(gradient(), (0, 0), 5)
    data = encoded(Image.fromarray(image).convert("CMYK"), "JPEG", quality=98)
    assert np.abs(faces.open_picture(data).astype(int) - image).mean() < 3


def test_transparent_pixels_become_light_grey():
    image = Image.new("RGBA", (240, 240), (200, 10, 10, 255))
    image.paste((0, 0, 0, 0), (0, 0, 120, 240))
    for picture in (image, image.quantize(8)):
        opened = faces.open_picture(encoded(picture))
        assert opened[100, 60].min() > 220
        assert np.abs(opened[100, 200].astype(int) - [200, 10, 10]).max() <= 4


def test_an_srgb_profile_changes_nothing_and_a_broken_one_is_ignored():
    image = gradient()
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    assert np.abs(faces.open_picture(encoded(image, icc_profile=profile)).astype(int) - image).max() <= 1
    assert np.array_equal(faces.open_picture(encoded(image, icc_profile=b"nonsense" * 20)), image)


# --- checks -----------------------------------------------------------------------------------


def codes(image, *found):
    return [verdict.code for verdict in faces.preflight(image, Knows(*found))]


def scaled(face, factor):
    box = replace(
        face.box, x0=face.box.x0 * factor, y0=face.box.y0 * factor,
        x1=face.box.x1 * factor, y1=face.box.y1 * factor,
    )  # fmt: skip
    return replace(face, box=box, landmarks=face.landmarks * np.float32(factor))


@pytest.mark.parametrize("name", NAMES)
def test_the_drawn_presenters_have_no_faults(name):
    drawn = faces.sample(name, ASSETS)
    assert codes(drawn.images[0], *drawn.faces) == []


def test_a_landscape_has_no_face():
    assert codes(gradient()) == ["E-FACE-NONE"]


def test_several_faces_are_counted_without_passers_by(portrait):
    face = portrait.faces[0]
    (verdict,) = faces.preflight(
        portrait.images[0], Knows(face, scaled(face, 0.8), scaled(face, 0.5), scaled(face, 0.2))
    )
    assert (verdict.code, verdict.message) == ("E-FACE-MANY", "3 faces found.")
    assert codes(portrait.images[0], face, scaled(face, 0.2)) == []


def test_a_small_face_is_refused_and_a_middling_one_warned_of(portrait):
    for width, code in ((84, "E-PHOTO-SMALL"), (150, "W-PHOTO-SMALL")):
        factor = width / portrait.faces[0].box.width
        side = round(portrait.width * factor)
        image = cv2.resize(portrait.images[0], (side, side), interpolation=cv2.INTER_AREA)
        (verdict,) = faces.preflight(image, Knows(scaled(portrait.faces[0], factor)))
        assert verdict.code == code
        assert f"{width} pixels" in verdict.message


@pytest.mark.parametrize(
    ("pose", "code"),
    [
        ((72, 0, 0), "E-FACE-MOUTH"),
        ((-25, 0, 0), "W-FACE-ANGLE"),
        ((0, 40, 0), "E-FACE-ANGLE"),
        ((0, 0, -90), "E-FACE-ANGLE"),
        ((15, 10, 30), None),
    ],
)
def test_the_angle_of_the_head_decides(portrait, pose, code):
    found = codes(portrait.images[0], replace(portrait.faces[0], pose=pose))
    assert found == ([code] if code else [])


def test_a_profile_says_its_angle_and_the_limit(portrait):
    profile = replace(portrait.faces[0], pose=(72.0, 0, 0))
    (verdict,) = faces.preflight(portrait.images[0], Knows(profile))
    assert verdict.message == "The mouth is turned away (angle 72, limit 30)."


@pytest.mark.parametrize("colour", [(90, 140, 200), (25, 25, 25), (120, 190, 150)])
def test_a_mask_over_the_mouth_is_noticed(portrait, colour):
    image = portrait.images[0].copy()
    hull = cv2.convexHull(portrait.faces[0].landmarks[[234, 50, 5, 280, 454, 365, 152, 136], :2].astype(int))
    cv2.fillPoly(image, [hull], colour)
    assert "E-FACE-MOUTH" in codes(image, *portrait.faces)


def test_a_hand_over_the_mouth_is_at_least_warned_of(portrait):
    image = portrait.images[0].copy()
    mouth = portrait.faces[0].landmarks[13, :2].astype(int).tolist()
    width = round(portrait.faces[0].box.width)
    skin = image[tuple(portrait.faces[0].landmarks[50, 1::-1].astype(int))].tolist()
    cv2.ellipse(image, mouth, (width // 3, width // 6), 15, 0, 360, skin, -1)
    assert any(code.endswith("FACE-MOUTH") for code in codes(image, *portrait.faces))


def test_darkness_blur_and_a_chin_outside_are_noticed(portrait):
    image, face = portrait.images[0], portrait.faces[0]
    assert codes((image * 0.08).astype(np.uint8), face)[0] == "E-PHOTO-DARK"
    assert "W-PHOTO-BLUR" in codes(cv2.GaussianBlur(image, (0, 0), face.box.width / 25), face)
    assert codes(image[: int(face.landmarks[17, 1]) + 8], face)[0] == "E-FACE-CUT"
    assert codes(image[:, int(face.landmarks[50, 0]) :], face_left(face))[0] == "E-FACE-CUT"


def face_left(face):
    """The face as it lies in a picture that begins at its cheek."""
    shift = float(int(face.landmarks[50, 0]))
    box = replace(face.box, x0=face.box.x0 - shift, x1=face.box.x1 - shift)
    return replace(face, box=box, landmarks=face.landmarks - np.array([shift, 0, 0], np.float32))


def test_closed_eyes_and_an_open_mouth_are_warned_of(portrait):
    points = portrait.faces[0].landmarks.copy()
    points[[159, 386], 1] = points[[145, 374], 1] - 1
    points[14, 1] += 0.15 * np.linalg.norm(points[263] - points[33])
    found = codes(portrait.images[0], replace(portrait.faces[0], landmarks=points))
    assert {"W-FACE-EYES", "W-FACE-SMILE"} <= set(found)


def test_a_photo_with_a_fault_is_not_opened_as_a_portrait(portrait):
    data = encoded(portrait.images[0])
    with pytest.raises(InputError, match="E-FACE-NONE"):
        faces.open_portrait(data, detector=Knows())
    opened = faces.open_portrait(data, detector=Knows(*portrait.faces))
    assert np.array_equal(opened.images, portrait.images)


def test_the_outline_is_drawn_on_a_copy_of_a_sensible_size(portrait):
    image = portrait.images[0]
    before = image.copy()
    drawn = faces.outline(cv2.resize(image, (2000, 2000)), scaled(portrait.faces[0], 2000 / len(image)))
    assert drawn.shape == (1280, 1280, 3)
    x, y = (portrait.faces[0].landmarks[17, :2] * 1280 / len(image)).astype(int)
    assert (drawn[y - 3 : y + 4, x - 3 : x + 4] == (120, 240, 220)).all(-1).any()
    assert np.array_equal(image, before)


# --- framing ----------------------------------------------------------------------------------

SIZES = [(1280, 720), (1920, 1080), (1080, 1920), (1080, 1080), (270, 270)]


@pytest.mark.parametrize(("width", "height"), SIZES)
def test_a_framed_head_is_whole_centred_and_of_a_good_size(portrait, width, height):
    framed = faces.frame(portrait, width, height)
    points = framed.faces[0].landmarks
    assert framed.images.shape == (1, height, width, 3)
    assert points[[234, 454], 0].mean() == pytest.approx(width / 2, abs=0.03 * width)
    assert points[[33, 263], 1].mean() == pytest.approx(0.4 * height, abs=0.06 * height)
    assert 0.3 < (points[152, 1] - points[10, 1]) / height < 0.55
    assert points[234, 0] > 0.05 * width
    assert points[10, 1] > 0.05 * height


@pytest.mark.parametrize(("width", "height"), SIZES)
@pytest.mark.parametrize("crop", [(0, 1024, 0, 1024), (0, 1024, 250, 780), (0, 800, 0, 1024)])
def test_landmarks_move_with_the_pixels(portrait, width, height, crop):
    y0, y1, x0, x1 = crop
    points = portrait.faces[0].landmarks - np.array([x0, y0, 0], np.float32)
    image = np.zeros((y1 - y0, x1 - x0, 3), np.uint8)
    place = np.round(points[1, :2]).astype(int)
    points[1, :2] = place
    cv2.circle(image, place.tolist(), 12, (255, 255, 255), -1)
    face = replace(portrait.faces[0], landmarks=points)
    framed = faces.frame(Portrait(image[None], (face,)), width, height)
    y, x = np.nonzero(framed.images[0, ..., 0] > 128)
    assert framed.faces[0].landmarks[1, 0] == pytest.approx(x.mean(), abs=0.5)
    assert framed.faces[0].landmarks[1, 1] == pytest.approx(y.mean(), abs=0.5)


def test_framing_twice_gives_the_same_pixels(portrait):
    first, second = faces.frame(portrait, 640, 360), faces.frame(portrait, 640, 360)
    assert np.array_equal(first.images, second.images)
    assert np.array_equal(first.faces[0].landmarks, second.faces[0].landmarks)


def test_zoom_is_the_height_of_the_face(portrait):
    points = faces.frame(portrait, 640, 360, zoom=0.6).faces[0].landmarks
    assert np.linalg.norm(points[152, :2] - points[10, :2]) == pytest.approx(0.6 * 360, rel=0.02)


def test_the_picture_goes_on_beside_a_narrow_photo_without_a_seam(portrait):
    narrow = portrait.images[:, :, 200:824]
    face = replace(
        portrait.faces[0], landmarks=portrait.faces[0].landmarks - np.array([200, 0, 0], np.float32)
    )
    image = faces.frame(Portrait(narrow, (face,)), 1280, 720).images[0].astype(float)
    step = np.abs(np.diff(image[:200], axis=1)).mean((0, 2))
    left_and_right = [*step[:400], *step[-400:]]
    assert max(left_and_right) < 6
    assert image[:, :100].mean() > 30


def test_an_odd_size_is_refused(portrait):
    with pytest.raises(WorkError, match="E-FRAME-SIZE"):
        faces.frame(portrait, 641, 360)


# --- keeping ----------------------------------------------------------------------------------


def test_a_portrait_survives_being_kept(portrait, tmp_path):
    small = faces.frame(portrait, 320, 240)
    two = Portrait(np.repeat(small.images, 2, 0), small.faces * 2, 12.5)
    faces.save(two, tmp_path / "a.npz")
    faces.save(two, tmp_path / "b.npz")
    assert (tmp_path / "a.npz").read_bytes() == (tmp_path / "b.npz").read_bytes()
    read = faces.load_portrait(tmp_path / "a.npz")
    assert np.array_equal(read.images, two.images)
    assert read.fps == 12.5
    for mine, other in zip(read.faces, two.faces, strict=True):
        assert np.array_equal(mine.landmarks, other.landmarks)
        assert (mine.box, mine.pose, mine.score) == (other.box, other.pose, other.score)


def test_a_damaged_kept_portrait_is_an_error_that_says_so(portrait, tmp_path):
    path = tmp_path / "a.npz"
    faces.save(faces.frame(portrait, 320, 240), path)
    path.write_bytes(path.read_bytes()[:-200])
    with pytest.raises(WorkError, match="E-PORTRAIT-BROKEN"):
        faces.load_portrait(path)


def test_a_side_car_gives_the_face_back(portrait):
    values = faces.to_json(portrait.faces[0])
    assert np.allclose(values["landmarks"], portrait.faces[0].landmarks, atol=0.006)
    assert len(values["pose"]) == 3


def test_a_mistyped_presenter_is_guessed():
    if "ada" not in NAMES:
        pytest.skip("assets/presenters holds no ada")
    with pytest.raises(InputError, match=r"E-PORTRAIT-NAME.*Did you mean \"ada\""):
        faces.sample("adda", ASSETS)


# --- clips ------------------------------------------------------------------------------------


@pytest.fixture
def clip(portrait, tmp_path):
    """Writes a clip in which the head sways; ``hidden`` frames are grey."""
    head = cv2.resize(portrait.images[0], (320, 320), interpolation=cv2.INTER_AREA)

    def write(count=20, hidden=(), fps=25, name="clip.mp4"):
        def planes():
            for index in range(count):
                image = np.full((320, 400, 3), 128, np.uint8)
                if index not in hidden:
                    x = round(40 + 20 * np.sin(index / 5))
                    image[:, x : x + 320] = head
                yield cv2.cvtColor(image, cv2.COLOR_RGB2YUV_I420)

        path = tmp_path / name
        video.encode(path, planes(), width=400, height=320, fps=fps)
        return path

    return write


def test_a_clip_becomes_a_portrait_of_many_images_with_smooth_landmarks(detector, clip):
    opened = faces.open_portrait(clip(), detector=detector)
    assert opened.images.shape == (20, 320, 400, 3)
    assert opened.fps == 25
    nose = np.array([face.landmarks[1, 0] for face in opened.faces])
    expected = nose.mean() + 20 * np.sin(np.arange(20) / 5)
    assert np.abs((nose - expected) - (nose - expected).mean()).max() < 2.5
    assert np.abs(np.diff(nose, 2)).max() < 1


def test_a_clip_may_come_as_bytes_and_is_framed_as_a_whole(detector, clip):
    opened = faces.open_portrait(clip(count=4).read_bytes(), detector=detector)
    framed = faces.frame(opened, 320, 180)
    assert framed.images.shape == (4, 180, 320, 3)
    assert len(framed.faces) == 4


def test_a_clip_without_its_face_for_a_while_says_when(detector, clip):
    with pytest.raises(InputError, match=r"E-FACE-LOST: No face from 0:01 to 0:02\."):
        faces.open_portrait(clip(count=25, hidden=range(11, 21), fps=10), detector=detector)


def test_a_clip_may_hide_the_face_for_a_moment(detector, clip):
    opened = faces.open_portrait(clip(count=16, hidden=(6, 7, 8)), detector=detector)
    assert [index for index, face in enumerate(opened.faces) if face.score == 0] == [6, 7, 8]
    framed = faces.frame(opened, 320, 180)
    assert [index for index, face in enumerate(framed.faces) if face.score == 0] == [6, 7, 8]


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"seconds": 90.0}, "E-VIDEO-LONG: The clip is 1:30 long; the limit is 1:00."),
        ({"width": 7680, "height": 4320}, "E-VIDEO-SIZE: The clip is 7680x4320; the limit is 1920x1080."),
        ({"fps": 1000.0}, "E-VIDEO-RATE: The clip has 1,000 frames a second; 10 to 120 are possible."),
        ({"fps": 0.0}, "E-VIDEO-RATE: The clip has 0 frames a second"),
    ],
)
def test_a_clip_beyond_the_limits_is_refused_by_its_header(clip, monkeypatch, changes, code):
    header = replace(video.probe(clip(count=2)), **changes)
    monkeypatch.setattr(video, "probe", lambda _: header)
    monkeypatch.setattr(video, "decode", lambda *_: pytest.fail("was decoded"))
    with pytest.raises(InputError) as caught:
        faces.open_portrait(clip(count=2), detector=Knows())
    assert str(caught.value).startswith(code)
