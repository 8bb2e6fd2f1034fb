"""Signed statements in texts: captions and transcripts, which have no place for C2PA.

A seal is a JSON Web Signature (RFC 7515, ES256) by the key that signs all other files. It says that the text
is AI-generated, of which video it is and when it was made, and holds the sha256 of the rest of the file. It
stands where the kind of file has a place that readers do not see: a note, an element of the head, a comment.
SubRip has none: such a file is known by its digest in the log alone.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
import re
import uuid
from collections.abc import Collection
from typing import Any

from presenter import __version__, keys, records
from presenter.credentials import Credentials
from presenter.settings import Settings

VERSION = "1"
"""Raise when what a seal says changes."""
KINDS = {".vtt": "text/vtt", ".html": "text/html", ".md": "text/markdown"}
"""Texts that carry a seal, by suffix."""

_MARK = "presenter-seal:"
_SEAL = re.compile(rb"presenter-seal:(eyJ[\w-]{1,8000}\.[\w-]{1,2000}\.[\w-]{86})(?![\w-])")


def seal(text: str, suffix: str, video: str, settings: Settings) -> str:
    """The text with its seal.

    Args:
        suffix: of its file, one of ``KINDS``.
        video: sha256 of the video's file that it was made of.

    Raises:
        SetupError: ``E-CREDENTIALS-KEY`` where key or certificate cannot be used.
    """
    before, after = _split(text, suffix)
    certificate, key = keys.signer(settings)
    said = {
        "id": str(uuid.uuid4()),
        "generator": f"presenter {__version__}",
        "statement": "AI-generated",
        "time": records.now(),
        "video": video,
        "sha256": _digest((before + _MARK + after).encode()),
        "check": "presenter verify FILE",
    }
    head = {"alg": "ES256", "x5c": [base64.b64encode(certificate).decode()]}
    signed = f"{_coded(json.dumps(head).encode())}.{_coded(json.dumps(said).encode())}"
    return f"{before}{_MARK}{signed}.{_coded(keys.signature(key, signed.encode()))}{after}"


def inspect(data: bytes, trusted: Collection[str]) -> Credentials:
    """What a text's seal says.

    Args:
        trusted: sha256 of the certificates that count as this installation's; see ``keys.own``.
    """
    found = list(_SEAL.finditer(data))
    if not found:
        return Credentials("none")
    if len(found) > 1:
        return Credentials("broken", problems=("seal.several",))
    [match] = found
    try:
        head, body, signature = match[1].split(b".")
        certificate = base64.b64decode(_json(head)["x5c"][0], validate=True)
        signer = keys.checked(certificate, head + b"." + body, _plain(signature))
        said = {name: str(value) for name, value in _json(body).items()}
        rest = data[: match.start(1)] + data[match.end(1) :]
        whole = said["sha256"] == _digest(rest)
        known = hashlib.sha256(certificate).hexdigest() in trusted
        return Credentials(
            state="broken" if not whole else "trusted" if known else "untrusted",
            digest=said["id"],
            generator=said["generator"],
            signer=signer,
            time=said["time"],
            making=json.dumps(said, sort_keys=True),
            problems=() if whole else ("seal.mismatch",),
        )
    except (ValueError, KeyError, TypeError, IndexError, AttributeError, RecursionError):
        return Credentials("broken", problems=("seal.signature",))


def _split(text: str, suffix: str) -> tuple[str, str]:
    """What stands before the seal and what behind it."""
    if suffix == ".vtt":
        head, end, rest = text.partition("\n\n")
        return f"{head}{end or chr(10) * 2}NOTE ", f"\n\n{rest}"
    if suffix == ".html":
        head, end, rest = text.partition("</head>")
        return f'{head}<meta name="presenter-seal" content="', f'">\n{end}{rest}'
    return f"{text.rstrip()}\n\n<!-- ", " -->\n"


def _digest(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


def _coded(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def _plain(coded: bytes) -> bytes:
    try:
        return base64.urlsafe_b64decode(coded + b"=" * (-len(coded) % 4))
    except binascii.Error as error:
        raise ValueError("no base64") from error


def _json(coded: bytes) -> dict[str, Any]:
    found = json.loads(_plain(coded))
    if not isinstance(found, dict):
        raise ValueError("no object")
    return found
