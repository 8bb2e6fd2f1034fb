"""A challenge before a camera is passed by one face that speaks it, and the portrait is cut out of that film.

People are drawn presenters with embedded voices; ``presenter bench trust`` counts more of them.
"""

import random
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest

from presenter import audio, audit, intake
from presenter.bench import cameras
from presenter.bench.enrolments import enrolled
from presenter.cli import main
from presenter.engines import choice, load
from presenter.errors import InputError
from presenter.people import People, camera, challenge, film, gestures, lips, phrases, portraits
from presenter.people.challenge import Challenge
from presenter.people.film import FPS
from presenter.people.gestures import Gesture
from presenter.settings import ROOT, Settings
from presenter.studio import Studio
from presenter.types import RATE, Span

with_encoder = pytest.mark.skipif(
    not (ROOT / "checkpoints" / "speaker_encoder.pt").exists(),
    reason="the speaker encoder is missing: presenter checkpoints fetch evaluate",
)
VOICE = "f1"
SIDE = 320


def drawn(seed):
    """A challenge that nobody has to be asked for."""
    below = random.Random(seed).randrange
    parts = phrases.draw("en", below)
    return Challenge(f"{seed:032x}", "", parts, 0.0, gestures=gestures.draw(len(parts), below))


@pytest.fixture(scope="module")
def detector():
    return load("detector", choice.detector(Settings()).name)


@pytest.fixture(scope="module")
def ada():
    return cameras.sitter("ada", VOICE, SIDE)


@pytest.fixture(scope="module")
def shown(ada, detector):
    """A film that is as it should be, and what is seen in it."""
    made = drawn(1)
    content = cameras.genuine(ada, made, random.Random(1))
    wave = intake.read(content, seconds_limit=60)
    timing = challenge.timed(wave, made.parts)
    seen = film.look(content, detector)
    return SimpleNamespace(made=made, content=content, wave=wave, timing=timing, seen=seen)


def first_seconds(who, seconds=2.0, change=lambda frames: frames, mark=""):
    """The beginning of a film."""
    draw = random.Random(3)
    read = cameras.reading(drawn(3), who.variant, draw)
    frames = (
        shown for shown, _ in zip(cameras.pictures(who, read, draw), range(int(seconds * FPS)), strict=False)
    )
    return cameras.filmed(change(frames), read.samples[: int(seconds * RATE)], mark)


def refused(code, function, *arguments):
    with pytest.raises(InputError) as caught:
        function(*arguments)
    assert caught.value.code == code
    assert caught.value.hint
    return caught.value


# --- the picture ------------------------------------------------------------------------------


def test_a_face_that_speaks_the_text_and_moves_as_asked_is_accepted(shown, detector, monkeypatch):
    monkeypatch.setattr(film, "look", lambda *_: shown.seen)
    picture, evidence = camera.judged(shown.made, shown.content, shown.wave, detector, Settings())
    assert picture.shape == (SIDE, SIDE, 3)
    [face] = detector.detect(picture)
    assert max(map(abs, face.pose)) < film.FRONTAL
    assert list(evidence["gestures"]) == [one.kind for one in shown.made.gestures]
    assert evidence["lips"][0] > 0.7


def test_lips_that_say_other_words_are_refused(shown, ada):
    other = drawn(2)
    read = cameras.reading(other, VOICE, random.Random(2))
    wave = intake.read(audio.encoded(read.samples, "WAV"), seconds_limit=60)
    fits = lips.fit(shown.seen, challenge.timed(wave, other.parts), wave)
    assert fits.alike < lips.ALIKE or fits.certain < lips.CERTAIN
    with pytest.raises(InputError, match=r"E-CHALLENGE-(LIPS|OFFSET)"):
        lips.refuse_other_lips(fits)


def test_lips_that_hardly_move_are_refused(shown):
    still = replace(shown.seen, gaps=0.01 + 0.2 * (shown.seen.gaps - np.nanmin(shown.seen.gaps)))
    refused("E-CHALLENGE-STILL", lips.refuse_other_lips, lips.fit(still, shown.timing, shown.wave))


