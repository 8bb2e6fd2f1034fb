"""What is kept of an engine's work is kept under its weights: others make it anew, equal ones do not."""

import json
import os
import shutil
import sys

import av
import fakes
import lips
import numpy as np
import pytest

from presenter import cli, engines, pipeline, provenance, registry
from presenter import settings as configuration
from presenter.engines import Engine, checkpoint, choice, fingerprints, load, weights
from presenter.engines.runners import Here
from presenter.errors import InputError
from presenter.order import Order
from presenter.speeches import engine_name
from presenter.studio import Studio
from presenter.types import Frames

LESSON = "# Birds\n\nOne sentence.\n\nAnd two.\n"


class Painted(fakes.Dot):
    """An animator whose grey is the last byte of its model file, read when it is loaded."""

    def __init__(self):
        (file,) = self.weights()
        self.grey = file.read_bytes()[-1]

    def weights(self, language=""):
        return (min((configuration.current().checkpoints / "wav2lip").glob("*.pth")),)

    def animate(self, speech, portrait, studied, *, fps, seed):
        size = portrait.height, portrait.width, 3
        count = super().animate(speech, portrait, studied, fps=fps, seed=seed).count
        picture = np.full(size, self.grey, np.uint8)
        return Frames(size[1], size[0], fps, count, lambda: (picture for _ in range(count)))


class Model(fakes.Tone):
    """A speaker with a model file for each language."""

    def weights(self, language=""):
        folder = configuration.current().checkpoints / "pocket"
        return tuple(sorted(folder.glob(f"{language[:2] or '*'}/model.safetensors")))


@pytest.fixture
def here(tmp_path, monkeypatch):
    """An installation with a painted animator and a speaker that have model files of their own."""
    fakes.install(monkeypatch)
    monkeypatch.setitem(sys.modules, "presenter.engines.weighted", sys.modules[__name__])
    rows = (
        Engine("animator", "painted", "weighted:Painted", "1", "grey", "research only", False,
               checkpoints=("wav2lip",)),
        Engine("speaker", "model", "weighted:Model", "1", "hums", "MIT", True, checkpoints=("pocket",)),
    )  # fmt: skip
    monkeypatch.setattr(engines, "TABLE", (*engines.TABLE, *rows))
    place = tmp_path / "checkpoints"
    for file, data in (("wav2lip/net.pth", b"weights 1"), ("pocket/en/tokenizer.json", b"{}")):
        (place / file).parent.mkdir(parents=True)
        (place / file).write_bytes(data)
    found = configuration.Settings(
        home=tmp_path / "home", checkpoints=place, width=448, height=256, workers=1, animator="dot",
        speaker="tone",
    )  # fmt: skip
    monkeypatch.setattr(configuration, "current", lambda: found)
    engines._loaded.cache_clear()
    yield found
    engines._loaded.cache_clear()


def render(settings, out, **wanted):
    return pipeline.render(Order(LESSON, **wanted), settings, out, runner=Here())


def swap(settings, data, later=10):
    """Put another model file there, as a copy with another time."""
    file = settings.checkpoints / "wav2lip" / "net.pth"
    file.write_bytes(data)
    time = file.stat().st_mtime + later
    os.utime(file, (time, time))


def test_other_weights_draw_every_piece_anew_and_equal_ones_none(here, tmp_path):
    out = tmp_path / "out.mp4"
    assert render(here, out, animator="painted").rendered == 2
    assert render(here, out, animator="painted").rendered == 0
    swap(here, b"weights 1", later=60)  # the same, copied again
    assert render(here, out, animator="painted").rendered == 0
    swap(here, b"weights \xf0")
    assert render(here, out, animator="painted").rendered == 2
    assert load("animator", "painted").grey == 0xF0  # the running process has let the old ones go
    swap(here, b"weights 1", later=90)
    assert render(here, out, animator="painted").rendered == 0  # what the first ones drew is still there


def test_an_engine_stays_loaded_while_its_files_stay(here):
    first = load("animator", "painted")
    assert load("animator", "painted") is first
    swap(here, b"weights 2")
    assert load("animator", "painted") is not first


def test_weights_are_read_once_and_told_by_time_and_size(here, monkeypatch):
    row = engines.find("animator", "painted")
    first = fingerprints.fingerprint(row)
    assert len(first) == fingerprints.LENGTH
    assert engine_name(row) == f"animator:painted:1:{first}"
    monkeypatch.setattr(weights, "digest", lambda _: pytest.fail("read again"))
    assert fingerprints.fingerprint(row) == first
    (here.home / "digests.json").write_text("damaged")
    monkeypatch.undo()


def test_engines_without_files_of_users_are_named_by_their_version(here):
    assert engine_name(engines.find("speaker", "espeak")) == "speaker:espeak:1"
    assert engine_name(engines.find("speaker", "xtts")) == "speaker:xtts:1"  # its files are not there
    assert not (here.home / "digests.json").exists()


