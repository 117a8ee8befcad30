"""The Flask application of intake."""

from __future__ import annotations

from flask import Flask
from flask_smorest import Api

from services.intake import form
from services.intake.api import codes, incidents, steps
from services.intake.settings import Settings
from services.intake.steps import page
from services.intake.wiring import Intake
from shared.web import headers, health, problem
from shared.web.form_parser import FormRequest
from shared.web.lost import Lost
from shared.web.server import log_requests

# A form has some forty fields, and comes in no more parts than this.
_MOST_PARTS = 1000
# The form takes what the API refuses: a long story is kept, not cut.
_LARGEST_BODY = 8 * 1024 * 1024


def create(settings: Settings, intake: Intake | None = None) -> Flask:
    """Everything is made and started here, after the fork. Raises what opening the spool or the directory raises."""
    app = Flask(__name__, static_folder="static", static_url_path="/static/intake")
    app.request_class = FormRequest
    app.config.update(
        MAX_CONTENT_LENGTH=_LARGEST_BODY,
        MAX_FORM_MEMORY_SIZE=_LARGEST_BODY,
        MAX_FORM_PARTS=_MOST_PARTS,
        API_TITLE="Lên Tiếng: intake",
        API_VERSION="1",
        OPENAPI_VERSION="3.1.0",
        OPENAPI_URL_PREFIX="/v1/openapi",
        OPENAPI_JSON_PATH="intake.json",
    )
    app.json.sort_keys = False  # type: ignore[attr-defined]
    app.json.ensure_ascii = False  # type: ignore[attr-defined]
    if intake is None:
        intake = Intake(settings)
        intake.start()
    app.extensions["intake"] = intake
    headers.init_app(app, forms_to=(settings.staff_url, settings.public_url))
    log_requests(app, "intake")
    api = Api(app)
    api.spec.components.security_scheme("bearer", {"type": "http", "scheme": "bearer"})
    api.spec.components.security_scheme("session", {"type": "apiKey", "in": "cookie", "name": intake.staff.cookie})
    api.register_blueprint(incidents.blueprint)
    api.register_blueprint(steps.blueprint)
    api.register_blueprint(codes.blueprint)
    app.register_blueprint(form.blueprint)
    app.register_blueprint(page.blueprint)
    app.register_blueprint(health.blueprint({"spool": intake.spool_problem}))
    problem.init_app(app, lost=Lost("intake.css", "/", "Báo tin về trẻ em"))
    return app


def stop(app: Flask) -> None:
    """Let the relay finish what it can, then close the spool."""
    intake: Intake = app.extensions["intake"]
    intake.stop()