def test_sound_that_was_laid_under_the_picture_half_a_second_late_is_told_so(shown):
    late = replace(shown.seen, gaps=np.roll(shown.seen.gaps, 12))
    told = refused("E-CHALLENGE-OFFSET", lips.refuse_other_lips, lips.fit(late, shown.timing, shown.wave))
    assert "late" in told.message


def test_lips_that_never_close_are_refused():
    fits = lips.Fit(moves=0.1, alike=0.9, certain=9.0, late=0.0, closures=6, closed=0.2)
    refused("E-CHALLENGE-CLOSURES", lips.refuse_other_lips, fits)


def test_a_gesture_that_is_not_made_or_another_one_is_refused(shown):
    words = challenge.heard(shown.made.parts, shown.timing)
    asked = shown.made.gestures
    due = gestures.windows(asked, words, camera.quiet(shown.wave), shown.wave.seconds)
    assert min(camera.refuse_other_gestures(shown.seen, due, shown.made)) > 1
    exchanged = [replace(one, kind=other.kind) for one, other in zip(asked, asked[::-1], strict=True)]
    [unseen, *_] = {*gestures.KINDS} - {one.kind for one in asked}
    for moves in (exchanged, [Gesture(asked[0].before, unseen), asked[1]]):
        made = replace(shown.made, gestures=tuple(moves))
        told = refused("E-CHALLENGE-GESTURE", camera.refuse_other_gestures, shown.seen, due, made)
        assert gestures.WORDS[moves[0].kind] in told.message


def test_a_gesture_is_due_in_the_pause_before_its_part():
    heard = [[Span("a", 1.0, 1.4), Span("b", 1.4, 3.9)], [Span("c", 3.9, 4.2)]]  # "b" took the pause with it
    quiet = [(0.0, 1.0), (1.9, 3.6), (4.2, 5.0)]
    due = gestures.windows([Gesture(0, "up"), Gesture(1, "nod"), Gesture(2, "tilt")], heard, quiet, 5.0)
    early = gestures.EARLY
    assert due == [(0.0, 1.0 + early), (1.9 - early, 3.6 + early), (4.2 - early, 5.0)]


def test_two_gestures_differ_and_come_in_order():
    for seed in range(50):
        first, second = gestures.draw(3, random.Random(seed).randrange)
        assert 0 <= first.before < second.before <= 3
        assert first.kind != second.kind


def test_a_second_face_is_refused(ada, detector):
    ben = np.asarray(cameras.sitter("ben", VOICE, SIDE).portrait.images[0])
    content = first_seconds(ada, change=lambda frames: (np.hstack([one, ben]) for one in frames))
    refused("E-CHALLENGE-FACES", film.refuse_unsteady, film.look(content, detector), 2.0)


