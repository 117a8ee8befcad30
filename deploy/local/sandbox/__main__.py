"""The sandbox process: SANDBOX_HOST, SANDBOX_PORT, SANDBOX_SMTP_PORT, and who has which phone. Stops on SIGTERM."""

from __future__ import annotations

import json
import os
import signal
import threading
from pathlib import Path

from werkzeug.serving import WSGIRequestHandler, make_server

from deploy.local.sandbox import accounts
from deploy.local.sandbox.app import create_app
from deploy.local.sandbox.gateway import HANG_SECONDS, Gateway
from deploy.local.sandbox.people import People
from deploy.local.sandbox.smtp import controller
from deploy.local.sandbox.store import Store


class QuietHandler(WSGIRequestHandler):
    """Connections stay open; no line per request, since the page asks every second."""

    protocol_version = "HTTP/1.1"

    def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
        pass


def main() -> None:
    env, stopping = os.environ, threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stopping.set())
    file = _path("SANDBOX_FILE")
    if file:
        file.parent.mkdir(parents=True, exist_ok=True)
    store, people = Store(file), _people()
    gateway = Gateway(store, people, stopping, float(env.get("SANDBOX_HANG_SECONDS", HANG_SECONDS)))
    staff = accounts.read(_path("SANDBOX_ACCOUNTS_FILE"), _path("LENTIENG_DIRECTORY"))
    app = create_app(store, people, gateway, json.loads(env.get("SANDBOX_LINKS", "{}")), staff)
    host = env.get("SANDBOX_HOST", "127.0.0.1")
    mail = controller(store, people, host, int(env["SANDBOX_SMTP_PORT"]))
    web = make_server(host, int(env["SANDBOX_PORT"]), app, threaded=True, request_handler=QuietHandler)
    web.daemon_threads = True  # a call that is left hanging must not hold up the end
    mail.start()
    serving = threading.Thread(target=web.serve_forever, kwargs={"poll_interval": 0.1}, daemon=True)
    serving.start()
    stopping.wait()
    web.shutdown()
    mail.stop()


def _people() -> People:
    operator = tuple(filter(None, os.environ.get("SANDBOX_OPERATOR", "").split(",")))
    return People.read(_path("CONTACTS_SEED_FILE"), _path("LENTIENG_DIRECTORY"), operator)


def _path(name: str) -> Path | None:
    value = os.environ.get(name)
    return Path(value) if value else None


if __name__ == "__main__":
    main()
