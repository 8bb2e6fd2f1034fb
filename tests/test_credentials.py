"""Every video says in a signed way how it was made, and that it is as it was made."""

import io
import json
import stat
from datetime import UTC, datetime, timedelta

import av
import fakes
import numpy as np
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from presenter import credentials, keys, pipeline
from presenter.credentials import Agent, Claim, Ingredient, Leave
from presenter.engines.runners import Here
from presenter.errors import SetupError, WorkError
from presenter.order import Order
from presenter.settings import Settings
from presenter.store import digest_of_file

CLAIM = Claim(
    real=True,
    agents=(Agent("speaker tone", "1", "Apache-2.0", True),),
    ingredients=(Ingredient("photo", "ab" * 32), Ingredient("picture", "cd" * 32)),
    leaves=(Leave("both", 2, "ef" * 32),),
    sound="01234567",
    pieces=("89abcdef",),
)


@pytest.fixture(scope="module")
def settings(tmp_path_factory):
    return Settings(home=tmp_path_factory.mktemp("home"), width=448, height=256, workers=1)


@pytest.fixture(scope="module")
def signed(settings, tmp_path_factory):
    """A short video with credentials."""
    with pytest.MonkeyPatch.context() as monkeypatch:
        fakes.install(monkeypatch)
        out = tmp_path_factory.mktemp("videos") / "out.mp4"
        order = Order(source="Bees hum. Birds sing, and that is all.")
        pipeline.render(order, settings, out, runner=Here())
    return out


def inspect(data, settings):
    return credentials.inspect(io.BytesIO(data), "video/mp4", keys.anchors(settings))


def test_a_video_says_how_it_was_made(settings, signed):
    found = inspect(signed.read_bytes(), settings)
    assert found.state == "trusted"
    assert found.generator.startswith("presenter ")
    making = json.loads(found.making)
    assert [row["name"] for row in making["engines"]] == ["speaker tone", "animator dot"]
    assert making["engines"][0]["licence"] == "Apache-2.0"
    assert making["ingredients"][0]["title"] == "sample presenter"
    assert making["consents"] == []
    assert len(making["watermarks"]["sound"]) == 8


def test_the_render_names_the_credentials_of_its_file(settings, tmp_path, monkeypatch):
    fakes.install(monkeypatch)
    made = pipeline.render(Order(source="One."), settings, tmp_path / "a.mp4", runner=Here())
    assert made.credentials == inspect((tmp_path / "a.mp4").read_bytes(), settings).digest


def test_no_word_of_the_lesson_is_in_the_credentials(settings, signed):
    text = inspect(signed.read_bytes(), settings).making
    assert not any(word in text.lower() for word in ("bees", "birds", "hum"))


def test_200_changed_bytes_are_all_noticed(settings, signed):
    # Outside of the manifest's own box: inside, the signature has some padding that says nothing. A file
    # that is changed only there is told by its sha256 in the registry (see test_verify).
    data = signed.read_bytes()
    behind = 32 + int.from_bytes(data[32:36], "big")
    places = behind + np.random.default_rng(0).choice(len(data) - behind, 200, replace=False)
    for place in places:
        changed = bytearray(data)
        changed[place] ^= 1 << int(place) % 8
        assert inspect(bytes(changed), settings).state in ("broken", "none"), place


def test_a_file_cut_short_or_with_something_behind_it_is_noticed(settings, signed):
    data = signed.read_bytes()
    assert inspect(data[:-1], settings).state != "trusted"
    assert inspect(data + b"\0", settings).state != "trusted"


def test_copying_the_packets_into_another_file_loses_the_credentials(settings, signed, tmp_path):
    target = tmp_path / "copy.mp4"
    with av.open(str(signed)) as given, av.open(str(target), "w") as out:
        stream = out.add_stream_from_template(given.streams.video[0])
        for packet in given.demux(video=0):
            if packet.dts is not None:
                packet.stream = stream
                out.mux(packet)
    assert inspect(target.read_bytes(), settings).state == "none"


def test_another_installation_is_told_apart(signed, tmp_path):
    other = Settings(home=tmp_path)
    found = inspect(signed.read_bytes(), other)
    assert (found.state, found.problems) == ("untrusted", ())


def test_a_consent_is_told_by_level_and_digest(settings, signed, tmp_path):
    credentials.sign(signed, tmp_path / "a.mp4", "video/mp4", CLAIM, settings)
    text = (tmp_path / "a.mp4").read_bytes()
    making = json.loads(inspect(text, settings).making)
    assert making["consents"] == [{"scope": "both", "level": 2, "sha256": "ef" * 32}]
    assert b"compositeWithTrainedAlgorithmicMedia" in text
    assert b"c2pa.ai-disclosure" in text


@pytest.mark.parametrize("suffix", [".jpg", ".png", ".webp", ".gif", ".wav", ".flac", ".m4a"])
def test_other_kinds_of_files_are_signed_too(settings, suffix, tmp_path):
    source, target = tmp_path / f"a{suffix}", tmp_path / f"b{suffix}"
    if suffix in (".wav", ".flac"):
        import soundfile

        soundfile.write(source, np.zeros(4800, np.float32), 48_000)
    elif suffix == ".m4a":
        from presenter.video import encode_sound

        encode_sound(source, [np.zeros(4800, np.float32)])
    else:
        from PIL import Image

        Image.new("RGB", (64, 64), (90, 120, 200)).save(source)
    kind = credentials.KINDS[suffix]
    credentials.sign(source, target, kind, CLAIM, settings)
    with target.open("rb") as stream:
        assert credentials.inspect(stream, kind, keys.anchors(settings)).state == "trusted"


