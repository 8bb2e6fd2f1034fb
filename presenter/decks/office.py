"""LibreOffice draws a presentation as a PDF: the faithful renderer, where it is installed."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path
from xml.sax.saxutils import escape

from presenter.typeset import FONTS

SECONDS = 120
"""Wall-clock time after which a conversion is ended (s)."""
_MEMORY = 4_000_000
"""Kibibytes of address space; a usual conversion takes half of it."""
_FILE = 600_000
"""Blocks of 512 bytes that one of its files may have."""
_SETTING = """<item oor:path="/org.openoffice.Office.Common/Security/Scripting">
<prop oor:name="{}" oor:op="fuse"><value>{}</value></prop></item>"""
_SETTINGS = """<?xml version="1.0" encoding="UTF-8"?>
<oor:items xmlns:oor="http://openoffice.org/2001/registry" xmlns:xs="http://www.w3.org/2001/XMLSchema"
 xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">{}</oor:items>
""".format(
    "".join(
        _SETTING.format(name, value)
        for name, value in (
            ("MacroSecurityLevel", "3"),
            ("DisableMacrosExecution", "true"),
            ("DisableActiveContent", "true"),
            ("BlockUntrustedRefererLinks", "true"),
        )
    )
)
"""Macros, active content and links are off; the file is free of them anyway (see ``package.washed``)."""
_FONTS = """<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig><include ignore_missing="yes">/etc/fonts/fonts.conf</include><dir>{}</dir></fontconfig>
"""
"""The fonts of the system, and the bundled ones for writing systems that these lack."""


def program() -> str | None:
    """The path of LibreOffice; None where it is not installed."""
    return shutil.which("soffice") or shutil.which("libreoffice")


def to_pdf(decks: Sequence[bytes]) -> list[bytes] | None:
    """Washed PPTX as PDF, without hidden slides; None where LibreOffice is missing, fails or is too slow.

    It runs with a profile of its own, so any number run side by side, without a proxy to the network, and
    with limits on memory, time and files.
    """
    soffice = program()
    if soffice is None or os.name != "posix":
        return None
    with tempfile.TemporaryDirectory(prefix="presenter-office-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        (folder / "profile" / "user").mkdir(parents=True)
        (folder / "profile" / "user" / "registrymodifications.xcu").write_text(_SETTINGS, encoding="utf-8")
        (folder / "fonts.conf").write_text(_FONTS.format(escape(str(FONTS))), encoding="utf-8")
        files = [folder / f"{index}.pptx" for index in range(len(decks))]
        for file, content in zip(files, decks, strict=True):
            file.write_bytes(content)
        limits = f'ulimit -v {_MEMORY}; ulimit -t {SECONDS}; ulimit -f {_FILE}; ulimit -c 0; exec "$@"'
        command = [soffice, "--headless", "--norestore", "--nolockcheck",
                   f"-env:UserInstallation={(folder / 'profile').as_uri()}",
                   "--convert-to", "pdf", "--outdir", name, *map(str, files)]  # fmt: skip
        nowhere = dict.fromkeys(
            ("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY"), "http://127.0.0.1:9"
        )
        kept = {key: os.environ[key] for key in ("PATH", "LANG", "LC_ALL") if key in os.environ}
        process = subprocess.Popen(
            ["/bin/sh", "-c", limits, "sh", *command],
            env={**kept, **nowhere, "HOME": name, "FONTCONFIG_FILE": str(folder / "fonts.conf")},
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            start_new_session=True,
        )  # fmt: skip
        try:
            process.wait(SECONDS)
        except subprocess.TimeoutExpired:
            return None
        finally:
            try:
                os.killpg(process.pid, signal.SIGKILL)  # with what it started
            except ProcessLookupError:
                pass
            process.wait()
        made = [file.with_suffix(".pdf") for file in files]
        return [file.read_bytes() for file in made] if all(file.is_file() for file in made) else None
