"""Wav2Lip: the network, its fast form, and its files."""

import json
import os
import pickle
import struct
import zipfile
from pathlib import Path

import numpy as np
import pytest

from presenter import settings
from presenter.engines import checkpoint
from presenter.engines.wav2lip import files, layouts
from presenter.errors import EngineMissing, SetupError

torch = pytest.importorskip("torch", reason="needs torch: pip install -e '.[wav2lip]'")
pytest.importorskip("safetensors", reason="needs safetensors: pip install -e '.[wav2lip]'")

import lips  # noqa: E402

from presenter.engines.wav2lip.fast import Fast, lower_half, whole  # noqa: E402
from presenter.engines.wav2lip.net import Net  # noqa: E402

GOLDEN = Path(__file__).parent / "golden" / "wav2lip_keys.json"
NAMES = [layout.name for layout in layouts.LAYOUTS]


@pytest.fixture(autouse=True)
def one_thread():
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


# --- the network ------------------------------------------------------------------------------


def test_names_and_shapes_are_those_of_the_published_checkpoints():
    published = [(name, tuple(shape)) for name, shape in json.loads(GOLDEN.read_text()).items()]
    assert list(layouts.shapes(layouts.WAV2LIP_96).items()) == published
    net = Net(layouts.WAV2LIP_96)
    assert [(name, tuple(value.shape)) for name, value in net.state_dict().items()] == published
    assert sum(value.numel() for value in net.parameters()) == 36_298_035


@pytest.mark.parametrize("layout", layouts.LAYOUTS, ids=NAMES)
def test_a_network_is_recognised_by_its_weights_slimmed_or_not(layout):
    for known in (layout, layouts.slim(layout, 4)):
        without_counters = {
            name: shape for name, shape in layouts.shapes(known).items() if "num_batches" not in name
        }
        assert layouts.recognise(without_counters) == known
    assert layouts.recognise({**layouts.shapes(layout), "one.more": (1,)}) is None


def examples(net, count=5):
    generator = torch.Generator().manual_seed(7)
    layout = net.layout
    faces = torch.rand(count, 6, layout.size, layout.size, generator=generator)
    mels = torch.randn(count, 1, 80, 16, generator=generator) * 1.5 - 1
    return mels, faces * 2 - 1 if layout.signed else faces


def plain(net, mels, faces):
    with torch.no_grad():
        painted = net(mels, faces)
    return (painted + 1) / 2 if net.layout.signed else painted


def inner(painted, window):
    return painted[:, :, window.top : window.bottom, window.left : window.right]


