"""The command line.

Exit status: 0 done, 1 it failed on the way, 2 the input must be mended, 3 the set-up must be mended.
"""

from __future__ import annotations

import argparse
import json
import logging
import os
import sys
from collections.abc import Callable, Sequence

from presenter import __version__
from presenter.cli import (
    chat,
    checkpoints,
    decks,
    export,
    house,
    jobs,
    measure,
    people,
    pronounce,
    render,
    service,
    speech,
    train,
    trust,
    voices,
)
from presenter.errors import PresenterError, WorkError
from presenter.interrupts import stoppable
from presenter.terminal import Parser, mend_streams


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; returns the exit status."""
    mend_streams()
    options = argparse.Namespace()
    try:
        with stoppable():
            _parser().parse_args(arguments, options)
            logging.basicConfig(format="%(message)s")
            logging.getLogger("presenter").setLevel(logging.DEBUG if options.verbose else logging.INFO)
            command: Callable[[argparse.Namespace], int] = options.command
            status = command(options)
            sys.stdout.flush()
            return status
    except PresenterError as error:
        _complain(error, options)
        return error.exit
    except KeyboardInterrupt:
        line = "\n" if sys.stderr.isatty() else ""  # the terminal shows ^C behind the progress
        print(f"{line}Stopped. What was finished is kept; start again to go on from there.", file=sys.stderr)
        return 1
    except BrokenPipeError:
        # Nobody reads on: what is still to be flushed at the exit goes nowhere.
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        return 1
    except OSError as error:
        reason = error.strerror or type(error).__name__
        what = f"The system refused to read or write ({reason})."
        return _unforeseen(WorkError("E-SYSTEM", what, "Check disk space and permissions."), error, options)
    except Exception as error:  # a bug: say so without a traceback
        what = f"Internal error ({type(error).__name__})."
        shown = PresenterError("E-INTERNAL", what, "Run again with --verbose and report it.")
        return _unforeseen(shown, error, options)


def _unforeseen(shown: PresenterError, error: Exception, options: argparse.Namespace) -> int:
    """Say it in one sentence and keep the details in the log, under the reference."""
    logging.getLogger("presenter").debug("%s %s", shown.code, shown.reference, exc_info=error)
    _complain(shown, options)
    return shown.exit


def _complain(error: PresenterError, options: argparse.Namespace) -> None:
    if getattr(options, "json", False):
        print(json.dumps(error.as_dict(), ensure_ascii=False))
    print(f"{error} (reference {error.reference})", file=sys.stderr)


def _parser() -> argparse.ArgumentParser:
    parser = Parser(
        prog="presenter",
        description="A script, a photo and a voice in; a talking-head lesson video out.",
        epilog=render.EXAMPLES,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="version", version=f"presenter {__version__}")
    parser.add_argument("--verbose", action="store_true", help="log details, also of internal errors")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    groups = (
        render,
        chat,
        decks,
        export,
        jobs,
        service,
        speech,
        voices,
        measure,
        train,
        checkpoints,
        trust,
        people,
        house,
        pronounce,
    )
    for group in groups:
        group.add(commands)
    return parser
