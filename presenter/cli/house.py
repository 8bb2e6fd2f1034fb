"""Commands that keep house: engines, the store."""

from __future__ import annotations

import argparse
import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

from presenter.cli.arguments import studio


def add(commands: Any) -> None:
    """Add ``engines``, ``doctor`` and ``forget``."""
    for name, command, text in (
        ("engines", _engines, "list the engines with licence and languages"),
        ("doctor", _doctor, "check that everything needed is there"),
    ):
        parser = commands.add_parser(name, help=text)
        parser.add_argument("--json", action="store_true", help="print as JSON")
        parser.set_defaults(command=command)
    forget = commands.add_parser("forget", help="delete finished work, or all that was made from a photo")
    what = forget.add_mutually_exclusive_group(required=True)
    what.add_argument("--all", action="store_true", help="everything in the store")
    what.add_argument("--photo", type=Path, metavar="P", help="all that was derived from this file")
    forget.set_defaults(command=_forget)


def _engines(options: argparse.Namespace) -> int:
    from presenter.engines import engines

    rows = engines()
    if options.json:
        print(json.dumps([asdict(row) for row in rows], ensure_ascii=False))
        return 0
    for row in rows:
        use = "commercial use" if row.commercial else "NON-COMMERCIAL WEIGHTS"
        more = f", {row.languages} languages" if row.languages else ""
        print(f"{row.kind:<9} {row.name:<10} {row.licence:<17} {use}{more}\n{'':<21}{row.summary}")
    return 0


def _doctor(options: argparse.Namespace) -> int:
    findings = studio().doctor()
    if options.json:
        print(json.dumps([asdict(finding) for finding in findings], ensure_ascii=False))
    else:
        for finding in findings:
            print(f"{finding.state:<5} {finding.name}: {finding.detail}")
            if finding.remedy:
                print(f"{'':<6}-> {finding.remedy}")
    return 3 if any(finding.state == "fail" for finding in findings) else 0


def _forget(options: argparse.Namespace) -> int:
    from presenter.people import reference_of

    references = [] if options.all else [reference_of(options.photo)]
    print(f"{studio().forget(*references)} files deleted")
    return 0