def test_a_model_for_another_language_changes_nothing(here):
    from safetensors.numpy import save_file

    row = engines.find("speaker", "model")
    place = here.checkpoints / "pocket"
    save_file({"a": np.zeros(2, np.float32)}, place / "en" / "model.safetensors")
    english, every = fingerprints.fingerprint(row, "en-GB"), fingerprints.fingerprint(row)
    (place / "de").mkdir()
    save_file({"a": np.ones(2, np.float32)}, place / "de" / "model.safetensors")
    assert fingerprints.fingerprint(row, "en-GB") == english
    assert fingerprints.fingerprint(row) != every


def test_a_converted_file_counts_as_what_it_was_made_from(here, tmp_path):
    pytest.importorskip("torch", reason="PyTorch is missing")
    from presenter.engines.wav2lip import files

    shutil.rmtree(here.checkpoints / "wav2lip")
    row = engines.find("animator", "wav2lip")
    file = lips.build(here.checkpoints / "wav2lip")
    first = fingerprints.fingerprint(row)
    kept = files.ready(file)
    file.unlink()
    assert kept.suffix == ".safetensors"
    assert fingerprints.fingerprint(row) == first
    kept.rename(kept.with_name("other.safetensors"))
    assert fingerprints.fingerprint(row) == first
    checkpoint.write(kept, dict(lips.network(seed=1).state_dict()), {})
    (here.checkpoints / "wav2lip" / "other.safetensors").unlink()
    assert fingerprints.fingerprint(row) != first


# --- non-commercial weights -------------------------------------------------------------------


def comment_of(path):
    with av.open(str(path)) as file:
        return file.metadata["comment"]


def test_the_record_and_the_file_say_that_weights_were_non_commercial(here, tmp_path):
    render(here, tmp_path / "free.mp4", animator="dot")
    assert registry.recall(here.home, tmp_path / "free.mp4").restricted == ()
    assert comment_of(tmp_path / "free.mp4") == provenance.label_full("en")
    render(here, tmp_path / "bound.mp4", animator="painted")
    record = registry.recall(here.home, tmp_path / "bound.mp4")
    assert record.restricted == ("painted",)
    assert record.engines[1].startswith("animator:painted:1:")
    assert comment_of(tmp_path / "bound.mp4").endswith("Non-commercial weights: painted.")


def test_a_record_of_before_is_still_read(here, tmp_path):
    render(here, tmp_path / "out.mp4", animator="dot")
    (file,) = (here.home / "records").glob("*.json")
    old = json.loads(file.read_text())
    del old["restricted"]
    file.write_text(json.dumps(old))
    assert registry.recall(here.home, tmp_path / "out.mp4").restricted == ()


def test_commercial_use_refuses_an_animator_whose_weights_do_not_allow_it(here, tmp_path):
    strict = here.model_copy(update={"commercial": True})
    with pytest.raises(InputError) as caught:
        render(strict, tmp_path / "out.mp4", animator="painted")
    assert caught.value.code == "E-ENGINE-LICENCE"
    assert '"painted" is for non-commercial use (research only)' in caught.value.message
    assert not (tmp_path / "out.mp4").exists()
    assert render(strict, tmp_path / "out.mp4", animator="dot").rendered == 2


def test_a_network_trained_on_own_footage_may_be_used_commercially(here):
    pytest.importorskip("torch", reason="PyTorch is missing")
    shutil.rmtree(here.checkpoints / "wav2lip")
    row = engines.find("animator", "wav2lip")
    state = dict(lips.network().state_dict())
    checkpoint.write(here.checkpoints / "wav2lip" / "mine.safetensors", state, {"licence": checkpoint.OWN})
    assert fingerprints.commercial(row)
    checkpoint.write(
        here.checkpoints / "wav2lip" / "mine.safetensors", state, {"licence": "own footage, begun with x"}
    )
    assert not fingerprints.commercial(row)
    with pytest.raises(InputError, match="E-ENGINE-LICENCE"):
        choice.animator("wav2lip", commercial=True)


def test_a_training_notes_what_is_looked_for():
    from presenter.training import course

    assert course.LICENCE == checkpoint.OWN


def test_the_doctor_and_the_table_say_non_commercial_weights(here, capsys):
    findings = {finding.name: finding for finding in Studio(here).doctor()}
    assert "non-commercial weights" in findings["animator painted"].detail
    assert "non-commercial weights" in findings["checkpoint wav2lip"].detail
    assert "commercial use allowed" in findings["animator mesh"].detail
    assert cli.main(["engines"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert "NON-COMMERCIAL WEIGHTS" in next(line for line in lines if line.split()[1:2] == ["wav2lip"])
