"""`/v1/alerts` and `/v1/gaps`, with their OpenAPI document."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from flask import Flask
from flask_smorest import Api, Blueprint

from services.notify.raising import clear_of
from services.notify.schemas import AlertQuery, AlertsSchema, GapsSchema
from services.notify.store import alerts, spools
from services.notify.views import alert_view, spool_view
from shared.authority import excluded_agencies, may_read_unit
from shared.calendar import local_date
from shared.directory import Directory, Partner
from shared.failures import DependencyDown
from shared.web import auth
from shared.web.problem import Problem

OPERATOR, ALERT_READ = "operator", "alert:read"


def init_app(app: Flask, directory: Callable[[], Directory]) -> None:
    app.config.update(
        API_TITLE="Lên Tiếng notify",
        API_VERSION="v1",
        OPENAPI_VERSION="3.1.0",
        OPENAPI_URL_PREFIX="/v1/openapi",
        OPENAPI_JSON_PATH="notify.json",
    )
    api = Api(app)
    api.spec.components.security_scheme("bearer", {"type": "http", "scheme": "bearer"})
    api.register_blueprint(_blueprint(directory))


def _blueprint(directory: Callable[[], Directory]) -> Any:
    blueprint = Blueprint("v1", __name__, url_prefix="/v1", description="Alerts and their deliveries")

    @blueprint.get("/alerts")
    @blueprint.doc(security=[{"bearer": []}])
    @blueprint.arguments(AlertQuery, location="query")
    @blueprint.response(200, AlertsSchema)
    def list_alerts(query: dict[str, str]) -> dict[str, Any]:
        """The alerts of one incident (scope alert:read for the token's units, or operator)."""
        now = datetime.now(UTC)
        current = directory()
        partner = auth.known(current, now)
        if not partner.may(OPERATOR) and not partner.may(ALERT_READ):
            raise Problem(403, "The token of this partner has neither scope operator nor alert:read.")
        found = _stored(lambda: alerts.of_incident(query["incident"]))
        return {"alerts": [alert_view(row) for row in found if _may_see(partner, row, current, now)]}

    @blueprint.get("/gaps")
    @blueprint.doc(security=[{"bearer": []}])
    @blueprint.response(200, GapsSchema)
    def list_gaps() -> dict[str, Any]:
        """Numbers of each intake's sequence that never came (scope operator)."""
        auth.bearer(directory(), OPERATOR, datetime.now(UTC))
        return {"spools": [spool_view(row) for row in _stored(spools.everyone)]}

    return blueprint


def _may_see(partner: Partner, alert: dict[str, Any], directory: Directory, now: datetime) -> bool:
    """The operator sees every alert; a unit those of its communes, unless one of its agencies must not know.

    A commune that the directory lacks belongs to nobody's unit.
    """
    if partner.may(OPERATOR):
        return True
    if not may_read_unit(partner.unit, alert.get("commune") or "", local_date(now), directory):
        return False
    barred = excluded_agencies(clear_of(alert["facts"]), directory, now)
    units = {partner.unit, *(unit.code for unit in directory.units_under(partner.unit, now))}
    return not any(agency.code in barred for unit in units for agency in directory.agencies(unit))


def _stored(read: Callable[[], list[dict[str, Any]]]) -> list[dict[str, Any]]:
    try:
        return read()
    except DependencyDown:
        raise Problem(
            503, "The database does not answer.", title="Not available right now", headers={"Retry-After": "5"}
        ) from None
