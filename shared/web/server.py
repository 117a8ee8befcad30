"""gunicorn, the way every service of this project runs it."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable
from typing import Any

from flask import Flask, Response, g, request
from gunicorn.app.base import BaseApplication

from shared import logs


def serve(
    factory: Callable[[], Flask],
    *,
    host: str,
    port: int,
    threads: int = 16,
    on_stop: Callable[[Flask], None] | None = None,
    grace: int = 20,
) -> None:
    """Serve until SIGTERM. `factory` runs in the worker, after the fork: clients, threads and files are its own.

    One worker: its threads share one spool file and one set of connections. `on_stop` runs once the worker has answered
    what it had accepted. gunicorn's access log stays off because it would write paths, and a path can be a token.
    """
    _Server(
        factory,
        on_stop,
        {
            "bind": f"{host}:{port}",
            "workers": 1,
            "worker_class": "shared.web.bounded_worker.BoundedWorker",
            "threads": threads,
            "timeout": 60,
            "graceful_timeout": grace,
            "keepalive": 15,
            "accesslog": None,
            "errorlog": "-",
            "logger_class": "shared.web.quiet_log.QuietLog",
            "loglevel": "warning",
            "control_socket_disable": True,
            "worker_tmp_dir": "/dev/shm",  # noqa: S108 - heartbeat file in memory: a slow disk must not kill the worker
            "forwarded_allow_ips": "127.0.0.1",
            "limit_request_line": 2048,
        },
    ).run()


def log_requests(app: Flask, service: str) -> None:
    """One line per request with the rule that matched (`/a/<token>`), never the path, the query or a body."""
    log = logs.get(f"{service}.web")

    @app.before_request
    def start() -> None:
        g.started = time.perf_counter()

    @app.after_request
    def finish(response: Response) -> Response:
        rule = request.url_rule.rule if request.url_rule else None
        if rule not in {"/healthz", "/readyz", "/metrics"}:
            took = round((time.perf_counter() - g.get("started", time.perf_counter())) * 1000, 1)
            log.info("request", method=request.method, rule=rule, status=response.status_code, duration_ms=took)
        return response


# Together with the grace for requests this stays below what a container is given before it is killed.
_LAST_STEPS = 20.0


class _Server(BaseApplication):  # type: ignore[misc]
    def __init__(
        self, factory: Callable[[], Flask], on_stop: Callable[[Flask], None] | None, options: dict[str, Any]
    ) -> None:
        self._factory, self._on_stop, self._options = factory, on_stop, options
        super().__init__()

    def load_config(self) -> None:
        for name, value in self._options.items():
            self.cfg.set(name, value)

        def exiting(arbiter: Any, worker: Any) -> None:
            app = getattr(worker, "wsgi", None)
            if self._on_stop is not None and app is not None:
                last = threading.Thread(target=self._on_stop, args=(app,), daemon=True)
                last.start()
                last.join(_LAST_STEPS)
            if worker.booted:
                # The interpreter would wait for request threads, and those for an engine that answers nobody. A worker
                # that never came up goes the ordinary way: its exit status tells the arbiter not to try for ever.
                os._exit(0)

        self.cfg.set("worker_exit", exiting)

    def load(self) -> Flask:
        return self._factory()