@pytest.mark.parametrize("layout", layouts.LAYOUTS, ids=NAMES)
def test_the_fast_form_paints_what_the_plain_one_does(layout):
    net = lips.network(layout)
    mels, faces = examples(net, 2)
    half = layout.size // 2
    windows = [lower_half(layout), layouts.Window(half + 3, layout.size - 5, 9, layout.size - 11)]
    if layout.size == 96:
        part = layouts.Window(half, layout.size, layout.size // 4, layout.size // 2 + 1)
        windows += [whole(layout), part, layouts.Window(0, 1, 0, 1)]
    fast = Fast(net)
    one = plain(net, mels, faces[:1].expand(len(mels), -1, -1, -1))
    each = plain(net, mels, faces)
    assert one.std() > 0.1  # or equality would prove nothing
    for window in windows:
        assert (fast.paint(mels, fast.look(faces[:1], window)) - inner(one, window)).abs().max() < 1e-4
        maps = [fast.look(face[None], window) for face in faces]
        assert (fast.paint(mels, maps) - inner(each, window)).abs().max() < 1e-4


def test_the_published_network_at_its_full_size_agrees_too():
    net = lips.network(divisor=1)
    mels, faces = examples(net, 2)
    fast = Fast(net)
    window = lower_half(net.layout)
    painted = fast.paint(mels, fast.look(faces[:1], window))
    wanted = inner(plain(net, mels, faces[:1].expand(2, -1, -1, -1)), window)
    assert painted.shape == (2, 3, 48, 96)
    assert (painted - wanted).abs().max() < 1e-4


def test_sixteen_bits_change_little_because_the_last_layer_keeps_all():
    net = lips.network()
    mels, faces = examples(net, 2)
    window = lower_half(net.layout)
    fine, coarse = (Fast(net, half=half) for half in (False, True))
    one, other = (fast.paint(mels, fast.look(faces[:1], window)) for fast in (fine, coarse))
    assert other.dtype == torch.float32
    assert (one - other).abs().max() < 0.1  # untrained, its contrast is exaggerated
    assert (one - other).abs().mean() < 0.01


def test_a_part_of_the_face_needs_smaller_maps():
    net = lips.network()
    _, faces = examples(net, 1)
    fast = Fast(net)
    sizes = [
        fast.look(faces, window).bytes
        for window in (layouts.Window(52, 90, 16, 80), lower_half(net.layout), whole(net.layout))
    ]
    assert sizes[0] < 0.8 * sizes[1] < 0.5 * sizes[2]


# --- files ------------------------------------------------------------------------------------


def refused(file, code, *words):
    with pytest.raises(SetupError) as caught:
        files.load(file)
    assert caught.value.code == code
    for word in words:
        assert word in caught.value.message
    assert str(file.parent) not in str(caught.value)
    return caught.value


def test_a_training_s_file_becomes_safetensors_once_and_paints_the_same(tmp_path):
    net = lips.network()
    file = lips.build(tmp_path, net)
    mels, faces = examples(net, 2)
    wanted = plain(net, mels, faces)
    np.testing.assert_allclose(plain(files.load(file), mels, faces), wanted, atol=1e-4)
    kept = tmp_path / "random.safetensors"
    assert checkpoint.metadata(kept)["layout"] == "Wav2Lip-96"
    changed = kept.stat().st_mtime_ns
    for each in (file, kept):
        np.testing.assert_allclose(plain(files.load(each), mels, faces), wanted, atol=1e-4)
    assert kept.stat().st_mtime_ns == changed
    other = lips.network(seed=1)
    lips.build(tmp_path, other)
    os.utime(file, ns=(changed + 10**9, changed + 10**9))
    changed = plain(files.load(file), mels, faces)
    np.testing.assert_allclose(changed, plain(other, mels, faces), atol=1e-4)
    assert (changed - wanted).abs().max() > 0.1


def test_a_plain_dictionary_of_weights_is_a_model_too(tmp_path):
    net = lips.network(layouts.WAV2LIP_288)
    torch.save(net.state_dict(), tmp_path / "big.pth")
    assert files.load(tmp_path / "big.pth").layout == net.layout


class Bomb:
    def __reduce__(self):
        return os.system, ("touch /tmp/presenter-was-here",)


@pytest.mark.parametrize("old_format", [False, True])
def test_a_pickle_that_asks_to_run_code_is_not_loaded_and_says_what_it_asked_for(tmp_path, old_format):
    file = tmp_path / "wav2lip_new.pth"
    torch.save({"state_dict": Bomb()}, file, _use_new_zipfile_serialization=not old_format)
    refused(file, "E-MODEL-UNSAFE", "asks to run code", "system")
    assert not Path("/tmp/presenter-was-here").exists()


@pytest.mark.parametrize("protocol", [0, 1, 2, 3, 4, 5])
def test_a_bare_pickle_with_code_is_found_in_every_protocol(tmp_path, protocol):
    file = tmp_path / "bare.pth"
    file.write_bytes(pickle.dumps({"state_dict": [Bomb(), Bomb()]}, protocol))
    assert checkpoint.asked(file)[0] in ("posix.system", "nt.system")
    refused(file, "E-MODEL-UNSAFE", "system")


def test_a_published_name_with_other_content_is_refused(tmp_path):
    refused(lips.build(tmp_path, name="wav2lip.pth"), "E-MODEL-HASH", "expected sha256 b78b681b", "found ")


def test_a_web_page_is_told_from_a_model(tmp_path):
    file = tmp_path / "mine.pth"
    file.write_text("\n <!DOCTYPE html><html><body>Sign in</body></html>")
    refused(file, "E-MODEL-BROKEN", "is a web page")
    file.write_text("version https://git-lfs.github.com/spec/v1\noid sha256:0\nsize 1\n")
    refused(file, "E-MODEL-BROKEN", "Git LFS")
    file.write_bytes(b"")
    refused(file, "E-MODEL-BROKEN", "is empty")


def test_a_file_that_was_cut_off_is_told(tmp_path):
    file = lips.build(tmp_path)
    data = file.read_bytes()
    for share in (0.02, 0.5, 0.99):
        (tmp_path / "cut.pth").write_bytes(data[: int(len(data) * share)])
        refused(tmp_path / "cut.pth", "E-MODEL-BROKEN")
    files.load(file)
    data = (tmp_path / "random.safetensors").read_bytes()
    for share in (0.001, 0.02, 0.5, 0.99):
        (tmp_path / "cut.safetensors").write_bytes(data[: int(len(data) * share)])
        refused(tmp_path / "cut.safetensors", "E-MODEL-BROKEN")


def test_a_description_of_gigabytes_is_not_read(tmp_path):
    file = tmp_path / "huge.safetensors"
    file.write_bytes(struct.pack("<Q", 5_000_000_000) + b"{}" + b"\0" * 100)
    refused(file, "E-MODEL-BROKEN")


def test_other_networks_are_told_apart(tmp_path):
    weight = torch.zeros(1)
    torch.save({"state_dict": {"module.binary_pred.0.weight": weight}}, tmp_path / "disc.pth")
    refused(tmp_path / "disc.pth", "E-MODEL-KIND", "quality judge", "96, 256, 288, 384")
    torch.save({"face_encoder.0.conv_block.0.weight": weight}, tmp_path / "expert.pth")
    refused(tmp_path / "expert.pth", "E-MODEL-KIND", "sync expert")
    torch.save({"conv1_1.weight": weight}, tmp_path / "s3fd.pth")
    refused(tmp_path / "s3fd.pth", "E-MODEL-KIND", "face detector")
    state = dict(lips.network().state_dict())
    state["output_block.1.bias"] = torch.zeros(4)
    torch.save(state, tmp_path / "odd.pth")
    refused(tmp_path / "odd.pth", "E-MODEL-KIND", "7 stages")
    torch.save({"epoch": 3}, tmp_path / "none.pth")
    refused(tmp_path / "none.pth", "E-MODEL-BROKEN", "holds no weights")
    with zipfile.ZipFile(tmp_path / "zip.pth", "w") as archive:
        archive.writestr("readme.txt", "hello")
    refused(tmp_path / "zip.pth", "E-MODEL-BROKEN")


def test_a_model_of_ones_own_goes_before_the_published_ones(tmp_path, monkeypatch):
    lips.use(monkeypatch, tmp_path)
    with pytest.raises(EngineMissing) as missing:
        files.find(settings.current().checkpoints / "wav2lip")
    assert missing.value.code == "E-MODEL-MISSING"
    folder = tmp_path / "wav2lip"
    folder.mkdir()
    for name in ("wav2lip.pth", "wav2lip_gan.pth", "wav2lip_gan.safetensors", "notes.txt"):
        (folder / name).touch()
    assert files.find(folder).stem == "wav2lip_gan"
    (folder / "zoe.safetensors").touch()
    assert files.find(folder).name == "zoe.safetensors"
