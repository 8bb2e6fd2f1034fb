"""Somebody reads a few lines, hears at once what is good, goes on tomorrow, and has a voice."""

import json
import os
import shutil
import unicodedata
import zipfile
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import recordings
from recordings import ANNA, BEN, encoded, said

from presenter import audio, registry, voices
from presenter.engines import load
from presenter.errors import InputError, SetupError
from presenter.order import Order, decide
from presenter.people import Enrolment, People, exchange, folders, lines, written
from presenter.people.enrolment import RESERVED
from presenter.people.folders import slug
from presenter.people.takes import judge
from presenter.settings import Settings
from presenter.speeches import Speeches
from presenter.store import Store, digest_of_file
from presenter.studio import Studio
from presenter.types import RATE, Style, Wave

SOUNDS = {
    "en": "p b t d k ɡ f v θ ð s z ʃ ʒ tʃ dʒ m n ŋ l ɹ w j h iː ɪ ɛ æ ɑː ɔː ʊ uː ʌ ɜː ə eɪ aɪ ɔɪ oʊ aʊ",
    "de": "p b t d k ɡ f v s z ʃ ʒ ç x h m n ŋ l j ts pf iː ɪ yː ʏ eː ɛ ɛː øː œ a ɑː ɔ oː ʊ uː ə ɜ aɪ aʊ ɔø",
    "es": "p b t d k β ð ɣ f θ s x tʃ m n ɲ l ʎ ɾ r j w a e i o u",
    "fr": "p b t d k ɡ f v s z ʃ ʒ m n ɲ l ʁ j w i e ɛ a ɔ o u y ø œ ə ɑ̃ ɛ̃ ɔ̃ œ̃",
    "it": "p b t d k ɡ f v s z ʃ ts dz tʃ dʒ m n ŋ ɲ l ʎ r j w a e ɛ i o ɔ u",
    "pt": "p b t d k ɡ f v s z ʃ ʒ tʃ dʒ m n ɲ l ɾ j w a e ɛ i o ɔ u ũ ɐ̃",
    "hi": "k kʰ ɡ ɡʰ c cʰ ɟ ɟʰ ʈ ʈʰ ɖ ɖʰ ɳ t tʰ d dʰ n p pʰ b bʰ m j ɾ l ʋ ʃ s h f z aː ʌ ɪ iː ʊ uː eː ɛː oː",
    "cmn": "p ph t th k kh tɕ tɕh ɕ ts. ts.h s. ʐ ts tsh s f χ m n ŋ l a ai ɑu ei ou i u y ə ər",
}
"""The phonemes of the languages, as the embedded voice writes them."""


def phonemes(language):
    speaker = load("speaker", "espeak")
    for line in lines(language):
        wave, timing = speaker.speak(line.text, line.language, {}, style=Style(), seed=0)
        assert 3.9 <= wave.seconds <= 9.0, f"{line.text} takes {wave.seconds:.1f} s"
        yield from (span.label.lstrip("ˈˌ") for span in timing.phonemes)


@pytest.fixture
def home(tmp_path):
    return tmp_path / "home"


@pytest.fixture
def begun(home):
    return Enrolment.start(home, "Anna", person="Anna B.", language="en")


def read(line, person=ANNA, **options):
    return encoded(said(line.text, person, **options))


def voice_of(home, name="Anna", person="Anna B.", count=2):
    """A voice of a few lines."""
    enrolment = Enrolment.start(home, name, person=person, language="en")
    for line in enrolment.lines[:count]:
        assert enrolment.record(line.id, read(line)).accepted
    return enrolment.finish()


def codes(judgement):
    return [verdict.code for verdict in judgement.verdicts]


def judged(samples, line=None, rate=RATE, others=()):
    return judge(Wave(np.asarray(samples, np.float32), rate), line, others)


# --- the lines ---


@pytest.mark.parametrize("language", SOUNDS)
def test_the_lines_of_a_language_hold_all_of_its_sounds(language):
    heard = {unicodedata.normalize("NFD", label) for label in phonemes(language)}
    assert not set(unicodedata.normalize("NFD", SOUNDS[language]).split()) - heard
    assert 10 <= len(lines(language)) <= 12


