"""`/healthz` the process lives; `/readyz` it can do its job; `/metrics`."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from flask import Blueprint, Response, jsonify

from shared import metrics

Check = Callable[[], str | None]


def blueprint(checks: Mapping[str, Check]) -> Blueprint:
    """`checks` by name answer None when all is well, else a short reason; they must return within seconds."""
    health = Blueprint("health", __name__)

    @health.get("/healthz")
    def healthz() -> Response:
        return jsonify({"status": "alive"})

    @health.get("/readyz")
    def readyz() -> tuple[Response, int]:
        failed = {name: reason for name, check in checks.items() if (reason := check())}
        status = "ready" if not failed else "not ready"
        body = {"status": status, "checks": {name: failed.get(name, "ok") for name in checks}}
        return jsonify(body), 200 if not failed else 503

    @health.get("/metrics")
    def scrape() -> Response:
        return Response(metrics.render(), content_type=metrics.CONTENT_TYPE)

    return health
