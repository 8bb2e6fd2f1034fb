"""A challenge is passed by the person who reads it now, and by nobody and nothing else.

People are variants of the embedded voice here. That shows that each check works and in which order, not how
well it tells people apart; ``presenter bench trust`` counts more of them.
"""

import os
import random
import shutil
from pathlib import Path

import numpy as np
import pytest
from recordings import ANNA, BEN, encoded, said

from presenter import audit
from presenter.cli import main
from presenter.errors import InputError, SetupError
from presenter.people import Enrolment, People, challenge, folders, phrases, statement
from presenter.settings import ROOT, Settings
from presenter.store import Store
from presenter.studio import Studio
from presenter.types import RATE
from presenter.watermark import sound

pytestmark = pytest.mark.skipif(
    not (ROOT / "checkpoints" / "speaker_encoder.pt").exists(),
    reason="the speaker encoder is missing: presenter checkpoints fetch evaluate",
)


def embed(waves):
    from presenter.evaluate.speakers import embeddings

    return embeddings(waves)


@pytest.fixture(scope="module")
def enrolled(tmp_path_factory):
    """A home with Anna's voice."""
    home = tmp_path_factory.mktemp("home")
    enrolment = Enrolment.start(home, "Anna", person="Anna Example", language="en")
    for line in enrolment.lines[:3]:
        enrolment.record(line.id, encoded(said(line.text, ANNA)))
    enrolment.finish()
    return home


@pytest.fixture
def home(enrolled, tmp_path):
    """The same for one test."""
    return Path(shutil.copytree(enrolled, tmp_path / "home"))


@pytest.fixture
def consent(home):
    [entry] = People(home).entries()
    return entry.consent.id


def asked(home, consent, seed=1, **more):
    return challenge.ask(home, consent, below=random.Random(seed).randrange, **more)


def answered(home, made, samples, **more):
    return challenge.answer(home, made.id, encoded(samples), embed, **more)


def refused(home, made, samples, code, **more):
    with pytest.raises(InputError) as caught:
        answered(home, made, samples, **more)
    assert caught.value.code == code


def test_who_reads_the_text_in_their_own_voice_passes(home, consent):
    made = asked(home, consent)
    given = answered(home, made, said(made.text, ANNA))
    assert given.level == 2
    evidence = People(home).entry(consent).evidence
    assert evidence["fits"] == [4, 4, 6]
    assert min(evidence["alike"]) > 0.8
    assert People(home).leave(consent)[1] == 2


def test_what_was_read_for_it_becomes_part_of_the_voice(home, consent):
    before = People(home).voice("Anna")
    made = asked(home, consent)
    answered(home, made, said(made.text, ANNA))
    voice = People(home).voice("Anna")
    assert [one.text for one in People(home).recordings(voice)][-1] == made.text
    entry = People(home).entry(consent)
    assert entry.reference == voice.reference != before.reference
    assert before.reference in entry.covers
    with pytest.raises(InputError, match="E-VOICE-FOLDER"):
        People(home).recordings(before)


def test_what_was_made_before_may_still_leave(home, consent):
    before = People(home).voice("Anna")
    made = asked(home, consent)
    answered(home, made, said(made.text, ANNA))
    People(home).confirm_made(before)
    People(home).revoke(consent)
    with pytest.raises(InputError, match="E-CONSENT-REVOKED"):
        People(home).confirm_made(before)


def test_a_line_of_somebody_else_is_not_cloned_once_the_person_has_read(tmp_path):
    enrolment = Enrolment.start(tmp_path, "Anna", person="Anna Example", language="en")
    for line, reader in zip(enrolment.lines, (ANNA, ANNA, ANNA, BEN), strict=False):
        enrolment.record(line.id, encoded(said(line.text, reader)))
        if not enrolment.takes()[line.id].accepted:
            enrolment.accept(line.id)  # somebody said that it is right all the same
    before = enrolment.finish()
    store = Store(tmp_path / "store")
    store.once("speech", "1", "in both voices", "txt", lambda path: path.write_text("a") and None,
               sources=[before.reference])  # fmt: skip
    made = asked(tmp_path, str(before.consent))
    answered(tmp_path, made, said(made.text, ANNA))
    people = People(tmp_path)
    kept = people.confirm(people.voice("Anna"))
    assert [line.id for line in kept.lines] == [*(line.id for line in enrolment.lines[:3]), "challenge-01"]
    assert people.entry(str(before.consent)).evidence["left_out"] == 1
    assert not (kept.folder / "lines" / f"{enrolment.lines[3].id}.flac").exists()
    assert store.find("speech", "1", "in both voices", "txt") is None
    with pytest.raises(InputError, match="E-VOICE-FOLDER"):
        people.confirm_made(before)


