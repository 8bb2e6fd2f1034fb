"""Commands of the service: the server, workers, tokens, MCP."""

from __future__ import annotations

import argparse
import json
import logging
import time
from dataclasses import asdict
from typing import Any

from presenter.cli.arguments import positive, studio

EXAMPLES = """examples:
  presenter serve                                           page, API and MCP, and one worker
  presenter serve --host 0.0.0.0 --workers 2
  presenter work --database postgresql://me@db/presenter    one more worker on a machine with the same home
  presenter token create ada --role maker                   a token for the API and MCP
"""


def add(commands: Any) -> None:
    """Add ``serve``, ``work``, ``token`` and ``mcp``."""
    form = argparse.RawDescriptionHelpFormatter
    serve = commands.add_parser(
        "serve", help="run the page, the HTTP API, MCP and workers", epilog=EXAMPLES, formatter_class=form
    )
    serve.add_argument("--host", metavar="H", help="address to listen at (default: 127.0.0.1)")
    serve.add_argument("--port", type=int, metavar="P", help="port to listen at (default: 7860)")
    serve.add_argument(
        "--workers", type=int, default=1, metavar="N", help="workers to run beside it (default: 1; 0: none)"
    )
    serve.set_defaults(command=_serve)
    work = commands.add_parser("work", help="run one more worker", epilog=EXAMPLES, formatter_class=form)
    work.add_argument("--only", choices=("lessons", "pieces"), help="take only tasks of this kind")
    work.add_argument("--lessons", type=int, metavar="N", help="lessons that it makes at a time")
    work.add_argument("--pieces", type=int, metavar="N", help="pieces that it draws at a time")
    work.add_argument("--attached", action="store_true", help=argparse.SUPPRESS)
    work.set_defaults(command=_work)
    for parser in (serve, work):
        parser.add_argument("--database", metavar="URL", help="postgresql://... that all machines share")
        parser.add_argument("--json-log", action="store_true", help="log in JSON, one object a line")
    _add_token(commands)
    mcp = commands.add_parser(
        "mcp", help="serve MCP on standard input and output, for an assistant on this machine"
    )
    mcp.set_defaults(command=_mcp)


def _add_token(commands: Any) -> None:
    token = commands.add_parser("token", help="tokens for the HTTP API and MCP: create, list, revoke")
    actions = token.add_subparsers(required=True, metavar="ACTION")
    create = actions.add_parser("create", help="make a token; it is shown once")
    create.add_argument("owner", metavar="OWNER", help="whose jobs it makes and sees")
    create.add_argument(
        "--role", choices=("reader", "maker", "admin"), default="maker",
        help="reader: look and fetch; maker (default): also order; admin: also everybody's jobs and metrics",
    )  # fmt: skip
    create.add_argument("--days", type=positive, metavar="D", help="how long it is valid (default: for ever)")
    create.set_defaults(command=_create)
    listing = actions.add_parser("list", help="list the tokens that hold")
    listing.add_argument("--json", action="store_true", help="print as JSON")
    listing.set_defaults(command=_list)
    revoke = actions.add_parser("revoke", help="make a token worthless")
    revoke.add_argument("id", metavar="ID")
    revoke.set_defaults(command=_revoke)


class JsonLog(logging.Formatter):
    """One JSON object a line: time (UTC), level, logger, message, and the job where one is meant."""

    def format(self, record: logging.LogRecord) -> str:
        when = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(record.created))
        line = {
            "time": when,
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
        }
        if job := getattr(record, "job", None):
            line["job"] = job
        return json.dumps(line, ensure_ascii=False)


class PlainLog(logging.Formatter):
    """A line for people, which names the job where one is meant."""

    def format(self, record: logging.LogRecord) -> str:
        job = getattr(record, "job", None)
        return f"{super().format(record)}{f' (job {job})' if job else ''}"


def _log(options: argparse.Namespace) -> None:
    form = JsonLog() if options.json_log else PlainLog("%(asctime)s %(levelname)s %(message)s")
    for handler in logging.getLogger().handlers:
        handler.setFormatter(form)


def _serve(options: argparse.Namespace) -> int:
    from presenter.web import serve

    _log(options)
    here = studio(host=options.host, port=options.port, database=options.database)
    try:
        serve(here, workers=options.workers)
    except KeyboardInterrupt:
        pass  # that is how a server ends
    return 0


def _work(options: argparse.Namespace) -> int:
    from presenter.jobs.worker import Worker

    _log(options)
    here = studio(database=options.database, lessons=options.lessons, workers=options.pieces)
    Worker(here.settings, only=options.only).run(attached=options.attached)
    return 0


def _create(options: argparse.Namespace) -> int:
    from presenter import tokens

    print(tokens.create(studio().settings.home, options.owner, options.role, options.days))
    return 0


def _list(options: argparse.Namespace) -> int:
    from presenter import tokens

    rows = tokens.kept(studio().settings.home)
    if options.json:
        print(json.dumps([asdict(row) for row in rows]))
        return 0
    for row in rows:
        ends = f"until {row.expires[:10]}" if row.expires else "for ever"
        over = "" if row.valid else "  (expired)"
        print(f"{row.id}  {row.role:<6}  {row.created[:10]} {ends}  {row.owner}{over}")
    return 0


def _revoke(options: argparse.Namespace) -> int:
    from presenter import tokens

    tokens.revoke(studio().settings.home, options.id)
    print("Revoked.")
    return 0


def _mcp(options: argparse.Namespace) -> int:  # noqa: ARG001
    from presenter.jobs.watch import Watch
    from presenter.mcp import build

    here = studio()
    watch = Watch(here.settings)
    try:
        build(here).run("stdio")
    finally:
        watch.close()
    return 0
