"""The package that a PPTX is: looked at before anything is unpacked or parsed (child process only)."""

from __future__ import annotations

import encodings.cp437
import encodings.utf_16
import encodings.utf_16_le  # noqa: F401 - codecs are modules, which cannot be loaded later
import io
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from xml.parsers import expat

from lxml import etree

from presenter.errors import InputError, PresenterError

MOST_ENTRIES = 4000
MOST_BYTES = 200_000_000
"""Unpacked."""
HIGHEST_RATIO = 100
SMALL = 20_000_000
"""Bytes up to which no ratio is suspicious: repetitive XML packs well."""
_LEGACY = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_LINKS = "{http://schemas.openxmlformats.org/package/2006/relationships}Relationship"
_NOWHERE = "about:blank"
_DROPPED = ("ppt/embeddings/ole", "ppt/activex/", "ppt/fonts/", "ppt/vbaproject")


def check(data: bytes) -> zipfile.ZipFile:
    """Open the package where it may be opened; a damaged one raises anything, see ``guarded``.

    Raises:
        InputError: ``E-SLIDES-LOCKED``, ``E-SLIDES-TYPE``, ``E-SLIDES-BOMB``, ``E-SLIDES-XML``,
        ``E-SLIDES-BROKEN``.
    """
    if data.startswith(_LEGACY):
        if "EncryptedPackage".encode("utf-16-le") in data:
            raise refused("LOCKED", "The deck is locked with a password.", "Save a copy without a password.")
        raise refused("TYPE", "This is a presentation of the old kind (.ppt).", "Save it as .pptx or PDF.")
    package = zipfile.ZipFile(io.BytesIO(data))
    entries = package.infolist()
    total = sum(entry.file_size for entry in entries)
    packed = total > SMALL and total > HIGHEST_RATIO * len(data)
    if total > MOST_BYTES or len(entries) > MOST_ENTRIES or packed:
        limit = f"limit {MOST_BYTES / 1e6:.0f}"
        if total <= MOST_BYTES:
            limit = f"limit {MOST_ENTRIES:,} parts, it has {len(entries):,}; {HIGHEST_RATIO} times its size"
        message = f"Unpacks to {total / 1e6:,.0f} MB ({limit}) from {len(data) / 1e6:.1f} MB."
        raise refused("BOMB", message, "Save the deck again, with smaller pictures and videos.")
    names = {entry.filename.lower() for entry in entries}
    if any(name.startswith(("/", "\\")) or ".." in name.replace("\\", "/").split("/") for name in names):
        raise broken()
    if "[content_types].xml" not in names or not any(name.startswith("ppt/") for name in names):
        raise refused("TYPE", "This file is not a presentation.", "Save the deck as .pptx or PDF.")
    for entry in entries:
        if entry.filename.lower().endswith((".xml", ".rels", ".vml", ".svg")):
            _without_doctype(_content(package, entry))
    listed = next(entry for entry in entries if entry.filename.lower() == "[content_types].xml")
    types = _content(package, listed)
    if b"macroEnabled" in types or any("vbaproject" in name for name in names):
        raise refused(
            "TYPE", "The deck carries macros (.pptm), which are never run.", "Save it as .pptx or PDF."
        )
    return package


def washed(package: zipfile.ZipFile) -> bytes:
    """The package without links elsewhere, embedded programs and fonts: what other software may open.

    Words that are a link still look like one, but lead nowhere.
    """
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as copy:
        for entry in package.infolist():
            if entry.filename.lower().startswith(_DROPPED):
                continue
            data = _content(package, entry)
            if entry.filename.endswith(".rels"):
                data = _without_links(data)
            copy.writestr(entry.filename, data)
    return out.getvalue()


def refused(name: str, message: str, hint: str) -> InputError:
    """A deck that is not taken, as an error with the code ``E-SLIDES-<name>``."""
    return InputError(f"E-SLIDES-{name}", message, hint, "deck")


@contextmanager
def guarded() -> Iterator[None]:
    """What parsers raise for a damaged file, which is almost anything, becomes ``E-SLIDES-BROKEN``."""
    try:
        yield
    except (PresenterError, MemoryError):
        raise
    except Exception as error:
        raise broken() from error


def broken() -> InputError:
    """A deck that cannot be read."""
    return refused("BROKEN", "The deck is damaged: not all of it can be read.", "Export it again.")


def _content(package: zipfile.ZipFile, entry: zipfile.ZipInfo) -> bytes:
    try:
        return package.read(entry)
    except RuntimeError as error:  # what zipfile raises for an encrypted entry
        raise refused(
            "LOCKED", "The deck is locked with a password.", "Save a copy without a password."
        ) from error


def _without_doctype(data: bytes) -> None:
    parser = expat.ParserCreate()
    parser.SetParamEntityParsing(expat.XML_PARAM_ENTITY_PARSING_NEVER)

    def found(*_: object) -> None:
        message = "The file contains a document type definition, which is not allowed."
        raise refused("XML", message, "Save it again from the program that made it.")

    parser.StartDoctypeDeclHandler = found
    parser.Parse(data, True)


def _without_links(data: bytes) -> bytes:
    root = etree.fromstring(data, etree.XMLParser(resolve_entities=False, no_network=True))
    for link in list(root.iter(_LINKS)):
        if link.get("TargetMode") != "External":
            continue
        if is_hyperlink(str(link.get("Type"))):
            # Its kind is what the deck says: a picture may name it too, and would be fetched.
            link.set("Target", _NOWHERE)
        else:
            root.remove(link)
    return bytes(etree.tostring(root, xml_declaration=True, encoding="UTF-8", standalone=True))


def is_hyperlink(kind: str) -> bool:
    """Whether a relationship only leads somewhere when it is clicked."""
    return kind.endswith("/hyperlink")