def test_a_voice_that_cannot_be_exchanged_stays_as_it_was(home, consent, monkeypatch):
    before, rename = People(home).voice("Anna"), os.rename

    def refused_rename(source, target):
        if Path(target).name == before.id and not Path(source).name.endswith(folders.BEFORE):
            raise OSError(28, "No space left on device")
        rename(source, target)

    monkeypatch.setattr(folders.os, "rename", refused_rename)
    made = asked(home, consent)
    with pytest.raises(SetupError, match="E-VOICE-WRITE"):
        answered(home, made, said(made.text, ANNA))
    assert People(home).voice("Anna") == before
    assert People(home).recordings(before)
    assert [path.name for path in folders.place(home).iterdir()] == [before.id]


def test_somebody_else_does_not_pass_with_the_right_words(home, consent):
    made = asked(home, consent)
    refused(home, made, said(made.text, BEN), "E-CHALLENGE-VOICE")
    assert People(home).entry(consent).consent.level == 1


def test_an_old_recording_of_the_person_does_not_pass(home, consent):
    made = asked(home, consent, 1)
    other = asked(home, consent, 2)
    refused(home, made, said(other.text, ANNA), "E-CHALLENGE-WORDS")


def test_old_digits_do_not_pass_with_the_right_sentences(home, consent):
    made, other = asked(home, consent, 1), asked(home, consent, 2)
    text = " ".join([*(part.text for part in made.parts[:2]), other.parts[2].text])
    refused(home, made, said(text, ANNA), "E-CHALLENGE-DIGITS")


def test_a_third_that_somebody_else_says_does_not_pass(home, consent):
    made = asked(home, consent)
    *sentences, digits = [part.text for part in made.parts]
    spliced = np.concatenate([said(" ".join(sentences), BEN), said(digits, ANNA)])
    with pytest.raises(InputError, match=r"E-CHALLENGE-VOICE|E-VOICE-TWO"):
        answered(home, made, spliced)


def test_what_presenter_said_itself_does_not_pass(home, consent):
    made = asked(home, consent)
    spoken = np.concatenate(list(sound.mark([said(made.text, ANNA, speed=0.8)], "0badcafe")))
    refused(home, made, spoken, "E-CHALLENGE-SYNTHETIC")


def test_a_challenge_is_good_once(home, consent):
    made = asked(home, consent)
    samples = said(made.text, ANNA)
    answered(home, made, samples)
    refused(home, made, samples, "E-CHALLENGE-UNKNOWN")


def test_a_failed_try_uses_it_up(home, consent):
    made = asked(home, consent)
    refused(home, made, np.zeros(RATE, np.float32), "E-VOICE-SILENT")
    refused(home, made, said(made.text, ANNA), "E-CHALLENGE-UNKNOWN")


def test_a_recording_is_good_once(home, consent):
    made = asked(home, consent)
    samples = said(made.text, ANNA)
    answered(home, made, samples)
    refused(home, asked(home, consent), samples, "E-CHALLENGE-REPLAY")


def test_it_ends_after_five_minutes(home, consent):
    made = asked(home, consent, now=1000.0)
    refused(home, made, said(made.text, ANNA), "E-CHALLENGE-LATE", now=1301.0)


def test_another_session_cannot_answer_it_nor_use_it_up(home, consent):
    made = asked(home, consent, session="anna's browser")
    samples = said(made.text, ANNA)
    refused(home, made, samples, "E-CHALLENGE-UNKNOWN", session="somebody else's")
    assert answered(home, made, samples, session="anna's browser").level == 2


def test_a_long_pause_does_not_pass(home, consent):
    made = asked(home, consent)
    parts = [said(part.text, ANNA) for part in made.parts]
    gap = np.random.default_rng(0).normal(0, 3e-4, 3 * RATE).astype(np.float32)
    refused(home, made, np.concatenate([parts[0], gap, *parts[1:]]), "E-CHALLENGE-PAUSE")


