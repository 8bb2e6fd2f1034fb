"""Model files are recognised by what is in them, checked, converted once, and taken in under known terms."""

import hashlib
import json
import os
import shutil
import struct

import lips
import pytest

from presenter import checkpoints, cli, settings
from presenter.checkpoints import licences
from presenter.engines import checkpoint, weights
from presenter.errors import InputError, SetupError

torch = pytest.importorskip("torch", reason='PyTorch is missing: pip install -e ".[wav2lip]"')


@pytest.fixture
def here(tmp_path, monkeypatch):
    """The settings of an installation with an empty checkpoints folder."""
    monkeypatch.setenv("PRESENTER_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("PRESENTER_CHECKPOINTS", str(tmp_path / "checkpoints"))
    found = settings.read()
    monkeypatch.setattr(settings, "current", lambda: found)
    return found


@pytest.fixture
def ask(here, capsys):
    """Run ``presenter checkpoints``; status, output, errors."""

    def run(*arguments):
        status = cli.main(["checkpoints", *map(str, arguments)])
        out, err = capsys.readouterr()
        assert "Traceback" not in err
        assert str(here.home.parent) not in out + err
        return status, out, err

    return run


@pytest.fixture
def agreed(here):
    licences.accept(here.home, "wav2lip")


def publish(monkeypatch, path):
    """Let a file be the published one with GAN."""
    (row,) = (row for row in weights.manifest() if row.name == "wav2lip_gan")
    changed = {**{name: getattr(row, name) for name in row.__slots__}, "bytes": path.stat().st_size,
               "sha256": weights.digest(path)}  # fmt: skip
    others = [other for other in weights.manifest() if other is not row]
    rows = (*others, weights.Checkpoint(**changed))
    monkeypatch.setattr(weights, "manifest", lambda: rows)
    monkeypatch.setitem(checkpoints.lips.PUBLISHED, row.file, changed["sha256"])


# --- the manifest -----------------------------------------------------------------------------


def test_what_is_not_for_commercial_use_has_terms_and_the_published_digests():
    from presenter.engines.wav2lip import files

    for row in weights.folders():
        assert row.commercial or row.notice
    known = {row.file: row.sha256 for row in weights.manifest() if row.folder == "wav2lip"}
    assert known == files.PUBLISHED
    for row in weights.manifest():
        assert all(
            source.url.startswith("https://") for source in row.sources if isinstance(source, weights.Link)
        )
        assert row.commercial or licences.terms(row.folder)


# --- list -------------------------------------------------------------------------------------


def test_the_list_says_what_is_there_what_is_missing_and_what_is_damaged(ask, here):
    here.checkpoints.mkdir()
    shutil.copy(settings.ROOT / "checkpoints" / "manifest.toml", here.checkpoints)
    (here.checkpoints / "face_landmark.tflite").write_bytes(b"half")
    status, out, _ = ask("list")
    assert status == 0
    assert "damaged  face_landmark" in out
    assert "missing  wav2lip_gan" in out
    assert "435.8 MB  sha256 known  research and personal use only, NON-COMMERCIAL" in out
    assert "licence (not accepted yet): The authors of Wav2Lip" in out
    status, out, _ = ask("list", "--json")
    rows = {row["name"]: row for row in json.loads(out)}
    assert rows["face_landmark"]["state"] == "damaged"
    assert rows["face_landmark"]["detail"] == "4 bytes"
    assert rows["wav2lip_gan"]["sha256"].startswith("ca9ab7b7")
    assert (rows["xtts"]["sha256"], rows["xtts"]["commercial"], rows["xtts"]["accepted"]) == ("", False, None)


# --- licences ---------------------------------------------------------------------------------


def test_nothing_of_others_is_taken_in_before_their_terms_are_accepted(ask, here, tmp_path):
    file = lips.build(tmp_path / "mine")
    status, out, err = ask("add", file)
    assert (status, out) == (2, "")
    assert "any form of commercial use is strictly prohibited" in err
    assert "E-MODEL-LICENCE" in err
    assert "--accept-licence wav2lip" in err
    assert not here.checkpoints.exists()
    assert ask("fetch", "wav2lip")[0] == 2
    status, out, err = ask("add", file, "--accept-licence", "wav2lip")
    assert (status, out) == (0, "wav2lip/random.safetensors: Wav2Lip-96\n")
    assert "strictly prohibited" in err
    (row,) = json.loads((here.home / "licences.json").read_text())
    assert (row["name"], row["digest"]) == ("wav2lip", licences.terms("wav2lip").digest)
    assert row["who"]
    assert row["when"].endswith("+00:00")
    assert f"accepted by {row['who']} on {row['when'][:10]}" in ask("list")[1]


def test_terms_are_shown_once_and_again_when_they_change(ask, here, tmp_path, agreed, monkeypatch):
    file = lips.build(tmp_path / "mine")
    assert ask("add", file)[2] == ""
    licences.accept(here.home, "wav2lip")
    assert len(json.loads((here.home / "licences.json").read_text())) == 1
    other = licences.Terms("wav2lip", "stricter", "Nothing at all.")
    monkeypatch.setattr(licences, "terms", lambda _: other)
    assert licences.accepted(here.home, "wav2lip") is None
    with pytest.raises(InputError, match="E-MODEL-LICENCE"):
        licences.check(here.home, "wav2lip")


def test_at_a_terminal_the_question_is_asked_and_only_yes_is_yes(ask, here, tmp_path, monkeypatch):
    file = lips.build(tmp_path / "mine")
    answers = iter(["\n", "y\n", "yes\n"])
    monkeypatch.setattr(cli.checkpoints, "_answer", lambda: next(answers))
    assert [ask("add", file)[0] for _ in range(3)] == [2, 2, 0]


def test_a_network_trained_on_own_footage_needs_nobody_s_leave(ask, here, tmp_path):
    file = tmp_path / "mine.safetensors"
    checkpoint.write(file, dict(lips.network().state_dict()), {"licence": checkpoint.OWN, "steps": "9"})
    assert ask("add", file) == (0, "wav2lip/mine.safetensors: Wav2Lip-96\n", "")
    notes = checkpoint.metadata(here.checkpoints / "wav2lip" / "mine.safetensors")
    assert (notes["licence"], notes["steps"]) == (checkpoint.OWN, "9")


# --- add --------------------------------------------------------------------------------------


def test_a_file_is_converted_once_and_only_what_is_needed_is_kept(ask, here, tmp_path, agreed):
    net = lips.network()
    file = lips.build(tmp_path / "mine", net)
    status, out, _ = ask("add", file, "--as", "anna", "--json")
    assert status == 0
    digest = hashlib.sha256(file.read_bytes()).hexdigest()
    assert json.loads(out) == [{"kind": "Wav2Lip-96", "file": "wav2lip/anna.safetensors", "sha256": digest}]
    kept = here.checkpoints / "wav2lip" / "anna.safetensors"
    assert {name: tuple(value.shape) for name, value in checkpoint.read(kept).items()} == {
        name: tuple(value.shape) for name, value in net.state_dict().items()
    }
    assert checkpoint.metadata(kept)["source"] == digest
    assert file.is_file()
    assert ask("add", file, "--as", "anna")[0] == 0  # the same again
    lips.build(tmp_path / "mine", lips.network(seed=1))
    status, _, err = ask("add", file, "--as", "anna")
    assert status == 2
    assert 'There is another model called "anna"' in err


def test_the_published_file_is_known_by_its_sha256_whatever_it_is_called(
    ask, here, tmp_path, agreed, monkeypatch
):
    file = lips.build(tmp_path / "mine", name="download (1).pth")
    publish(monkeypatch, file)
    assert ask("add", file)[:2] == (0, "wav2lip/wav2lip_gan.safetensors: wav2lip_gan.pth, as published\n")
    (row,) = (row for row in checkpoints.listed(here) if row.name == "wav2lip_gan")
    assert (row.state, row.detail) == ("there", "kept as wav2lip_gan.safetensors")
    assert "wav2lip_gan.safetensors" in ask("fetch", "wav2lip")[1]  # nothing is downloaded


def test_fetching_a_published_network_keeps_what_is_needed_of_it(ask, here, tmp_path, agreed, monkeypatch):
    file = lips.build(tmp_path / "stick", name="wav2lip_gan.pth")
    publish(monkeypatch, file)
    assert ask("fetch", "wav2lip", "--from", file.parent)[:2] == (0, "wav2lip_gan.safetensors\n")
    folder = here.checkpoints / "wav2lip"
    assert sorted(path.name for path in folder.iterdir() if path.name != ".lock") == [
        "wav2lip_gan.safetensors"
    ]
    assert ask("verify")[0] == 0


class Bomb:
    def __reduce__(self):
        return os.system, ("touch /tmp/presenter-was-here",)


def test_what_cannot_be_used_is_refused_with_its_reason(ask, here, tmp_path, agreed):
    def told(name, code, *words):
        status, out, err = ask("add", tmp_path / name)
        assert (status, out) == (2 if code in ("E-MODEL-FILE", "E-MODEL-NAME") else 3, "")
        assert code in err
        for word in words:
            assert word in err
        assert not any(here.checkpoints.glob("wav2lip/*"))

    told("none.pth", "E-MODEL-FILE", 'no file "none.pth"')
    torch.save({"state_dict": Bomb()}, tmp_path / "bomb.pth")
    told("bomb.pth", "E-MODEL-UNSAFE", "system")
    (tmp_path / "page.pth").write_text("<!DOCTYPE html><html>Sign in</html>")
    told("page.pth", "E-MODEL-BROKEN", "is a web page")
    whole = lips.build(tmp_path).read_bytes()
    (tmp_path / "half.pth").write_bytes(whole[: len(whole) // 2])
    told("half.pth", "E-MODEL-BROKEN", "half.pth")
    (tmp_path / "huge.safetensors").write_bytes(struct.pack("<Q", 5_000_000_000) + b"{}")
    told("huge.safetensors", "E-MODEL-BROKEN", "is cut off")
    torch.save({"face_encoder.0.conv_block.0.weight": torch.zeros(1)}, tmp_path / "expert.pth")
    told("expert.pth", "E-MODEL-KIND", "sync expert", "Wav2Lip with pictures of")
    lips.build(tmp_path, name="wav2lip.pth")
    told("wav2lip.pth", "E-MODEL-HASH", "expected sha256 b78b681b")
    lips.build(tmp_path, name="mine.pth")
    status, _, err = ask("add", tmp_path / "mine.pth", "--as", "wav2lip")
    assert status == 2
    assert '"wav2lip" is the name of published weights' in err
    for name in ("../up", "a/b", ".hidden", ""):
        assert ask("add", tmp_path / "mine.pth", f"--as={name}")[0] == (2 if name else 0)


def test_the_files_of_a_speech_engine_are_put_into_its_folder(ask, here, tmp_path):
    (tmp_path / "config.json").write_text('{"model": "xtts", "languages": ["en"]}')
    (tmp_path / "words.json").write_text('{"model": {"type": "BPE", "vocab": {}}}')
    torch.save(
        {"model": {"gpt.a": torch.zeros(1), "hifigan_decoder.b": torch.zeros(1)}}, tmp_path / "big.pth"
    )
    torch.save({"Ana": {"gpt_cond_latent": torch.zeros(1)}}, tmp_path / "voices.pth")
    assert ask("add", tmp_path / "config.json")[0] == 2
    licences.accept(here.home, "xtts")
    places = [
        ask("add", tmp_path / name)[1] for name in ("config.json", "words.json", "big.pth", "voices.pth")
    ]
    files = [place.partition(":")[0] for place in places]
    assert files == ["xtts/config.json", "xtts/vocab.json", "xtts/model.pth", "xtts/speakers_xtts.pth"]
    (row,) = (row for row in checkpoints.listed(here) if row.name == "xtts")
    assert row.state == "there"
    assert ask("verify")[0] == 0
    torch.save({"gpt_cond_latent": Bomb()}, tmp_path / "voices.pth")
    assert "E-MODEL-UNSAFE" in ask("add", tmp_path / "voices.pth")[2]


def test_a_model_of_one_language_needs_its_name(ask, tmp_path):
    from safetensors.torch import save_file

    save_file({"flow_lm.a": torch.zeros(1)}, tmp_path / "model.safetensors")
    status, _, err = ask("add", tmp_path / "model.safetensors")
    assert status == 2
    assert "--as english" in err
    place = "pocket/english/model.safetensors: a model of pocket-tts\n"
    assert ask("add", tmp_path / "model.safetensors", "--as", "english")[:2] == (0, place)


# --- verify -----------------------------------------------------------------------------------


def test_everything_is_read_anew_and_what_is_wrong_is_named(ask, here, tmp_path, agreed):
    assert ask("verify")[:2] == (
        0, "No model files yet. Fetch the ones for faces: presenter checkpoints fetch faces\n",
    )  # fmt: skip
    ask("add", lips.build(tmp_path / "mine"), "--as", "good")
    folder = here.checkpoints / "wav2lip"
    data = bytearray((folder / "good.safetensors").read_bytes())
    data[-1000] ^= 0xFF  # one number
    (folder / "flipped.safetensors").write_bytes(data)
    (folder / "cut.safetensors").write_bytes(data[:1000])
    (folder / "page.pth").write_text("<html>")
    torch.save({"state_dict": Bomb()}, folder / "bomb.pth")
    torch.save({"conv1_1.weight": torch.zeros(1)}, folder / "s3fd.pth")
    (folder / "wav2lip_gan.pth").write_bytes(b"\x80\x02N." * 20)
    status, out, _ = ask("verify", "--json")
    assert status == 3
    assert {row["file"].partition("/")[2]: row["code"] for row in json.loads(out)} == {
        "good.safetensors": "", "flipped.safetensors": "E-MODEL-BROKEN", "cut.safetensors": "E-MODEL-BROKEN",
        "page.pth": "E-MODEL-BROKEN", "bomb.pth": "E-MODEL-UNSAFE", "s3fd.pth": "E-MODEL-KIND",
        "wav2lip_gan.pth": "E-MODEL-HASH",
    }  # fmt: skip
    status, out, _ = ask("verify")
    assert "ok    wav2lip/good.safetensors: Wav2Lip-96, every weight read" in out
    assert "fail  wav2lip/s3fd.pth: The model file s3fd.pth is a face detector" in out


def test_a_file_that_looks_unchanged_is_read_again(here, tmp_path, monkeypatch):
    here.checkpoints.mkdir()
    row = weights.Checkpoint("one", "few", "one.bin", 4, hashlib.sha256(b"good").hexdigest(), "MIT", True, ())
    monkeypatch.setattr(weights, "manifest", lambda: (row,))
    file = here.checkpoints / "one.bin"
    file.write_bytes(b"good")
    state = file.stat()
    assert weights.find("one")
    file.write_bytes(b"evil")
    os.utime(file, ns=(state.st_atime_ns, state.st_mtime_ns))
    (verdict,) = checkpoints.verify(here)
    assert verdict.code == "E-MODEL-HASH"


@pytest.mark.parametrize("action", ["list", "fetch", "verify", "add"])
def test_every_action_explains_itself_with_examples(action, capsys):
    with pytest.raises(SystemExit):
        cli.main(["checkpoints", action, "--help"])
    assert f"presenter checkpoints {action}" in capsys.readouterr().out.split("examples:")[1]


def test_a_folder_that_cannot_be_written_is_told(here, tmp_path, agreed):
    here.checkpoints.parent.mkdir(exist_ok=True)
    here.checkpoints.write_text("a file")
    found = checkpoints.look(lips.build(tmp_path / "mine"))
    with pytest.raises(SetupError, match="E-MODEL-WRITE"):
        checkpoints.put(here, tmp_path / "mine" / "random.pth", found)
