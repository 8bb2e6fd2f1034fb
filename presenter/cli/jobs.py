"""Commands about jobs: ordering videos from the workers, and looking after them."""

from __future__ import annotations

import argparse
import json
import sys
import time
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from presenter.cli.arguments import add_lesson, clear_progress, clock, ordered, show_progress, studio
from presenter.errors import PresenterError, WorkError

if TYPE_CHECKING:
    from presenter.jobs import Job
    from presenter.order import Order
    from presenter.studio import Studio

OWNER = "cli"
"""Owner of the jobs that are ordered on the command line."""

EXAMPLES = """examples:
  presenter jobs add lesson.md --portrait ben           order a video; prints the job's id
  presenter jobs watch ID                               follow it until it is done
  presenter jobs list
"""


def add(commands: Any) -> None:
    """Add ``jobs`` with its actions, and ``batch``."""
    jobs = commands.add_parser(
        "jobs", help="order videos from the workers; list, show, watch, cancel or retry jobs",
        epilog=EXAMPLES, formatter_class=argparse.RawDescriptionHelpFormatter,
    )  # fmt: skip
    actions = jobs.add_subparsers(required=True, metavar="ACTION")
    order = actions.add_parser("add", help="order a video; prints the job's id")
    add_lesson(order)
    order.add_argument("--key", metavar="K", help="names this order: given twice, it is taken once")
    order.add_argument(
        "--priority", type=int, choices=range(100), default=10, metavar="0-99", help="first is 0"
    )
    order.set_defaults(command=_add)
    listing = actions.add_parser("list", help="list the jobs of everybody, the newest first")
    listing.set_defaults(command=_list)
    for name, command, text in (
        ("show", _show, "tell all about a job"),
        ("watch", _watch, "follow a job until it ends"),
        ("cancel", _cancel, "stop a job"),
        ("retry", _retry, "make a job once more that failed or was cancelled"),
    ):
        action = actions.add_parser(name, help=text)
        action.add_argument("id", metavar="ID")
        action.set_defaults(command=command)
    for action in (listing, actions.choices["show"]):
        action.add_argument("--json", action="store_true", help="print as JSON")
    _add_batch(commands)


def _add_batch(commands: Any) -> None:
    batch = commands.add_parser(
        "batch", help="one video for each row of a table",
        description="Each {{name}} in the lesson becomes what the table's column of that name holds. "
        "Sentences that are the same in several rows are spoken and drawn once.",
    )  # fmt: skip
    add_lesson(batch)
    batch.add_argument("rows", type=Path, metavar="ROWS.csv", help="a table with one heading for each field")
    batch.add_argument("-o", "--out", type=Path, required=True, metavar="FOLDER", help="where the videos go")
    batch.add_argument(
        "--name", metavar="COLUMN", help="column that names the files (default: the row's number)"
    )
    batch.set_defaults(command=_batch)


def _add(options: argparse.Namespace) -> int:
    here = studio()
    with ordered(options, here) as (order, _):  # what a deck shows is copied when the order is taken
        job = here.submit(order, owner=OWNER, key=options.key, priority=options.priority)
    print(job.id)
    return 0


def _list(options: argparse.Namespace) -> int:
    rows = studio().jobs(None)
    if options.json:
        print(json.dumps([asdict(row) for row in rows], ensure_ascii=False))
        return 0
    for row in rows:
        print(f"{row.id}  {row.state:<9} {row.done:4.0%}  {_when(row.created)}  {row.title}")
    return 0


def _show(options: argparse.Namespace) -> int:
    job = studio().job(options.id, None)
    if options.json:
        print(json.dumps(asdict(job), ensure_ascii=False))
        return 0
    print(f'"{job.title}", {job.language}: {_line(job)}')
    print(f"ordered {_when(job.created)} by {job.owner}; {job.ready} of {job.count or '?'} pieces are ready")
    if job.video:
        print(f"{job.video.path}: {clock(job.video.seconds)}")
    if job.error:
        print(f"{job.error.code}: {job.error.message} {job.error.hint} (reference {job.error.reference})")
    return 0


def _watch(options: argparse.Namespace) -> int:
    here = studio()
    while not (job := here.job(options.id, None)).finished:
        show_progress(job.done, _line(job))
        time.sleep(0.5)
    clear_progress()
    if job.error:
        raise WorkError(job.error.code, job.error.message, job.error.hint, job.error.field)
    print(job.video.path if job.video else "cancelled")
    return 0 if job.video else 1


def _cancel(options: argparse.Namespace) -> int:
    print(_line(studio().cancel(options.id, None)))
    return 0


def _retry(options: argparse.Namespace) -> int:
    print(_line(studio().retry(options.id, None)))
    return 0


def _batch(options: argparse.Namespace) -> int:
    here = studio()
    with ordered(options, here) as (order, _):
        return _rows(options, here, order)


def _rows(options: argparse.Namespace, here: Studio, order: Order) -> int:
    from presenter import batch

    rows = batch.read(options.rows, order.source, name=options.name)
    failed = drawn = 0
    for number, row in enumerate(rows, 1):
        try:
            video = here.render(batch.fill(order, row), options.out / f"{row.name}.mp4")
        except PresenterError as error:  # the other rows are made all the same
            failed += 1
            print(f"row {number}: {error}", file=sys.stderr)
            continue
        drawn += video.rendered
        print(
            f"{video.path}: {clock(video.seconds)}, {video.rendered} pieces drawn, {video.reused} reused",
            flush=True,
        )
    print(f"{len(rows) - failed} of {len(rows)} videos, {drawn} pieces drawn")
    return 1 if failed else 0


def _line(job: Job) -> str:
    """A job in a few words."""
    if job.state == "queued":
        return f"waiting, {job.ahead} before it" if job.ahead else "waiting"
    if job.state == "running":
        left = "" if job.left is None else f", {clock(job.left)} left"
        return f"{job.message}{left}"
    return job.state


def _when(seconds: float) -> str:
    return time.strftime("%Y-%m-%d %H:%M", time.localtime(seconds))