@pytest.mark.parametrize("name", ["", "../../x", "a" * 32, "A" * 32])
def test_unknown_challenges_are_refused(home, name):
    with pytest.raises(InputError, match="E-CHALLENGE-UNKNOWN"):
        challenge.answer(home, name, b"", embed)


def test_an_ended_consent_does_not_rise(home, consent):
    made = asked(home, consent)
    People(home).revoke(consent)
    refused(home, made, said(made.text, ANNA), "E-CONSENT-REVOKED")
    for raised in (lambda: People(home).vouched(consent, "The operator"), lambda: asked(home, consent)):
        with pytest.raises(InputError, match="E-CONSENT-REVOKED"):
            raised()


def test_each_step_is_in_the_log_and_no_name_is(home, consent):
    made = asked(home, consent)
    refused(home, made, said(made.text, BEN), "E-CHALLENGE-VOICE")
    answered(home, made := asked(home, consent, 3), said(made.text, ANNA))
    lines = [line for line in audit.lines(home) if line.event in ("challenge", "consent")][-5:]
    assert [line.detail.get("outcome", line.detail.get("level")) for line in lines] == [
        "asked", "E-CHALLENGE-VOICE", "asked", "passed", 2,
    ]  # fmt: skip
    text = (home / "audit" / "log.jsonl").read_text()
    assert "Anna" not in text
    assert not any(part.text in text for part in made.parts)


# --- levels -----------------------------------------------------------------------------------


def test_where_more_is_asked_for_a_word_is_not_enough(home, consent):
    studio = Studio(Settings(home=home, consent_level=2))
    with pytest.raises(InputError, match="E-CONSENT-LEVEL"):
        studio.say("Bees hum.", voice="anna", speaker="convert")
    People(home).refuse_below(1, consent)


def test_the_operator_can_vouch(home, consent, monkeypatch, capsys):
    monkeypatch.setenv("PRESENTER_HOME", str(home))
    assert main(["people", "consent", consent, "--operator", "The school"]) == 0
    assert "level 4" in capsys.readouterr().out
    People(home).refuse_below(4, consent)
    assert main(["people", "show", consent]) == 0
    assert "The school" in capsys.readouterr().out


def test_the_command_line_asks_and_judges(home, consent, monkeypatch, capsys, tmp_path):
    monkeypatch.setenv("PRESENTER_HOME", str(home))
    assert main(["people", "challenge", consent]) == 0
    words = capsys.readouterr().out
    key = words.rsplit("verify ")[-1].split()[0]
    text = " ".join(line.strip() for line in words.splitlines() if line.startswith("    "))
    (tmp_path / "a.wav").write_bytes(encoded(said(text, ANNA)))
    assert main(["people", "verify", key, str(tmp_path / "a.wav")]) == 0
    assert "level 2" in capsys.readouterr().out
    assert main(["people", "verify", key, str(tmp_path / "a.wav")]) == 2


# --- texts ------------------------------------------------------------------------------------


@pytest.mark.parametrize("language", phrases.written())
def test_every_language_has_more_than_a_million_sentences(language):
    *sentences, digits = phrases.draw(language)
    ways = 1
    for part in sentences:
        for options in part.choices:
            assert len(set(options)) == len(options)
            ways *= len(options)
    assert ways > 10**6
    assert len(digits.chosen) == 6
    assert digits.text.count(",") == 5


@pytest.mark.parametrize("language", phrases.written())
def test_a_phrase_is_held_against_others_only(language):
    for part in phrases.draw(language):
        for place in range(len(part.chosen)):
            others = part.others(place)
            assert part.text not in others
            assert len(set(others)) == len(others) >= 5


def test_other_languages_get_english():
    assert phrases.draw("sw")[0].language == "en"
    assert phrases.draw("pt-BR")[0].language == "pt"


def test_the_statement_is_in_the_language_of_the_person():
    assert statement("de-AT").startswith("Die hier genannte Person")
    assert statement("sw") == statement("en")
    texts = {
        statement(tag)
        for tag in [
            "ar",
            "de",
            "en",
            "es",
            "fr",
            "hi",
            "it",
            "ja",
            "ko",
            "nl",
            "pl",
            "pt",
            "ru",
            "tr",
            "uk",
            "zh",
        ]
    }
    assert len(texts) == 16
