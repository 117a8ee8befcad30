"""How the command line reaches the spool: through the running process, or the file itself when nobody runs.

A second connection to the file is what must never be (see `file.py`), so `spool status` and `spool replay` talk to
the intake that holds it over a Unix socket beside the file, one JSON object a line each way.
"""

from __future__ import annotations

import contextlib
import json
import os
import socket
import socketserver
import threading
from pathlib import Path
from typing import Any

from services.intake.spool.entries import SpoolUnavailable
from services.intake.spool.spool import Spool
from shared import logs

log = logs.get(__name__)


class ControlServer:
    """Serves one spool. Only the user who runs intake can connect (mode 0600)."""

    def __init__(self, spool: Spool, spool_file: Path) -> None:
        self._path = socket_path(spool_file)
        self._path.unlink(missing_ok=True)
        before = os.umask(0o177)
        try:
            self._server = _Server(str(self._path), _Handler)
        finally:
            os.umask(before)
        self._server.spool = spool
        threading.Thread(target=self._server.serve_forever, name="spool-control", daemon=True).start()

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._path.unlink(missing_ok=True)


def socket_path(spool_file: Path) -> Path:
    return spool_file.with_name(spool_file.name + ".sock")


def ask(spool_file: Path, request: dict[str, Any]) -> dict[str, Any]:
    """The answer of the running intake, or of the file where none runs.

    Raises `FileNotFoundError` where there is no spool, `generations.Busy` where a process holds the file but does not
    answer, `SpoolUnavailable` where what it answers is nothing, `sqlite3.Error` for a file that cannot be read.
    """
    if not spool_file.exists():
        raise FileNotFoundError(f"{spool_file}: no spool is there")
    with contextlib.suppress(FileNotFoundError, ConnectionRefusedError), _connected(spool_file) as connection:
        connection.sendall(json.dumps(request).encode() + b"\n")
        with connection.makefile("rb") as lines:
            line = lines.readline()
        try:
            answer = json.loads(line)
        except ValueError:
            raise SpoolUnavailable("the running intake broke off without an answer; ask again") from None
        if not isinstance(answer, dict):
            raise SpoolUnavailable("something else than an intake answers")
        return answer
    spool = Spool(spool_file)
    try:
        return {**perform(spool, request), "running": False}
    finally:
        spool.close()


def perform(spool: Spool, request: dict[str, Any]) -> dict[str, Any]:
    """Carry out one request. Errors come back as `{"error": sentence}`."""
    try:
        if request.get("verb") == "status":
            return vars(spool.status())
        if request.get("verb") == "replay":
            return {"replayed": spool.replay(int(request["from"]), int(request["to"]))}
    except SpoolUnavailable as unavailable:
        return {"error": f"the spool is not available: {unavailable.reason}"}
    except (KeyError, TypeError, ValueError):
        return {"error": "replay needs two numbers, from and to"}
    return {"error": "unknown verb"}


def _connected(spool_file: Path) -> socket.socket:
    connection = socket.socket(socket.AF_UNIX)
    connection.settimeout(15)
    try:
        connection.connect(str(socket_path(spool_file)))
    except OSError:
        connection.close()
        raise
    return connection


class _Server(socketserver.ThreadingMixIn, socketserver.UnixStreamServer):
    daemon_threads = True
    spool: Spool


class _Handler(socketserver.StreamRequestHandler):
    def handle(self) -> None:
        assert isinstance(self.server, _Server)
        with contextlib.suppress(ValueError, OSError):
            request = json.loads(self.rfile.readline(65536))
            answer = perform(self.server.spool, request) if isinstance(request, dict) else {"error": "not an object"}
            self.wfile.write(json.dumps({"running": True, **answer}).encode() + b"\n")