def test_every_language_with_lines_is_checked():
    assert set(written()) == set(SOUNDS)


def test_a_language_without_lines_gets_the_english_ones_and_says_so():
    assert lines("cy") == lines("en-GB")
    assert {line.language for line in lines("cy")} == {"en"}
    assert lines("zh-CN") == lines("cmn")


# --- a recording is judged at once ---

LINE = lines("en")[0]
GOOD = said(LINE.text)


def test_a_good_reading_is_said_to_be_good():
    found = judged(GOOD, LINE)
    assert found.usable
    assert [verdict.severity for verdict in found.verdicts] == ["ok"]
    assert found.noise > 20
    assert 3 < found.speech < found.seconds


def test_silence_noise_and_music_are_no_speech():
    assert codes(judged(np.zeros(10 * RATE), LINE)) == ["E-VOICE-SILENT"]
    assert codes(judged(np.zeros(100), LINE)) == ["E-VOICE-SILENT"]
    assert codes(judged(recordings.noise(6))) == ["E-VOICE-NOSPEECH"]
    assert codes(judged(recordings.music(10))) == ["E-VOICE-NOSPEECH"]


def test_a_clipped_recording_says_how_much_of_it_is_clipped():
    found = judged(np.clip(GOOD * 30, -1, 1), LINE)
    assert not found.usable
    quality = next(verdict for verdict in found.verdicts if verdict.code == "E-VOICE-QUALITY")
    assert quality.message.endswith(" % of the samples are clipped.")
    quieter = judged(np.clip(GOOD * 30, -1, 1) * 0.4, LINE)  # turned down later: still clipped
    assert "E-VOICE-QUALITY" in codes(quieter)


def test_a_noisy_recording_is_told_by_how_much():
    loud = judged(GOOD + recordings.noise(len(GOOD) / RATE, 0.05), LINE)
    assert any("dB above the noise" in verdict.message for verdict in loud.verdicts)
    assert judged(GOOD, LINE).noise > loud.noise + 10


def test_a_quiet_recording_is_told_and_a_very_quiet_one_is_read_again():
    assert "W-VOICE-QUALITY" in codes(judged(GOOD * 0.12, LINE))
    assert not judged(GOOD * 0.005, LINE).usable


def test_a_recording_that_begins_in_the_middle_of_a_word_is_told():
    start = int(np.flatnonzero(np.abs(GOOD) > 0.1)[0])
    found = judged(GOOD[start + 200 :], LINE)
    assert any("beginning is cut off" in verdict.message for verdict in found.verdicts)


def test_another_line_is_recognised_by_its_number():
    other = lines("en")[4]
    found = judged(said(other.text, BEN), LINE)
    assert found.verdicts[0].code == "E-VOICE-LINE"
    assert found.verdicts[0].message == "This sounds like line 5, not like the line shown."


def test_words_that_are_no_line_at_all_are_not_taken_for_it():
    found = judged(said("Forty cows were standing in the rain, and none of them wanted to go.", BEN), LINE)
    assert "E-VOICE-LINE" in codes(found) or "E-VOICE-PACE" in codes(found)


