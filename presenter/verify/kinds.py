"""What kind a file is of, by its first bytes; names prove nothing."""

from __future__ import annotations

import re

from presenter import audio, credentials, seals
from presenter.errors import InputError

DECK = credentials.KINDS[".pptx"]
SUBRIP = "application/x-subrip"
TEXTS = (*seals.KINDS.values(), SUBRIP)
"""Kinds of texts that presenter makes."""

_STARTS = {
    b"\x1a\x45\xdf\xa3": "video/webm", b"fLaC": "audio/flac", b"OggS": "audio/ogg", b"ID3": "audio/mpeg",
    b"\xff\xd8\xff": "image/jpeg", b"\x89PNG": "image/png", b"GIF8": "image/gif",
}  # fmt: skip
_FIRST_CUE = re.compile(rb"\s*\d+\r?\n\d{2,}:\d\d:\d\d[,.]\d{1,3} --> ")


def kind_of(data: bytes) -> str:
    """MIME type.

    Raises:
        InputError: ``E-VERIFY-TYPE`` for a kind that presenter neither makes nor finds marks in.
    """
    if data[4:8] == b"ftyp":
        return "audio/mp4" if data[8:11] == b"M4A" else "video/mp4"
    if data[:4] == b"RIFF" and data[8:12] in (b"WAVE", b"WEBP"):
        return "audio/wav" if data[8:12] == b"WAVE" else "image/webp"
    if audio.is_tagged_flac(data):
        return "audio/flac"
    for start, kind in _STARTS.items():
        if data.startswith(start):
            return kind
    if len(data) > 1 and data[0] == 0xFF and data[1] & 0xE0 == 0xE0:
        return "audio/mpeg"
    if data[:4] == b"PK\3\4" and b"ppt/presentation.xml" in data:
        return DECK
    return _text(data.removeprefix(b"\xef\xbb\xbf"))


def _text(data: bytes) -> str:
    head = data[:200].lstrip().lower()
    if data.startswith(b"WEBVTT"):
        return "text/vtt"
    if head.startswith((b"<!doctype html", b"<html")):
        return "text/html"
    if data.startswith(b"# "):
        return "text/markdown"
    if _FIRST_CUE.match(data):
        return SUBRIP
    raise InputError(
        "E-VERIFY-TYPE", "This kind of file cannot carry a mark of presenter.",
        "Choose a video (MP4, MOV, MKV, WebM), a sound, a picture, captions, a transcript or a deck (PPTX).",
        "file",
    )  # fmt: skip