def test_a_cut_is_refused_and_its_time_is_told(ada, detector):
    def cut(frames):
        for number, one in enumerate(frames):
            yield one if number < 30 else np.roll(one, SIDE // 16, axis=1)

    seen = film.look(first_seconds(ada, change=cut), detector)
    told = refused("E-CHALLENGE-SPLICE", film.refuse_unsteady, seen, 2.0)
    assert "1.2 s" in told.message


def test_a_film_without_a_face_for_a_while_or_that_stands_still_is_refused(shown):
    seen = shown.seen
    refused("E-CHALLENGE-FACE", film.refuse_unsteady, seen, 1.3 * shown.wave.seconds)
    frozen = seen.fresh.copy()
    frozen[50:80] = False
    refused("E-CHALLENGE-RATE", film.refuse_unsteady, replace(seen, fresh=frozen), shown.wave.seconds)


def test_a_video_of_presenter_is_refused(ada):
    refused("E-CHALLENGE-SYNTHETIC", film.refuse_marked, first_seconds(ada, mark="5eed1234"))
    film.refuse_marked(first_seconds(ada))


def test_a_film_that_never_shows_the_face_from_the_front_gives_no_portrait(shown, detector):
    away = replace(shown.seen, poses=shown.seen.poses + np.array([0.0, 20.0, 0.0]))
    refused("E-CHALLENGE-PORTRAIT", camera.portrait, away, shown.content, [(1.0, 5.0)], detector)


@pytest.mark.parametrize(
    "content", [b"", b"RIFF....WAVEfmt ", b"\x1a\x45\xdf\xa3 nothing behind it", b"#EXTM3U\n"]
)
def test_what_is_no_film_is_refused_in_plain_words(content, detector):
    with pytest.raises(InputError, match="E-VIDEO"):
        film.look(content, detector)


# --- the whole of it --------------------------------------------------------------------------


@pytest.fixture(scope="module")
def passed(tmp_path_factory, shown):
    """A home in which the person of a voice has answered before a camera, on the command line."""
    home = tmp_path_factory.mktemp("home")
    consent = enrolled(home, VOICE)
    made = challenge.ask(home, consent, camera=True, below=random.Random(1).randrange)
    clip = home / "clip.mp4"
    clip.write_bytes(shown.content)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PRESENTER_HOME", str(home))
        status = main(["people", "verify", made.id, str(clip)])
    return SimpleNamespace(home=home, consent=consent, made=made, clip=clip, status=status)


def sides(home):
    """The entries for voice and face that a challenge has raised."""
    raised = [entry for entry in People(home).entries() if entry.consent.level == 3]
    return sorted(raised, key=lambda entry: entry.consent.scope, reverse=True)


@with_encoder
def test_voice_and_portrait_have_level_3(passed):
    assert passed.status == 0
    voice, face = sides(passed.home)
    assert (voice.consent.level, face.consent.level) == (3, 3)
    assert (voice.consent.scope, face.consent.scope) == ("voice", "face")
    assert face.consent.person == voice.consent.person
    [portrait] = (passed.home / "portraits").glob("*.png")
    assert portrait.name.startswith(face.reference)
    assert face.evidence["voice"] == passed.consent
    outcomes = [line.detail["outcome"] for line in audit.lines(passed.home) if line.event == "challenge"]
    assert outcomes == ["asked", "passed"]


@with_encoder
def test_where_level_3_is_asked_for_the_portrait_is_enough_and_another_photo_is_not(passed, detector):
    people, settings = People(passed.home), Settings(home=passed.home, consent_level=3)
    [portrait] = (passed.home / "portraits").glob("*.png")
    record, _ = portraits.give_out(
        people, portrait, consent=None, settings=settings, detector=lambda: detector
    )
    people.refuse_below(3, record.consent, passed.consent)
    with pytest.raises(InputError, match="E-CONSENT-LEVEL") as caught:
        people.refuse_below(3, people.attest("Person 7", "face", "0" * 64).id)
    assert "--camera" in caught.value.hint


@with_encoder
def test_a_film_is_good_once_and_sound_alone_is_not_enough(passed):
    again = challenge.ask(passed.home, passed.consent, camera=True)
    studio = Studio(Settings(home=passed.home))
    refused("E-CHALLENGE-REPLAY", studio.answer, again.id, passed.clip)
    made = challenge.ask(passed.home, passed.consent, camera=True)
    with pytest.raises(InputError, match="E-CHALLENGE-FILM"):
        challenge.answer(passed.home, made.id, b"", lambda waves: waves)


@with_encoder
def test_the_portrait_is_deleted_when_its_consent_ends(passed):
    _, face = sides(passed.home)
    assert not Studio(Settings(home=passed.home)).revoke(face.consent.id).residue
    assert not list((passed.home / "portraits").glob("*.png"))


@with_encoder
def test_the_command_line_shows_the_movements_in_their_places(passed, monkeypatch, capsys):
    monkeypatch.setenv("PRESENTER_HOME", str(passed.home))
    assert main(["people", "challenge", passed.consent, "--camera"]) == 0
    told = capsys.readouterr().out
    assert sum(words in told for words in gestures.WORDS.values()) == gestures.COUNT
    assert "becomes a portrait" in told
    assert "FILM" in told
