"""The Flask application of reporting."""

from __future__ import annotations

from flask import Flask, Response
from flask_smorest import Api
from werkzeug.exceptions import UnprocessableEntity
from werkzeug.middleware.proxy_fix import ProxyFix

from services.reporting.api import indicators, operator, reports, state
from services.reporting.documents import Store
from services.reporting.parts import Parts, install, parts
from services.reporting.rollups import Rollups
from services.reporting.settings import Settings, web_of
from services.reporting.staff import blueprints
from services.reporting.staff.desk import Desk
from shared.directory import DirectoryFolder
from shared.failures import Temporary
from shared.web import headers, health, problem
from shared.web.form_parser import FormRequest
from shared.web.lost import Lost
from shared.web.problem import Problem, pointers
from shared.web.server import log_requests

_LARGEST_BODY = 1024 * 1024


def create(settings: Settings) -> Flask:
    """Everything is made here, after the fork; the database may be down.

    Raises `WrongSetting` and what loading the directory raises.
    """
    web = web_of(settings)
    folder = DirectoryFolder(settings.directory)
    store = Store(settings.mongo_url, settings.mongo_database)
    desk = Desk.of(web, store, settings.case_key)
    app = assemble(Parts(store, Rollups(store), folder.current, desk=desk))
    if web.proxies:
        # Only what the nearest ones say of where somebody comes from: the rest of the header is the visitor's own.
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=web.proxies, x_proto=0, x_host=0)  # type: ignore[method-assign]
    return app


def assemble(made: Parts) -> Flask:
    app = Flask(__name__, static_folder="static", static_url_path="/staff/static")
    app.request_class = FormRequest
    app.config.update(
        MAX_CONTENT_LENGTH=_LARGEST_BODY,
        API_TITLE="Lên Tiếng: reporting",
        API_VERSION="1",
        OPENAPI_VERSION="3.1.0",
        OPENAPI_URL_PREFIX="/v1/openapi",
        OPENAPI_JSON_PATH="reporting.json",
    )
    app.json.sort_keys = False  # type: ignore[attr-defined]
    install(app, made)
    headers.init_app(app)
    log_requests(app, "reporting")
    api = Api(app)
    api.spec.components.security_scheme("bearer", {"type": "http", "scheme": "bearer"})
    api.register_blueprint(indicators.blueprint)
    api.register_blueprint(reports.blueprint)
    api.register_blueprint(operator.blueprint)
    api.register_blueprint(state.blueprint)
    checks = {
        "mongodb": made.database_problem,
        "indexes": made.index_problem,
        "case_key": made.key_problem,
        "worker": made.worker_problem,
    }
    for pages in blueprints() if made.desk is not None else ():
        app.register_blueprint(pages)
    app.register_blueprint(health.blueprint(checks))
    problem.init_app(app, lost=Lost("staff.css", "/staff/vao", "Trang cán bộ"))

    @app.errorhandler(UnprocessableEntity)
    def refused(error: UnprocessableEntity) -> Response:
        # flask-smorest leaves marshmallow's messages here; they name parameters and never what was in them.
        messages = getattr(error, "data", {}).get("messages", {})
        return Problem(422, "A parameter is missing or not valid.", errors=pointers(messages)).response()

    @app.errorhandler(Temporary)
    def later(error: Temporary) -> Response:
        return Problem(
            503,
            "The numbers cannot be read right now. Try again in a few seconds.",
            title="The database does not answer",
            headers={"Retry-After": "5"},
        ).response()

    return app


def stop(app: Flask) -> None:
    with app.app_context():
        parts().store.close()