def test_half_a_line_is_not_enough():
    found = judged(GOOD[: len(GOOD) * 2 // 5], LINE)
    assert found.verdicts[0].code == "E-VOICE-PACE"
    assert "a part is missing" in found.verdicts[0].message


@pytest.mark.parametrize("language", ["de", "cmn"])
def test_another_persons_reading_of_the_right_line_is_right_in_every_language(language):
    for line in lines(language)[:2]:
        found = judged(said(line.text, BEN, line.language, 0.85), line)
        assert "E-VOICE-LINE" not in codes(found)
        assert found.usable


def test_two_people_in_one_recording_are_heard_with_their_times():
    text = " ".join(line.text for line in lines("en")[:3])
    one, other = said(text, ANNA), said(text, BEN)
    found = judged(np.concatenate([one, other]))
    two = next(verdict for verdict in found.verdicts if verdict.code == "E-VOICE-TWO")
    first, second = (
        int(at[0]) * 60 + int(at[2:]) for at in two.message.split("(")[1].rstrip(").").split(", ")
    )
    assert first <= 1
    assert abs(second - len(one) / RATE) < 3
    assert "E-VOICE-TWO" not in codes(judged(np.concatenate([one, one])))


def test_a_line_by_another_person_is_noticed():
    others = [judged(said(line.text)).timbre for line in lines("en")[1:4]]
    assert "E-VOICE-OTHER" in codes(judged(said(LINE.text, BEN), LINE, others=others))
    assert judged(GOOD, LINE, others=others).usable


# --- an enrolment goes on ---


def test_lines_are_read_one_after_another_and_nothing_is_lost_between(home, begun):
    first, second = begun.lines[:2]
    assert begun.next() == first
    take = begun.record(first.id, read(first))
    assert take.accepted
    assert take.text == first.text
    kept = audio.read(take.path, seconds_limit=60)
    assert kept.rate == RATE
    assert take.path.read_bytes()[:4] == b"fLaC"

    again = Enrolment.resume(home, begun.id)
    assert (again.name, again.person, again.language) == ("Anna", "Anna B.", "en")
    assert again.next() == second
    assert again.progress() == (1, 12)
    assert again.takes() == {first.id: take}
    assert [one.id for one in Enrolment.under_way(home)] == [begun.id]


def test_a_bad_take_is_kept_to_be_listened_to_but_not_counted(begun):
    line = begun.lines[0]
    take = begun.record(line.id, read(begun.lines[3]))
    assert not take.accepted
    assert take.path.is_file()
    assert begun.next() == line
    assert begun.seconds() == 0
    assert begun.record(line.id, read(line)).accepted  # the new one takes its place
    assert begun.takes()[line.id].accepted


def test_whoever_listened_may_keep_what_a_machine_only_doubts(begun):
    line, other = begun.lines[:2]
    begun.record(line.id, read(begun.lines[3]))
    assert begun.accept(line.id).accepted
    assert begun.next() == other
    begun.record(other.id, encoded(np.zeros(3 * RATE)))
    with pytest.raises(InputError, match="E-VOICE-SILENT"):
        begun.accept(other.id)


def test_a_recording_can_be_dropped_and_an_enrolment_discarded(home, begun):
    line = begun.lines[0]
    begun.record(line.id, read(line))
    begun.drop(line.id)
    assert begun.takes() == {}
    begun.discard()
    assert Enrolment.under_way(home) == ()
    with pytest.raises(InputError, match="E-VOICE-ENROLMENT"):
        Enrolment.resume(home, begun.id)


def test_a_free_recording_is_accepted_instead_of_lines(begun):
    text = " ".join(line.text for line in begun.lines[:3])
    take = begun.add(encoded(said(text)), text)
    assert take.line == "free-01"
    assert take.accepted
    voice = begun.finish()
    (recording,) = People(begun._home).recordings(voice)
    assert recording.text == text
    assert recording.language == "en"


def test_too_little_speech_makes_no_voice(home, begun):
    line = begun.lines[0]
    begun.record(line.id, read(line))
    with pytest.raises(InputError, match=r"E-VOICE-SHORT: \d\.\d s of speech; at least 6 s are needed"):
        begun.finish()
    assert People(home).voices() == ()
    assert People(home).entries() == ()


def test_foreign_ids_open_nothing(home, begun):
    for key in ("../people", "", "x" * 32, begun.id.upper() + "/"):
        with pytest.raises(InputError, match="E-VOICE-ENROLMENT"):
            Enrolment.resume(home, key)
    with pytest.raises(InputError, match="E-VOICE-LINE"):
        begun.record("../../x", b"")


@pytest.mark.parametrize("name", ["", " \u200b ", "...", "Aria", "auto", "N\u00f6ah", "x" * 61])
def test_a_voice_needs_a_name_of_its_own(home, name):
    with pytest.raises(InputError, match="E-VOICE-NAME"):
        Enrolment.start(home, name, person="Anna", language="en")


def test_two_voices_cannot_have_one_name(home, begun):
    with pytest.raises(InputError, match='E-VOICE-NAME: There is a voice "ANNA" already'):
        Enrolment.start(home, "ANNA", person="x", language="en")
    begun.discard()
    voice_of(home)
    with pytest.raises(InputError, match="E-VOICE-NAME"):
        Enrolment.start(home, "anna", person="x", language="en")


def test_the_built_in_voices_names_are_reserved():
    assert {voice.id for voice in voices.builtin()} <= RESERVED


def test_names_in_other_scripts_do_not_collide():
    assert slug("Anna B.") == "anna-b"
    assert slug("李娜") != slug("王芳")
    assert slug("李娜").startswith("voice-")


def test_whoever_consents_has_to_be_named(home):
    with pytest.raises(InputError, match="E-CONSENT-PERSON"):
        Enrolment.start(home, "Anna", person=" ", language="en")


# --- a voice ---


def test_a_finished_enrolment_is_a_voice_with_consent_and_recordings(home):
    voice = voice_of(home)
    people = People(home)
    assert people.voices() == (voice,)
    assert people.voice(" ANNA ") == voice
    assert voice.languages == ("en",)
    (entry,) = people.entries()
    assert entry.consent.id == voice.consent
    assert entry.consent.scope == "voice"
    assert entry.reference == voice.reference
    found = people.recordings(voice)
    assert [recording.text for recording in found] == [line.text for line in lines("en")[:2]]
    assert all(recording.wave.rate == RATE for recording in found)
    assert Enrolment.under_way(home) == ()
    kept = folders.find(home, "anna")
    assert kept.report.sentence.startswith("9 s of speech")
    assert {digest_of_file(kept.folder / "lines" / line.file) for line in kept.lines} <= set(entry.covers)
    assert Studio(Settings(home=home)).voices()[-1] == voice


def test_a_recording_that_was_exchanged_is_not_used(home):
    voice = voice_of(home)
    file = next((home / "voices" / "anna" / "lines").glob("*.flac"))
    file.write_bytes(encoded(said("Something else was said here by somebody.", BEN), kind="FLAC"))
    with pytest.raises(InputError, match=r"E-VOICE-FOLDER.*changed"):
        People(home).recordings(voice)


@pytest.mark.parametrize("target", ["anna.zip", "copies/anna"])
def test_a_voice_can_be_copied_to_another_installation_with_consent_given_there(home, tmp_path, target):
    voice = voice_of(home)
    exchange.copy_out(home, "anna", tmp_path / target)
    other = tmp_path / "other"
    with pytest.raises(InputError, match="E-CONSENT-PERSON"):
        exchange.take_in(other, tmp_path / target, consent="")
    taken = exchange.take_in(other, tmp_path / target, consent="Anna, asked by phone")
    assert taken.reference == voice.reference
    assert taken.consent != voice.consent
    assert len(People(other).recordings(taken)) == 2


def test_a_folder_that_was_put_in_place_by_hand_has_no_consent(home, tmp_path):
    voice_of(home)
    other = tmp_path / "other"
    exchange.copy_out(home, "anna", other / "voices" / "anna")
    assert People(other).voices() == ()
    with pytest.raises(InputError, match="E-CONSENT-NEEDED"):
        People(other).voice("anna")


def test_a_strange_folder_is_refused(home, tmp_path):
    voice_of(home)
    source = exchange.copy_out(home, "anna", tmp_path / "anna")
    record = json.loads((source / "voice.json").read_text())

    def refused(changed):
        (source / "voice.json").write_text(json.dumps(changed) if isinstance(changed, dict) else changed)
        with pytest.raises(InputError, match="E-VOICE-FOLDER"):
            exchange.take_in(tmp_path / "other", source, consent="Anna")

    for changed in ("", "[]", "{" * 5000, {**record, "format": 99}, {**record, "lines": []}):
        refused(changed)
    line = record["lines"][0]
    for file in ("../../../etc/passwd", "a.flac\n", "A.FLAC"):
        refused({**record, "lines": [{**line, "file": file}]})
    refused({**record, "lines": [{**line, "sha256": "0" * 64}]})
    refused({**record, "lines": [{**line, "text": "evil\u202e"}]})
    assert not (tmp_path / "other" / "voices").exists()


def test_a_strange_archive_writes_nothing_elsewhere(home, tmp_path, monkeypatch):
    path = tmp_path / "evil.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("../../evil.txt", "x")
        archive.writestr("/tmp/evil.flac", "x")
    with pytest.raises(InputError, match="E-VOICE-FOLDER"):
        exchange.take_in(home, path, consent="Anna")
    assert not list(tmp_path.rglob("evil.txt"))
    monkeypatch.setattr(exchange, "_LARGEST_FILE", 1000)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("anna/voice.json", "{}")
        archive.writestr("anna/lines/a.flac", bytes(10**6))
    with pytest.raises(InputError, match=r"E-VOICE-FOLDER.*unpacks"):
        exchange.take_in(home, path, consent="Anna")
    path.write_bytes(b"PK no archive")
    with pytest.raises(InputError, match="E-VOICE-FOLDER"):
        exchange.take_in(home, path, consent="Anna")
    assert not list((home / "voices").glob("*"))


# --- the end of consent ---


def leftovers(home, secrets):
    """Files of the installation that still hold one of these byte strings."""
    return [
        path for path in home.rglob("*") if path.is_file() and any(s in path.read_bytes() for s in secrets)
    ]


def derived(home, voice):
    """Something that a lesson in this voice would have left in the store."""
    made = Store(home / "store").once(
        "speech",
        "1",
        [voice.reference],
        "npz",
        lambda path: path.write_bytes(b"heard"),
        sources=[voice.reference],
    )
    return made.path


def test_when_consent_ends_nothing_of_the_voice_is_left(home):
    studio = Studio(Settings(home=home))
    voice = voice_of(home)
    speech = derived(home, voice)
    flacs = [path.read_bytes() for path in home.rglob("*.flac")]
    assert flacs
    known = studio.people().entry(voice.consent).refused
    begun = studio.enrol("Anna again", person="Anna B.", language="en")
    begun.record("en-01", read(begun.lines[0]))  # the same recording once more
    assert studio.revoke(voice.consent).deleted >= 3
    assert not speech.exists()
    assert leftovers(home, [*flacs, b"Anna again", lines("en")[0].text.encode()]) == []
    assert studio.voices() == voices.builtin()
    assert len(studio.people().entries()) == 1
    assert leftovers(home, [b"Anna B.", *(digest.encode() for digest in known)]) == []


def test_videos_in_a_voice_and_their_records_go_with_it(home):
    studio = Studio(Settings(home=home))
    voice = voice_of(home)
    page = home / "videos" / "key"
    page.mkdir(parents=True)
    (page / "about.json").write_text('{"photo": ""}')
    (page / "lesson.mp4").write_bytes(b"a video")
    (home / "videos" / "other").mkdir()
    (home / "videos" / "other" / "about.json").write_text('{"photo": ""}')
    sha = digest_of_file(page / "lesson.mp4")
    for digest, reference in ((sha, voice.reference), ("f" * 64, "")):
        registry.remember(home, registry.Record(digest, "t", "2026", "p", None, (), (), reference))
    studio.forget_voice("anna")
    assert not page.exists()
    assert (home / "videos" / "other").exists()
    assert [path.stem for path in (home / "records").glob("*.json")] == ["f" * 64]


def test_a_recording_that_was_withdrawn_is_never_taken_again(home, tmp_path):
    studio = Studio(Settings(home=home))
    voice = voice_of(home)
    copy = studio.export_voice("anna", tmp_path / "anna")
    studio.revoke(voice.consent)
    with pytest.raises(InputError, match="E-CONSENT-REVOKED"):
        studio.import_voice(copy, consent="somebody else")
    fresh = studio.enrol("Another", person="somebody else", language="en")
    with pytest.raises(InputError, match="E-CONSENT-REVOKED"):
        fresh.record("en-01", read(fresh.lines[0]))
    with pytest.raises(InputError, match="E-CONSENT-REVOKED"):
        fresh.add(next((copy / "lines").glob("*.flac")))
    assert fresh.takes() == {}


def test_a_voice_that_is_restored_after_its_consent_ended_is_refused_found_and_deleted(home, tmp_path):
    studio = Studio(Settings(home=home))
    voice = voice_of(home)
    shutil.copytree(home / "voices", tmp_path / "backup" / "voices")
    shutil.copytree(home / "people", tmp_path / "backup" / "people")
    assert studio.revoke(voice.consent).residue == ()
    shutil.copytree(tmp_path / "backup", home, dirs_exist_ok=True)
    assert studio.voices() == voices.builtin()
    for refused in (studio.people().recordings, studio.people().confirm):
        with pytest.raises(InputError, match="E-CONSENT-REVOKED"):
            refused(voice)
    again = studio.revoke(voice.consent)
    assert (again.deleted, again.residue) == (1, ())
    assert not list(home.rglob("*.flac"))


def test_what_could_not_be_deleted_is_named_until_it_is_gone(home):
    studio = Studio(Settings(home=home))
    voice = voice_of(home)
    strange = home / "notes" / "about.json"
    strange.parent.mkdir()
    strange.write_text(json.dumps({"of": voice.reference}))
    assert studio.revoke(voice.consent).residue == ("notes/about.json",)
    assert voice.reference.encode() in b"".join(path.read_bytes() for path in home.rglob("ended/*.json"))
    strange.unlink()
    assert studio.revoke(voice.consent).residue == ()
    assert leftovers(home, [voice.reference.encode()]) == []


def test_forgetting_one_voice_leaves_the_others_alone(home):
    studio = Studio(Settings(home=home))
    voice_of(home)
    text = " ".join(line.text for line in lines("en")[4:7])
    other = studio.enrol("Ben", person="Ben", language="en")
    other.add(encoded(said(text, BEN)))
    ben = other.finish()
    kept = derived(home, ben)
    empty = studio.enrol("Nobody yet", person="x", language="en")
    assert studio.forget_voice("nobody yet") == 1  # it has no recordings: nothing else may go with it
    assert empty.id not in [one.id for one in studio.enrolments()]
    studio.forget_voice("anna")
    assert studio.people().voices() == (ben,)
    assert kept.exists()
    with pytest.raises(InputError, match="E-VOICE-NAME"):
        studio.forget_voice("anna")


def test_forgetting_a_voice_leaves_those_made_of_the_same_recordings(home):
    studio = Studio(Settings(home=home))
    voice = voice_of(home)
    speech = derived(home, voice)
    twin = studio.enrol("Anna again", person="Anna B.", language="en")
    for line in twin.lines[:3]:
        twin.record(line.id, read(line))
    begun = studio.enrol("Anna once more", person="Anna B.", language="en")
    begun.record("en-01", read(begun.lines[0]))
    other = twin.finish()
    assert studio.forget_voice("ANNA") == 2
    assert not speech.exists()
    assert not (home / "voices" / "anna").exists()
    assert studio.people().voices() == (other,)
    assert [one.id for one in studio.enrolments()] == [begun.id]


def test_a_voice_of_which_one_recording_was_withdrawn_is_not_used(home):
    voice = voice_of(home)
    people = People(home)
    recording = folders.find(home, "anna").lines[0].sha256
    people.revoke(people.attest("Anna", "voice", recording).id)
    for refused in (people.recordings, people.confirm):
        with pytest.raises(InputError, match="E-CONSENT-REVOKED"):
            refused(voice)
    assert people.voices() == ()


def test_another_voice_of_the_same_name_does_not_speak_for_the_first(home):
    voice = voice_of(home)
    Studio(Settings(home=home)).forget_voice("anna")
    voice_of(home, count=3)
    with pytest.raises(InputError, match=r"E-VOICE-FOLDER.*exchanged"):
        People(home).recordings(voice)


def spoken_by(voice, home, meanwhile):
    """Speeches in a voice whose recordings are opened while something else happens."""
    recipe = decide(Order("Bees hum."), Settings(home=home))
    recipe = replace(recipe, voice=replace(voice, engine="espeak"), speaker="espeak")
    people = People(home)
    speeches = Speeches(recipe, Store(home / "store"), confirm=lambda: people.confirm(voice))
    prepared = {"variant": np.array("f2"), "pitch": np.array(0.0)}
    return speeches, recipe.script.segments[0], lambda *_: (meanwhile(), prepared)[1]


@pytest.mark.parametrize(("how", "code"), [("forget", "E-VOICE-NAME"), ("end", "E-CONSENT-REVOKED")])
def test_what_is_said_while_a_voice_is_forgotten_is_dropped(home, monkeypatch, how, code):
    studio = Studio(Settings(home=home))
    voice = voice_of(home)
    ways = {
        "forget": lambda: studio.forget_voice("anna"),
        "end": lambda: studio.people().revoke(voice.consent),  # its files are not deleted yet
    }
    speeches, segment, study = spoken_by(voice, home, ways[how])
    monkeypatch.setattr("presenter.speeches.prepared", study)
    with pytest.raises(InputError, match=code):
        speeches.speech(segment)
    assert [path for path in (home / "store").rglob("*") if path.is_file()] == []


def test_a_voice_from_elsewhere_cannot_claim_what_it_was_made_from(home, tmp_path):
    voice_of(home)
    source = exchange.copy_out(home, "anna", tmp_path / "anna")
    record = json.loads((source / "voice.json").read_text())
    other = tmp_path / "other"
    for wrong in ("", "x" * 64, "a" * 63):
        record["lines"][0]["source"] = wrong
        (source / "voice.json").write_text(json.dumps(record))
        with pytest.raises(InputError, match="E-VOICE-FOLDER"):
            exchange.take_in(other, source, consent="Anna")
    record["lines"][0]["source"] = "b" * 64  # somebody else's photo, for example
    (source / "voice.json").write_text(json.dumps(record))
    exchange.take_in(other, source, consent="Anna")
    assert "b" * 64 not in folders.find(other, "anna").covers
    (source / "voice.json").write_text(json.dumps(record).replace('"en-01"', '"en 01\\u001b[2J"'))
    with pytest.raises(InputError, match="E-VOICE-FOLDER"):
        exchange.take_in(other, source, consent="Anna", name="Once more")


def exchanged(source, samples):
    """Put other sounds into an exported voice, with a record that fits."""
    record = json.loads((source / "voice.json").read_text())
    record["lines"] = record["lines"][: len(samples)]
    for line, sound in zip(record["lines"], samples, strict=True):
        path = source / "lines" / line["file"]
        path.write_bytes(encoded(sound, kind="FLAC"))
        line["sha256"] = digest_of_file(path)
    (source / "voice.json").write_text(json.dumps(record))


def test_a_voice_from_elsewhere_is_judged_as_one_that_is_read_here(home, tmp_path):
    voice_of(home)
    source = exchange.copy_out(home, "anna", tmp_path / "anna")
    exchanged(source, [GOOD, recordings.noise(6)])
    with pytest.raises(InputError, match=r'E-VOICE-NOSPEECH: The recording "en-02.flac": This is noise'):
        exchange.take_in(tmp_path / "other", source, consent="Anna")
    exchanged(source, [GOOD])
    with pytest.raises(InputError, match=r"E-VOICE-SHORT.*at least 6 s"):
        exchange.take_in(tmp_path / "other", source, consent="Anna")
    assert People(tmp_path / "other").entries() == ()


def test_too_little_speech_is_called_too_little():
    found = judged(GOOD, LINE)
    assert "too little for a voice" in folders.report_of([found], [found.verdicts]).sentence


def test_the_first_of_two_enrolments_of_one_name_that_is_finished_has_it(home, monkeypatch):
    with monkeypatch.context() as at_the_same_moment:
        at_the_same_moment.setattr(Enrolment, "under_way", lambda _: ())
        both = [Enrolment.start(home, "Anna", person=who, language="en") for who in ("Anna", "Eve")]
    for enrolment in both:
        for line in enrolment.lines[:2]:
            enrolment.record(line.id, read(line))
    voice = both[0].finish()
    with pytest.raises(InputError, match="E-VOICE-NAME"):
        both[1].finish()
    assert People(home).voices() == (voice,)


def test_a_voice_with_a_damaged_record_can_be_forgotten_by_the_name_of_its_folder(home):
    studio = Studio(Settings(home=home))
    speech = derived(home, voice_of(home))
    (home / "voices" / "anna" / "voice.json").write_text("{")
    with pytest.raises(InputError, match=r"E-VOICE-FOLDER.*presenter voices forget anna"):
        studio.voice_record("Anna")
    with pytest.raises(InputError, match=r"E-VOICE-NAME.*already"):
        studio.enrol("Anna", person="Anna", language="en")
    assert studio.forget_voice("Anna") == 2
    assert not speech.exists()
    assert list((home / "voices").iterdir()) == []


def test_a_voice_that_cannot_be_deleted_is_not_said_to_be_gone(home, monkeypatch):
    studio = Studio(Settings(home=home))
    voice = voice_of(home)

    def refused(*_, **__):
        raise PermissionError(13, "Permission denied")

    with monkeypatch.context() as locked:
        locked.setattr(shutil, "rmtree", refused)
        for forget in (lambda: studio.forget_voice("anna"), lambda: studio.revoke(voice.consent)):
            with pytest.raises(SetupError, match=r"E-FORGET.*Permission denied"):
                forget()
    assert studio.forget_voice("anna") == 1


@pytest.mark.parametrize("packed", [zipfile.ZIP_DEFLATED, zipfile.ZIP_LZMA, zipfile.ZIP_BZIP2])
def test_a_damaged_archive_is_refused(home, tmp_path, packed):
    path = tmp_path / "anna.zip"
    with zipfile.ZipFile(path, "w", packed) as archive:
        archive.writestr("anna/voice.json", bytes(range(256)) * 40)
    whole = path.read_bytes()
    for at in range(46, len(whole) - 90, max(1, len(whole) // 20)):
        path.write_bytes(whole[:at] + b"\xff\x00\xff\x07" + whole[at + 4 :])
        with pytest.raises(InputError, match="E-VOICE-FOLDER"):
            exchange.take_in(home, path, consent="Anna")


def test_a_pipe_is_no_archive_and_is_not_waited_for(home, tmp_path):
    os.mkfifo(tmp_path / "anna.zip")
    with pytest.raises(InputError, match="E-VOICE-FOLDER"):
        exchange.take_in(home, tmp_path / "anna.zip", consent="Anna")


def test_a_full_disk_is_not_blamed_on_the_archive(home, tmp_path, monkeypatch):
    voice_of(home)
    source = exchange.copy_out(home, "anna", tmp_path / "anna.zip")

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "write_bytes", full)
    with pytest.raises(SetupError, match=r"E-VOICE-WRITE.*No space left"):
        exchange.take_in(tmp_path / "other", source, consent="Anna")


def test_the_text_of_a_free_recording_is_cleaned_and_has_a_limit(begun):
    take = begun.add(encoded(said(" ".join(line.text for line in lines("en")[:3]))), "Bees\x07 \u202ehum.\n")
    assert take.text == "Bees hum."
    with pytest.raises(InputError, match=r"E-VOICE-TEXT.*5,001"):
        begun.add(b"", "x" * 5001)


def test_nothing_is_learnt_from_the_text_of_a_line_that_was_not_read(begun):
    take = begun.record("en-01", read(lines("en")[2]))
    assert "E-VOICE-LINE" in codes(take)
    assert begun.accept("en-01").text == ""


@pytest.mark.parametrize("name", ["Zo\u00eb", "Zoe\u0308", " ZOE\u0308 "])
def test_a_name_is_the_same_however_it_is_typed(home, name):
    begun = Enrolment.start(home, "Zo\u00eb", person="Zo\u00eb", language="en")
    assert exchange.begun(home, name)[0].id == begun.id
    begun.discard()
    voice = voice_of(home, "Zo\u00eb")
    assert People(home).voice(name) == voice
    with pytest.raises(InputError, match="E-VOICE-NAME"):
        Enrolment.start(home, name, person="x", language="en")
