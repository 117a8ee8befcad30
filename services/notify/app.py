"""The web process of notify: acknowledgement pages, the read interface and health."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime

from flask import Flask

from services.notify import api, gauges, heartbeat, pages
from services.notify.documents import connection, indexes
from services.notify.settings import Settings
from shared import logs
from shared.directory import DirectoryFolder
from shared.failures import DependencyDown, Temporary
from shared.signing import PublicKeys
from shared.web import headers, health, problem, server
from shared.web.lost import Lost
from shared.web.staff import StaffDoor

_SERVICE = "notify"
_QUICK = 1.5  # seconds for each check: a stopped engine must not make the readiness page hang as well


def create_app(settings: Settings) -> Flask:
    """Make it after the fork: it opens the database. Raises `shared.directory.DirectoryError`."""
    logs.configure(_SERVICE, settings.log_level)
    directory = DirectoryFolder(settings.directory)
    connection.connect(settings.mongo_url, settings.mongo_database)
    gauges.watch_all()

    app = Flask(__name__, static_folder="static", static_url_path="/a/static")
    # Nothing here takes a body: a button is pressed.
    app.config.update(MAX_CONTENT_LENGTH=16 * 1024)
    app.jinja_env.globals["sandbox"] = settings.sandbox
    api.init_app(app, directory.current, _door(settings))
    own = (settings.public_url, settings.link_base_url)
    app.register_blueprint(pages.blueprint(own, directory.current, settings.staff_url))
    app.register_blueprint(health.blueprint(_checks()))
    problem.init_app(app, lost=Lost("notify.css", f"{settings.staff_url}/staff/vao", "Trang cán bộ"))
    headers.init_app(app)
    server.log_requests(app, _SERVICE)
    return app


def serve(settings: Settings) -> None:
    """Serve until SIGTERM."""
    server.serve(
        lambda: create_app(settings),
        host=settings.host,
        port=settings.port,
        on_stop=lambda _: connection.disconnect(),
    )


def _door(settings: Settings) -> StaffDoor | None:
    if settings.session_public_dir is None:
        return None
    return StaffDoor(PublicKeys(settings.session_public_dir), (settings.public_url, settings.staff_url))


def _checks() -> Mapping[str, health.Check]:
    return {"mongodb": _mongodb, "indexes": _indexes, "worker": _worker}


def _mongodb() -> str | None:
    try:
        with connection.limited(_QUICK):
            connection.ping()
    except Temporary:
        return "does not answer"
    return None


def _indexes() -> str | None:
    try:
        with connection.limited(_QUICK):
            lacking = indexes.missing()
    except Temporary:
        return "cannot be asked"
    return f"missing on {', '.join(lacking)}: start the worker" if lacking else None


def _worker() -> str | None:
    try:
        with connection.limited(_QUICK):
            return heartbeat.problem(datetime.now(UTC))
    except DependencyDown:
        return "cannot be asked"
