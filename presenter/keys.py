"""The key that signs, and its certificates: made at first use, or the operator's.

Each installation signs with its own key, or with the operator's certificate (settings ``certificate`` and
``certificate_key``); the key of its own root is thrown away.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import uuid
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from presenter.errors import SetupError
from presenter.settings import Settings

_YEARS = 10
_CHAIN, _KEY = "chain.pem", "key.pem"


def anchors(settings: Settings) -> dict[str, str]:
    """Whose signatures count as this installation's: its own, and the operator's.

    Returns:
        The certificate at the top of each chain (PEM) by the serial number of the one that signs: an
        authority signs for many. The own authority signed once, so where it is the only one any number
        will do, which is ``""``.

    Raises:
        SetupError: ``E-CREDENTIALS-KEY`` where a certificate cannot be read.
    """
    own = _read(home(settings) / _CHAIN)
    if settings.certificate is None:
        return {"": _last(own)}
    from cryptography import x509

    try:
        chains = (own, _read(settings.certificate))
        return {
            str(x509.load_pem_x509_certificate(chain.encode()).serial_number): _last(chain)
            for chain in chains
        }
    except ValueError as error:
        raise unusable(f'"{settings.certificate.name}" holds no certificate') from error


def own(settings: Settings) -> tuple[str, ...]:
    """sha256 of the certificates that this installation signs with, and signed with at first.

    Raises:
        SetupError: ``E-CREDENTIALS-KEY`` where a certificate cannot be read.
    """
    chains = {home(settings) / _CHAIN, _paths(settings, home(settings))[0]}
    return tuple(sorted(hashlib.sha256(_leaf(path)).hexdigest() for path in chains))


def signer(settings: Settings) -> tuple[bytes, Any]:
    """The certificate (DER) and the key that sign.

    Raises:
        SetupError: ``E-CREDENTIALS-KEY`` where they cannot be used.
    """
    from cryptography.hazmat.primitives import serialization

    chain, key = _paths(settings, home(settings))
    try:
        return _leaf(chain), serialization.load_pem_private_key(_read(key).encode(), None)
    except (ValueError, TypeError) as error:
        raise unusable(f'"{key.name}" holds no key') from error


def signature(key: Any, data: bytes) -> bytes:
    """A signature ES256 (RFC 7518, 3.4): 64 bytes.

    Raises:
        SetupError: ``E-CREDENTIALS-KEY`` for a key of another kind.
    """
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric import ec, utils

    if not isinstance(key, ec.EllipticCurvePrivateKey) or key.key_size != 256:
        raise unusable("the key is not of the kind P-256")
    pair = utils.decode_dss_signature(key.sign(data, ec.ECDSA(hashes.SHA256())))
    return b"".join(number.to_bytes(32, "big") for number in pair)


def checked(certificate: bytes, data: bytes, signed: bytes) -> str:
    """Whom a certificate (DER) names, if ``signed`` is its signature ES256 of the data.

    Raises:
        ValueError: where it is not.
    """
    from cryptography import x509
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric import ec, utils

    read = x509.load_der_x509_certificate(certificate)
    key = read.public_key()
    if not isinstance(key, ec.EllipticCurvePublicKey):
        raise ValueError("another kind of key")
    numbers = (int.from_bytes(part, "big") for part in (signed[:32], signed[32:]))
    try:
        key.verify(utils.encode_dss_signature(*numbers), data, ec.ECDSA(hashes.SHA256()))
    except InvalidSignature as error:
        raise ValueError("another signature") from error
    names = read.subject.get_attributes_for_oid(x509.NameOID.COMMON_NAME)
    return str(names[0].value) if names else ""


def _leaf(path: Path) -> bytes:
    """The certificate (DER) that stands first in a chain."""
    from cryptography import x509
    from cryptography.hazmat.primitives.serialization import Encoding

    try:
        return x509.load_pem_x509_certificate(_read(path).encode()).public_bytes(Encoding.DER)
    except ValueError as error:
        raise unusable(f'"{path.name}" holds no certificate') from error


def _read(path: Path) -> str:
    """The text of a PEM file."""
    try:
        return path.read_text(encoding="ascii")
    except OSError as error:
        raise unusable(f'"{path.name}" cannot be read ({error.strerror})') from error
    except ValueError as error:
        raise unusable(f'"{path.name}" is no PEM file') from error


def fingerprint(settings: Settings) -> str:
    """sha256 of the certificate chain that signs, for cache keys."""
    from presenter.store import digest_of_file

    return digest_of_file(_paths(settings, home(settings))[0])


def home(settings: Settings) -> Path:
    """The folder of the installation's own key and certificates, made now if it is not there yet.

    Raises:
        SetupError: ``E-CREDENTIALS-KEY`` where it cannot be made.
    """
    folder = settings.home / "credentials"
    if (folder / _KEY).is_file():
        return folder
    draft = settings.home / f".credentials-{uuid.uuid4().hex}"
    try:
        draft.mkdir(parents=True, mode=0o700)
        for name, content in _chain().items():
            with open(draft / name, "wb", opener=lambda path, flags: os.open(path, flags, 0o600)) as stream:
                stream.write(content)
        os.rename(draft, folder)
    except OSError as error:
        if not (folder / _KEY).is_file():  # else another process was quicker, and its key is as good
            raise unusable(f"the key cannot be kept ({error.strerror})") from error
    finally:
        shutil.rmtree(draft, ignore_errors=True)
    return folder


def _paths(settings: Settings, folder: Path) -> tuple[Path, Path]:
    """Files of the certificate chain and of the key that sign."""
    if settings.certificate is None and settings.certificate_key is None:
        return folder / _CHAIN, folder / _KEY
    if settings.certificate is None or settings.certificate_key is None:
        raise unusable("only one of certificate and certificate_key is set")
    for path in (settings.certificate, settings.certificate_key):
        if not path.is_file():
            raise unusable(f'there is no file "{path.name}"')
    return settings.certificate, settings.certificate_key


def pair(settings: Settings) -> tuple[bytes, bytes]:
    """The certificate chain and the key that sign, as PEM.

    Raises:
        SetupError: ``E-CREDENTIALS-KEY`` where they cannot be read.
    """
    chain, key = (_read(path).encode() for path in _paths(settings, home(settings)))
    return chain, key


def unusable(why: str) -> SetupError:
    """The error that nothing can be signed."""
    return SetupError(
        "E-CREDENTIALS-KEY",
        f"The video cannot be signed: {why}.",
        "Check the settings certificate and certificate_key (PEM, P-256); nothing else is published.",
    )


def _last(chain: str) -> str:
    """The certificate of a chain that stands highest."""
    begin = "-----BEGIN CERTIFICATE-----"
    return begin + chain.rpartition(begin)[2]


def _chain() -> dict[str, bytes]:
    """A new key with its certificate, signed by a root whose own key nobody keeps (RFC 5280, P-256)."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

    above, own = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    mark = x509.SubjectKeyIdentifier.from_public_key(own.public_key()).digest.hex()[:8]
    start = datetime.now(UTC) - timedelta(minutes=5)  # clocks of those who verify differ

    def name(role: str) -> x509.Name:
        return x509.Name([
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, "presenter, self-made"),
            x509.NameAttribute(NameOID.COMMON_NAME, f"presenter installation {mark} {role}".strip()),
        ])  # fmt: skip

    def certificate(subject: x509.Name, key: Any, *, root: bool) -> x509.Certificate:
        others = ("content_commitment", "key_encipherment", "data_encipherment", "key_agreement")
        usage = dict.fromkeys((*others, "encipher_only", "decipher_only"), False)
        issuer = x509.SubjectKeyIdentifier.from_public_key(above.public_key())
        draft = (
            x509.CertificateBuilder(subject_name=subject, issuer_name=name("root"), public_key=key)
            .serial_number(x509.random_serial_number())
            .not_valid_before(start)
            .not_valid_after(start + timedelta(days=365 * _YEARS))
            .add_extension(x509.BasicConstraints(ca=root, path_length=None), critical=True)
            .add_extension(
                x509.KeyUsage(digital_signature=not root, key_cert_sign=root, crl_sign=root, **usage),
                critical=True,
            )
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(key), critical=False)
        )
        if not root:
            identifier = x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(issuer)
            draft = draft.add_extension(
                x509.ExtendedKeyUsage([ExtendedKeyUsageOID.EMAIL_PROTECTION]), critical=False
            ).add_extension(identifier, critical=False)
        return draft.sign(above, hashes.SHA256())

    root = certificate(name("root"), above.public_key(), root=True)
    leaf = certificate(name(""), own.public_key(), root=False)
    pem = serialization.Encoding.PEM
    key = own.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    return {_KEY: key, _CHAIN: leaf.public_bytes(pem) + root.public_bytes(pem)}
