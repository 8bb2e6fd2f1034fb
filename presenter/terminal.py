"""What a command needs of a terminal: streams that always work, and usage errors in our own style."""

from __future__ import annotations

import argparse
import io
import os
import sys
from typing import NoReturn

from presenter.errors import InputError


class Parser(argparse.ArgumentParser):
    """Says what is wrong with a command as all other errors are said."""

    def error(self, message: str) -> NoReturn:
        """Raise ``E-USAGE``."""
        raise InputError("E-USAGE", f"{message[:1].upper()}{message[1:]}.", f"See {self.prog} --help.")


def mend_streams() -> None:
    """Closed streams lead nowhere, and characters that a stream cannot show do not end the program."""
    for name in ("stdin", "stdout", "stderr"):
        stream = getattr(sys, name)
        if stream is None:
            setattr(sys, name, open(os.devnull, "r" if name == "stdin" else "w"))  # noqa: SIM115
        elif name != "stdin" and isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
