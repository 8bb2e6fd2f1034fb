"""Signed credentials (C2PA 2): what a file says about its making, and that it was not changed since.

Each installation signs with its own key, made at the first signature, or with the operator's certificate
(settings ``certificate`` and ``certificate_key``). Signing is the last thing that happens to a file: it
hashes everything in it, so one changed byte shows, and any further processing drops or breaks it. Nothing
here asks the network for anything, unless the operator names a time-stamping service.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from presenter import __version__, keys, records
from presenter.errors import WorkError
from presenter.settings import Settings

VERSION = "1"
"""Raise when what is written into the credentials changes."""
LABEL = "org.presenter.making"
"""Label of our own assertion."""
KINDS = {
    ".mp4": "video/mp4",
    ".m4a": "audio/mp4",
    ".mp3": "audio/mpeg",
    ".wav": "audio/wav",
    ".flac": "audio/flac",
    ".jpg": "image/jpeg",
    ".jpeg": "image/jpeg",
    ".png": "image/png",
    ".webp": "image/webp",
    ".gif": "image/gif",
    ".pptx": "application/vnd.openxmlformats-officedocument.presentationml.presentation",
}
"""Files that can carry credentials, by suffix."""

_SOURCES = "http://cv.iptc.org/newscodes/digitalsourcetype/"
_UNTRUSTED = "signingCredential.untrusted"
_ABSENT = ("ManifestNotFound", "no JUMBF", "compression method not supported")
"""What C2PA says where there are no credentials; a compressed deck was written anew by another program."""


@dataclass(frozen=True, slots=True)
class Ingredient:
    """Something that a file was made from. Its content does not go in, only its digest."""

    title: Literal["photo", "clip", "sample presenter", "picture", "slide"]
    sha256: str


@dataclass(frozen=True, slots=True)
class Agent:
    """An engine that took part."""

    name: str
    """With its kind: ``speaker espeak``."""
    version: str
    licence: str
    commercial: bool
    """Whether its weights may be used commercially."""


@dataclass(frozen=True, slots=True)
class Leave:
    """A consent, as far as strangers may know of it."""

    scope: Literal["face", "voice", "both"]
    level: int
    commitment: str
    """sha256 of the consent's record and a secret salt: proves nothing by itself and names nobody."""


@dataclass(frozen=True, slots=True)
class Claim:
    """What is said about the making of a file. No names, no word of the script."""

    real: bool
    """Whether a real person's face or voice is in it."""
    agents: tuple[Agent, ...]
    ingredients: tuple[Ingredient, ...] = ()
    leaves: tuple[Leave, ...] = ()
    sound: str = ""
    """Id that the sound's watermark carries, 8 hex digits."""
    pieces: tuple[str, ...] = ()
    """Ids that the picture's watermarks carry, 8 hex digits each."""


@dataclass(frozen=True, slots=True)
class Credentials:
    """What was found in a file."""

    state: Literal["none", "trusted", "untrusted", "broken"]
    """``trusted``: signed by this installation and not changed since; ``untrusted``: whole, and signed by
    somebody else; ``broken``: the file or its credentials were changed after signing."""
    digest: str = ""
    """Name of the manifest, which no other file shares."""
    generator: str = ""
    """The program that signed, with its version."""
    signer: str = ""
    """Whom the certificate names."""
    time: str = ""
    """When it says that it was made; ISO 8601."""
    making: str = ""
    """Our own assertion as JSON; ``""`` where there is none."""
    problems: tuple[str, ...] = ()
    """C2PA's codes of what does not hold."""


def sign(source: Path, target: Path, kind: str, claim: Claim, settings: Settings) -> str:
    """Write a copy of a file with its credentials, and read them again as a stranger would.

    Args:
        source: a finished file; it stays as it is.
        target: the copy; the caller sees to it that it appears whole or not at all.
        kind: MIME type, one of ``KINDS``.

    Returns:
        The digest by which ``inspect`` names these credentials.

    Raises:
        SetupError: ``E-CREDENTIALS-KEY`` where key or certificate cannot be used.
        WorkError: ``E-CREDENTIALS-SIGN`` where the signed copy does not hold.
    """
    import c2pa

    chain, key = keys.pair(settings)
    try:
        service = settings.timestamps or None
        info = c2pa.C2paSignerInfo(c2pa.C2paSigningAlg.ES256, chain, key, service)
        with c2pa.Signer.from_info(info) as signer:
            builder = c2pa.Builder(_manifest(claim, kind), context=_context(keys.anchors(settings)))
            with source.open("rb") as given, target.open("w+b") as signed:
                builder.sign(signer, kind, given, signed)
    except c2pa.C2paError as error:
        raise keys.unusable(f"the signature failed ({type(error).__name__})") from error
    with target.open("rb") as signed:
        found = inspect(signed, kind, keys.anchors(settings))
    if found.state != "trusted":
        raise WorkError(
            "E-CREDENTIALS-SIGN",
            f"The signed file does not verify ({', '.join(found.problems) or found.state}).",
            "Check the setting certificate; presenter doctor tells more.",
        )
    return found.digest


