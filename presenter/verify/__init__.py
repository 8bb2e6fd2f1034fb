"""Was this file made here? Credentials, watermarks, label and the records of this installation in one answer.

Anybody can ask, with the file alone; it works on copies that were coded anew, cut, scaled or stripped. The
data of strangers is read in a child process with limits.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from presenter import audit, keys, provenance, sandbox, takedown
from presenter.credentials import Credentials
from presenter.errors import InputError
from presenter.settings import Settings
from presenter.store import digest_of_file
from presenter.verify import looks
from presenter.verify.kinds import kind_of
from presenter.watermark import picture, sound

LARGEST = 500_000_000
"""Bytes of a file that is looked at."""
SECONDS = 60.0
"""How long it may take (s)."""

Answer = Literal["made here", "altered", "elsewhere", "unknown"]


@dataclass(frozen=True, slots=True)
class Verdict:
    """What is known about a file."""

    answer: Answer
    """``made here``: exactly as it left; ``altered``: made here and changed since; ``elsewhere``: marked or
    signed by somebody else; ``unknown``: nothing was found, which does not say that it is real."""
    sentence: str
    """The answer in plain words."""
    digest: str
    """sha256 of the file."""
    credentials: Credentials | None
    """Or what its seal says; None for a kind of file that cannot carry any."""
    sound: sound.Found | None
    picture: picture.Found | None
    label: bool
    """Whether its metadata, or the text that it is, says in words that it is AI-generated."""
    seen: looks.Seen | None
    """What was seen of the label in the pictures; None where there are none."""
    videos: tuple[str, ...]
    """sha256 of the videos of this installation that it is, or comes from."""
    blocked: bool
    """Whether one of these was taken down."""


def verify(path: Path, settings: Settings) -> Verdict:
    """Look at a file.

    Raises:
        InputError: ``E-VERIFY-FILE`` where it cannot be opened, ``E-VERIFY-TYPE`` for a kind that is not
            looked at, ``E-VERIFY-LARGE``, and what its decoders refuse.
    """
    data = _content(path)
    kind = kind_of(data)
    read = sandbox.run(
        "presenter.verify.reading:look", data, seconds=SECONDS, memory=3_000_000_000,
        kind=kind, trusted=keys.anchors(settings), certificates=keys.own(settings),
    )  # fmt: skip
    seen = json.loads(read["answer"].tobytes())
    label = looks.look(list(read["luma"])) if "luma" in read else None
    return _judge(digest_of_file(path), seen, label, settings)


def _content(path: Path) -> bytes:
    if not path.is_file():  # a pipe or a device would be read for ever
        raise InputError("E-VERIFY-FILE", f'There is no file "{path.name}".', "Check its name.", "file")
    try:
        size = path.stat().st_size
        if size <= LARGEST:
            return path.read_bytes()
    except OSError as error:
        raise InputError(
            "E-VERIFY-FILE", f'"{path.name}" cannot be read ({error.strerror}).', "Check its permissions.",
            "file",
        ) from error  # fmt: skip
    raise InputError(
        "E-VERIFY-LARGE", f"The file has {size / 1e6:,.0f} MB; the limit is {LARGEST / 1e6:,.0f}.",
        "Cut out a part: a minute is enough.", "file",
    )  # fmt: skip


def _judge(digest: str, seen: dict[str, Any], label: looks.Seen | None, settings: Settings) -> Verdict:
    signed = _signed(seen["credentials"])
    heard = None if seen["sound"] is None else sound.Found(**seen["sound"])
    shown = None if seen["picture"] is None else picture.Found(
        seen["picture"]["score"], tuple(seen["picture"]["identities"])
    )  # fmt: skip
    published = {str(line.detail["digest"]): line for line in audit.lines(settings.home)
                 if line.event in ("published", "spoken") and "digest" in line.detail}  # fmt: skip
    named = [digest for digest, line in published.items()
             if signed and signed.digest and line.detail.get("credentials") == signed.digest]  # fmt: skip
    carried = audit.marks(settings.home)
    identities = [
        *(shown.identities if shown else ()),
        *([heard.identity] if heard and heard.identity else ()),
    ]
    known = [video for identity in identities for video in carried.get(identity, ())]
    made = [digest] if digest in published else named
    own = [str(published[name].detail.get("video") or name) for name in made]
    videos = tuple(dict.fromkeys(own or known))
    answer, sentence = _answer(
        digest in published, signed, bool(named), bool(known), identities, heard, shown
    )
    if answer == "unknown" and label and label.present:
        sentence = "It carries a label like presenter's, and nothing else that tells where it comes from."
    return Verdict(
        answer=answer,
        sentence=sentence,
        digest=digest,
        credentials=signed,
        sound=heard,
        picture=shown,
        label=provenance.has_label(seen["comment"]),
        seen=label,
        videos=videos,
        blocked=any(takedown.is_blocked(settings.home, video) for video in (digest, *videos)),
    )


def _signed(values: dict[str, Any] | None) -> Credentials | None:
    return None if values is None else Credentials(**{**values, "problems": tuple(values["problems"])})


def _answer(published: bool, signed: Credentials | None, named: bool, known: bool,
            identities: list[str], heard: sound.Found | None, shown: picture.Found | None,
            ) -> tuple[Answer, str]:  # fmt: skip
    state = signed.state if signed else "none"
    if published:
        return "made here", "This file was made here and is exactly as it left."
    if state == "trusted" and not named:
        return "made here", "This file was signed here and is whole; the log has no line about it."
    if named or known:
        how = "its signature shows" if state in ("broken", "trusted") else "its watermark shows"
        return "altered", f"This was made here and was changed after it left, as {how}."
    if state == "untrusted":
        assert signed is not None
        by = f'"{signed.generator}" with the certificate of "{signed.signer}"'
        return "elsewhere", f"This was not made here. It is signed by {by} and unchanged since."
    if identities:
        return "elsewhere", "This was made with presenter by another installation, and carries its watermark."
    if (heard and heard.present) or (shown and shown.present):
        return "elsewhere", "This carries a watermark of presenter; whose cannot be read any more."
    if state == "broken":  # of whose making nothing else is left
        return "unknown", "The file carries credentials that do not hold, so they say nothing about it."
    return "unknown", "Nothing was found. That does not mean that it is real."