def test_the_key_is_made_once_and_only_its_owner_can_read_it(settings, signed):
    key = settings.home / "credentials" / "key.pem"
    assert stat.S_IMODE(key.stat().st_mode) == 0o600
    before = key.read_bytes()
    assert keys.home(settings) == key.parent
    assert key.read_bytes() == before


def test_an_operator_signs_with_a_certificate_of_their_own(settings, signed, tmp_path):
    theirs = keys.home(Settings(home=tmp_path / "theirs"))
    own = settings.model_copy(
        update={"certificate": theirs / "chain.pem", "certificate_key": theirs / "key.pem"}
    )
    credentials.sign(signed, tmp_path / "a.mp4", "video/mp4", CLAIM, own)
    assert inspect((tmp_path / "a.mp4").read_bytes(), own).state == "trusted"
    assert inspect((tmp_path / "a.mp4").read_bytes(), settings).state == "untrusted"


def test_whoever_else_the_operators_authority_signed_for_is_not_this_installation(signed, tmp_path):
    authority = ec.generate_private_key(ec.SECP256R1())
    one, other = (certified(tmp_path, authority, name) for name in ("one", "other"))
    credentials.sign(signed, tmp_path / "a.mp4", "video/mp4", CLAIM, one)
    assert inspect((tmp_path / "a.mp4").read_bytes(), one).state == "trusted"
    assert inspect((tmp_path / "a.mp4").read_bytes(), other).state == "untrusted"
    # What the installation signed before it had a certificate is still its own.
    before = Settings(home=one.home)
    credentials.sign(signed, tmp_path / "b.mp4", "video/mp4", CLAIM, before)
    assert inspect((tmp_path / "b.mp4").read_bytes(), one).state == "trusted"


def certified(folder, authority, name):
    """An installation with a certificate that an authority signed."""
    _, top = certificate(authority, authority, "Authority", ca=True)
    key, leaf = certificate(ec.generate_private_key(ec.SECP256R1()), authority, name, ca=False)
    (folder / f"{name}.pem").write_bytes(leaf + top)
    (folder / f"{name}.key").write_bytes(key)
    return Settings(
        home=folder / name, certificate=folder / f"{name}.pem", certificate_key=folder / f"{name}.key"
    )


def certificate(key, authority, name, *, ca):
    """A key and its certificate, both as PEM."""
    start = datetime.now(UTC) - timedelta(minutes=5)
    others = ("content_commitment", "key_encipherment", "data_encipherment", "key_agreement")
    usage = dict.fromkeys((*others, "encipher_only", "decipher_only"), False)
    subject, issuer = (
        x509.Name(
            [x509.NameAttribute(kind, who) for kind in (NameOID.ORGANIZATION_NAME, NameOID.COMMON_NAME)]
        )
        for who in (name, "Authority")
    )
    draft = (
        x509.CertificateBuilder(issuer, subject, key.public_key(), x509.random_serial_number())
        .not_valid_before(start)
        .not_valid_after(start + timedelta(days=30))
        .add_extension(x509.BasicConstraints(ca, None), critical=True)
        .add_extension(x509.KeyUsage(digital_signature=not ca, key_cert_sign=ca, crl_sign=ca, **usage), True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(authority.public_key()), False)
    )
    if not ca:
        draft = draft.add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.EMAIL_PROTECTION]), False)
    pem = serialization.Encoding.PEM
    secret = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    return secret, draft.sign(authority, hashes.SHA256()).public_bytes(pem)


@pytest.mark.parametrize("content", [None, b"", b"\xff\xfe", b"-----BEGIN CERTIFICATE-----\nAA\n"])
def test_a_certificate_that_cannot_be_read_is_told(settings, content, tmp_path):
    path = tmp_path / "own.pem"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(SetupError, match=r'E-CREDENTIALS-KEY.*"own\.pem"'):
        keys.anchors(settings.model_copy(update={"certificate": path, "certificate_key": path}))


def test_half_of_a_key_pair_is_refused(settings, signed, tmp_path):
    half = settings.model_copy(update={"certificate": signed})
    with pytest.raises(SetupError, match="E-CREDENTIALS-KEY"):
        keys.fingerprint(half)


def test_a_file_that_was_changed_in_the_store_does_not_leave_it(tmp_path, monkeypatch):
    fakes.install(monkeypatch)
    settings = Settings(home=tmp_path / "home", width=448, height=256, workers=1)
    pipeline.render(Order(source="One."), settings, tmp_path / "a.mp4", runner=Here())
    [kept] = (settings.home / "store" / "lesson").glob("*/*.mp4")
    kept.write_bytes(kept.read_bytes()[:-1] + b"x")
    note = kept.with_suffix(".json")  # mere damage is noticed by this, and the file made anew
    note.write_text(json.dumps({**json.loads(note.read_text()), "sha256": digest_of_file(kept)}))
    with pytest.raises(WorkError, match="E-CREDENTIALS-BROKEN"):
        pipeline.render(Order(source="One."), settings, tmp_path / "b.mp4", runner=Here())
    assert not (tmp_path / "b.mp4").exists()