def inspect(stream: Any, kind: str, trusted: Mapping[str, str]) -> Credentials:
    """The credentials of a file.

    Args:
        stream: the file, opened for reading.
        kind: MIME type, one of ``KINDS``.
        trusted: whose signatures count as this installation's; see ``keys.anchors``.
    """
    import c2pa

    try:
        with c2pa.Reader(kind, stream, context=_context(trusted)) as reader:
            found = json.loads(reader.json())
            state = str(reader.get_validation_state() or "")
    except c2pa.C2paError as error:
        text = str(error)
        if any(reason in text for reason in _ABSENT):
            return Credentials("none")
        return Credentials("broken", problems=(text.partition(":")[0].strip()[:60] or "unreadable",))
    active = str(found.get("active_manifest", ""))
    manifest = found.get("manifests", {}).get(active, {})
    results = found.get("validation_results", {}).get("activeManifest", {})
    failures = tuple(dict.fromkeys(str(row.get("code", "")) for row in results.get("failure", ())))
    problems = tuple(code for code in failures if code != _UNTRUSTED)
    whole = state in ("Valid", "Trusted") and not problems
    made = [row for row in _assertions(manifest) if row[0].startswith("c2pa.actions")]
    actions = made[0][1].get("actions", [{}]) if made else [{}]
    own = [data for label, data in _assertions(manifest) if label.startswith(LABEL)]
    generator = (manifest.get("claim_generator_info") or [{}])[0]
    signature = manifest.get("signature_info") or {}
    named = "" in trusted or str(signature.get("cert_serial_number", "")) in trusted
    return Credentials(
        state=("trusted" if state == "Trusted" and named else "untrusted") if whole else "broken",
        digest=active[-36:],
        generator=f"{generator.get('name', '')} {generator.get('version', '')}".strip(),
        signer=str(signature.get("common_name") or signature.get("issuer") or ""),
        time=str(signature.get("time") or actions[0].get("when", "")),
        making=json.dumps(own[0], sort_keys=True) if own else "",
        problems=problems,
    )


def _context(trusted: Mapping[str, str]) -> Any:
    import c2pa

    return c2pa.Context(
        c2pa.Settings.from_dict(
            {
                "verify": {"verify_trust": True, "remote_manifest_fetch": False, "ocsp_fetch": False},
                "trust": {"user_anchors": "\n".join(trusted.values())},
                # A thumbnail would carry the person's picture into every copy.
                "builder": {"thumbnail": {"enabled": False}},
            }
        )
    )


def _manifest(claim: Claim, kind: str) -> dict[str, Any]:
    agent = {"name": "presenter", "version": __version__}
    source = "compositeWithTrainedAlgorithmicMedia" if claim.real else "trainedAlgorithmicMedia"
    created = {
        "action": "c2pa.created",
        "when": records.now(),
        "digitalSourceType": _SOURCES + source,
        "softwareAgent": agent,
    }
    names = [f"{row.title}-{number}" for number, row in enumerate(claim.ingredients)]
    placed = [
        {"action": "c2pa.placed", "parameters": {"ingredientIds": [name]}, "softwareAgent": agent}
        for name in names
    ]
    disclosure = {
        "modelType": "c2pa.types.model",
        "modelName": ", ".join(f"{row.name} {row.version}" for row in claim.agents),
        "contentProfile": {"humanOversightLevel": "prompt_guided"},
    }
    forbidden = ("cawg.ai_generative_training", "cawg.ai_training", "cawg.data_mining")
    return {
        "claim_generator_info": [agent],
        "format": kind,
        "ingredients": [
            {"title": row.title, "label": name, "instance_id": f"urn:sha256:{row.sha256}",
             "format": "application/octet-stream", "relationship": "componentOf"}
            for name, row in zip(names, claim.ingredients, strict=True)
        ],
        "assertions": [
            {"label": "c2pa.actions.v2", "data": {"actions": [created, *placed]}},
            {"label": "c2pa.ai-disclosure", "data": disclosure},
            {"label": LABEL, "data": _making(claim)},
            {"label": "cawg.training-mining",
             "data": {"entries": {name: {"use": "notAllowed"} for name in forbidden}}},
        ],
    }  # fmt: skip


def _making(claim: Claim) -> dict[str, Any]:
    return {
        "engines": [
            {"name": row.name, "version": row.version, "licence": row.licence, "commercial": row.commercial}
            for row in claim.agents
        ],
        "ingredients": [{"title": row.title, "sha256": row.sha256} for row in claim.ingredients],
        "consents": [
            {"scope": row.scope, "level": row.level, "sha256": row.commitment} for row in claim.leaves
        ],
        "watermarks": {"sound": claim.sound, "picture": list(claim.pieces)},
        "check": "presenter verify FILE",
    }


def _assertions(manifest: dict[str, Any]) -> Sequence[tuple[str, dict[str, Any]]]:
    rows = ((str(row.get("label", "")), row.get("data")) for row in manifest.get("assertions", ()))
    return [(label, data) for label, data in rows if isinstance(data, dict)]
