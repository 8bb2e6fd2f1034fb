"""A PostgreSQL of the tests' own, in a temporary folder, run by an account without privileges."""

import os
import pwd
import shutil
import signal
import socket
import subprocess
from contextlib import contextmanager
from pathlib import Path

import pytest


def _program(name):
    found = shutil.which(name) or next(iter(sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{name}"))), None)
    return str(found) if found else None


def _account():
    """PostgreSQL refuses to run as root."""
    if os.getuid() != 0:
        return None
    for name in ("postgres", "nobody"):
        try:
            return pwd.getpwnam(name)
        except KeyError:
            continue
    pytest.skip("there is no account without privileges")


@contextmanager
def running(folder):
    """Its address; skipped where it is not installed."""
    if not (_program("initdb") and _program("postgres")):
        pytest.skip("PostgreSQL is not installed (apt-get install postgresql)")
    account = _account()
    options = {"user": account.pw_uid, "group": account.pw_gid} if account else {}
    data = Path(folder) / "postgres"
    data.mkdir(mode=0o700)
    if account:
        os.chown(data, account.pw_uid, account.pw_gid)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, "cwd": "/"}
    init = [_program("initdb"), "-D", str(data), "-U", "tester", "--auth=trust", "--no-sync"]
    subprocess.run(init, check=True, **quiet, **options)
    command = [_program("postgres"), "-D", str(data), "-p", str(port), "-c", "listen_addresses=127.0.0.1",
               "-c", "unix_socket_directories=", "-c", "fsync=off"]  # fmt: skip
    server = subprocess.Popen(command, **quiet, **options)
    address = f"postgresql://tester@127.0.0.1:{port}/postgres"
    try:
        _wait(address)
        yield address
    finally:
        server.send_signal(signal.SIGINT)  # at once: it would wait for connections that are kept open
        server.wait()


def _wait(address):
    import time

    import psycopg

    for _ in range(200):
        try:
            psycopg.connect(address).close()
            return
        except psycopg.OperationalError:
            time.sleep(0.1)
    raise RuntimeError("PostgreSQL does not answer")
