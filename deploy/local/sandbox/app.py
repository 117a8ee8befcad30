"""The pages and the JSON of the sandbox: test messages only. Where it listens says `__main__`, loopback by itself."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from flask import Flask, Response, jsonify, redirect, render_template, request
from markupsafe import Markup, escape

from deploy.local.sandbox.accounts import Account, left
from deploy.local.sandbox.gateway import Gateway
from deploy.local.sandbox.people import People
from deploy.local.sandbox.store import EMAIL_FAULTS, LINK, SMS_FAULTS, Store
from deploy.local.sandbox.view import mailboxes, phones

HERE = ZoneInfo("Asia/Ho_Chi_Minh")
PUBLIC_FIELDS = ("channel", "to", "agency", "agency_kind", "agencies", "person", "text", "subject", "at", "links")
POLICY = "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; form-action 'self'"


def create_app(
    store: Store,
    people: People,
    gateway: Gateway,
    addresses: dict[str, str] | None = None,
    accounts: Sequence[Account] = (),
) -> Flask:
    """`addresses` are the pages to link to, by label; `accounts` those that can sign in there."""
    app = Flask(__name__)

    @app.get("/")
    def page() -> str:
        messages = store.messages()
        return render_template(
            "page.html", phones=phones(people, messages), mailboxes=mailboxes(people, messages), faults=store.faults,
            sms_faults=SMS_FAULTS, email_faults=EMAIL_FAULTS, addresses=addresses or {}, version=store.version,
            accounts=accounts,
        )  # fmt: skip

    @app.get("/tai-khoan")
    def staff() -> str:
        now = datetime.now(UTC)
        return render_template("accounts.html", accounts=accounts, now=now, left=left(now), addresses=addresses or {})

    @app.get("/version")
    def version() -> Response:
        return jsonify(store.version)

    @app.get("/messages")
    def messages() -> Response:
        return jsonify([{name: message[name] for name in PUBLIC_FIELDS} for message in store.messages()])

    @app.delete("/messages")
    def delete_messages() -> tuple[str, int]:
        store.clear()
        return "", 204

    @app.get("/calls")
    def calls() -> Response:
        return jsonify(store.calls())

    @app.post("/gateway/sms")
    def sms() -> tuple[Response, int]:
        body = request.get_json(silent=True)
        answer, status = gateway.send(body if isinstance(body, dict) else {})
        return jsonify(answer), status

    @app.post("/faults")
    def faults() -> Any:
        from_page = not request.is_json
        wanted: Any = request.form.to_dict() if from_page else request.get_json(silent=True)
        try:
            now = store.set_faults(wanted if isinstance(wanted, dict) else {"": ""})
        except ValueError as error:
            return jsonify(
                {"title": "unknown fault", "detail": str(error), "sms": SMS_FAULTS, "email": EMAIL_FAULTS}
            ), 422
        return redirect("/", 303) if from_page else jsonify({"sms": now.sms, "email": now.email})

    @app.post("/clear")
    def clear() -> Any:
        store.clear()
        return redirect("/", 303)

    @app.get("/healthz")
    @app.get("/readyz")
    def ready() -> str:
        return "ok"

    @app.after_request
    def headers(response: Response) -> Response:
        response.headers["Content-Security-Policy"] = POLICY
        response.headers["X-Content-Type-Options"] = "nosniff"
        response.headers["Referrer-Policy"] = "no-referrer"
        if request.endpoint != "static":
            response.headers["Cache-Control"] = "no-store"
        return response

    app.template_filter("clickable")(clickable)
    app.template_filter("local_time")(local_time)
    return app


def clickable(text: str) -> Markup:
    """Escaped text whose links can be clicked, as a phone shows them."""
    parts, end = [], 0
    for found in re.finditer(LINK, text):
        url = escape(found.group())
        parts += [
            escape(text[end : found.start()]),
            Markup('<a href="{0}" target="_blank" rel="noopener">{0}</a>').format(url),
        ]
        end = found.end()
    return Markup("").join([*parts, escape(text[end:])])


def local_time(at: str) -> str:
    return datetime.fromisoformat(at).astimezone(HERE).strftime("%H:%M:%S")
