import numpy as np
import pytest

from presenter import video
from presenter.errors import InputError, WorkError
from presenter.types import RATE, Span

WIDTH, HEIGHT, FPS = 128, 96, 25


def planes(count, start=0):
    """Grey pictures whose brightness counts, so that a decoded frame tells its number."""
    for index in range(start, start + count):
        out = np.full((HEIGHT * 3 // 2, WIDTH), 128, np.uint8)
        out[:HEIGHT] = 30 + index % 100 * 2
        yield out


def piece(path, count, start=0, **quality):
    video.encode(
        path, planes(count, start), width=WIDTH, height=HEIGHT, fps=FPS, quality=video.Quality(**quality)
    )
    return path


def sound_of(path, *chunks):
    video.encode_sound(path, chunks)
    return path


def silence(folder, frames):
    return sound_of(folder / "sound.m4a", np.zeros(frames * RATE // FPS, np.float32))


def brightness(path):
    return [int(picture[HEIGHT // 2, WIDTH // 2, 0]) for picture in video.decode(path)]


def test_joining_keeps_every_frame_once_and_in_order(tmp_path):
    counts = [30, 1, 2, 3, 17, 120]
    starts = np.cumsum([0, *counts])
    pieces = [
        piece(tmp_path / f"{i}.mp4", n, s) for i, (n, s) in enumerate(zip(counts, starts[:-1], strict=True))
    ]
    separate = [value for path in pieces for value in brightness(path)]
    out = tmp_path / "out.mp4"
    assert video.join(out, pieces, silence(tmp_path, sum(counts)), fps=FPS) == sum(counts)
    assert brightness(out) == separate
    assert len(separate) == sum(counts)


def test_the_sound_of_a_joined_file_is_as_long_as_its_pictures(tmp_path):
    import av

    pieces = [piece(tmp_path / f"{i}.mp4", 31) for i in range(3)]
    out = tmp_path / "out.mp4"
    video.join(out, pieces, silence(tmp_path, 93), fps=FPS)
    with av.open(str(out)) as container:
        pictures, sound = container.streams.video[0], container.streams.audio[0]
        assert float(pictures.duration * pictures.time_base) == pytest.approx(93 / 25, abs=1e-6)
        assert float(sound.duration * sound.time_base) == pytest.approx(93 / 25, abs=1 / RATE)


def test_a_click_at_a_joint_stays_at_its_frame(tmp_path):
    import av

    counts = [13, 29, 7]
    pieces = [piece(tmp_path / f"{i}.mp4", n) for i, n in enumerate(counts)]
    sound = np.zeros(sum(counts) * RATE // FPS, np.float32)
    at = 42 * RATE // FPS
    sound[at : at + 480] = np.sin(np.arange(480) * 0.3) * 0.8
    out = tmp_path / "out.mp4"
    video.join(out, pieces, sound_of(tmp_path / "sound.m4a", sound[:50_000], sound[50_000:]), fps=FPS)
    with av.open(str(out)) as container:
        heard = np.concatenate([f.to_ndarray()[0] for f in container.decode(audio=0)])
    onset = int(np.argmax(np.abs(heard) > 0.2))
    assert abs(onset - at) < RATE * 0.003


def test_the_index_stands_in_front_of_the_pictures(tmp_path):
    out = tmp_path / "out.mp4"
    video.join(out, [piece(tmp_path / "a.mp4", 10)], silence(tmp_path, 10), fps=FPS)
    data = out.read_bytes()
    assert data.index(b"moov") < data.index(b"mdat")


def test_chapters_subtitles_and_title_can_be_read_back(tmp_path):
    import av

    out = tmp_path / "out.mp4"
    video.join(
        out,
        [piece(tmp_path / "a.mp4", 75)],
        silence(tmp_path, 75),
        fps=FPS,
        title="Licht",
        chapters=[video.Chapter("Anfang", 0.0, 1.0), video.Chapter("光合作用", 1.0, 3.0)],
        subtitles=[video.Subtitles("deu", (Span("Grüße", 0.2, 1.0), Span("光", 1.5, 2.5)))],
    )
    with av.open(str(out)) as container:
        assert [c["metadata"]["title"] for c in container.chapters()] == ["Anfang", "光合作用"]
        assert container.metadata["title"] == "Licht"
        stream = next(s for s in container.streams if s.type == "subtitle")
        assert stream.metadata["language"] == "deu"
        texts = [bytes(p)[2:].decode() for p in container.demux(stream) if p.size > 2]
    assert texts == ["Grüße", "光"]


def test_pieces_of_other_settings_are_not_joined(tmp_path):
    pieces = [piece(tmp_path / "a.mp4", 5), piece(tmp_path / "b.mp4", 5, preset="medium")]
    with pytest.raises(WorkError, match="E-JOIN-SETTINGS"):
        video.join(tmp_path / "out.mp4", pieces, silence(tmp_path, 10), fps=FPS)


def test_a_playlist_named_mp4_is_refused(tmp_path):
    path = tmp_path / "a.mp4"
    path.write_text("#EXTM3U\n#EXTINF:1,\nfile:///etc/passwd\n")
    with pytest.raises(InputError, match="E-VIDEO-TYPE"):
        video.probe(path)


def test_equal_frames_give_an_equal_piece(tmp_path):
    assert piece(tmp_path / "a.mp4", 20).read_bytes() == piece(tmp_path / "b.mp4", 20).read_bytes()
