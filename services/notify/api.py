"""`/v1/alerts` and `/v1/gaps`, with their OpenAPI document. For partners by token, for staff by their session."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

from flask import Flask, request
from flask_smorest import Api, Blueprint

from services.notify.incident_rows import clear_now
from services.notify.schemas import AlertQuery, AlertsSchema, GapsSchema
from services.notify.states import WITHDRAWN
from services.notify.store import alerts, contacts, incidents, spools
from services.notify.views import alert_view, outer_views, spool_view
from shared.authority import CaseFacts, Clear, Viewer, excluded_agencies, may, may_read_unit
from shared.authority.table import SUSPECT
from shared.calendar import local_date
from shared.directory import Directory, Partner
from shared.failures import DependencyDown
from shared.sessions import Session
from shared.web import auth
from shared.web.problem import Problem
from shared.web.staff import NoSession, StaffDoor

T = TypeVar("T")

OPERATOR, ALERT_READ = "operator", "alert:read"
_FRESH = timedelta(hours=1)


def init_app(app: Flask, directory: Callable[[], Directory], door: StaffDoor | None) -> None:
    """`door`: None where no staff session can be checked, and then only tokens are taken."""
    app.config.update(
        API_TITLE="Lên Tiếng notify",
        API_VERSION="v1",
        OPENAPI_VERSION="3.1.0",
        OPENAPI_URL_PREFIX="/v1/openapi",
        OPENAPI_JSON_PATH="notify.json",
    )
    api = Api(app)
    api.spec.components.security_scheme("bearer", {"type": "http", "scheme": "bearer"})
    if door is not None:
        api.spec.components.security_scheme("session", {"type": "apiKey", "in": "cookie", "name": door.cookie})
    api.register_blueprint(_blueprint(directory, door))


def _blueprint(directory: Callable[[], Directory], door: StaffDoor | None) -> Any:
    blueprint = Blueprint("v1", __name__, url_prefix="/v1", description="Alerts and their deliveries")

    @blueprint.get("/alerts")
    @blueprint.doc(security=[{"bearer": []}, *([{"session": []}] if door is not None else [])])
    @blueprint.arguments(AlertQuery, location="query")
    @blueprint.response(200, AlertsSchema)
    def list_alerts(query: dict[str, str]) -> dict[str, Any]:
        """The alerts of one incident: with scope operator, or alert:read for the token's units, or a staff session that
        may see the case."""
        now, current = datetime.now(UTC), directory()
        session = _session(door, now)
        if session is not None:
            return {"alerts": _stored(lambda: _for_staff(session, query, current, now))}
        partner = auth.known(current, now)
        if not partner.may(OPERATOR) and not partner.may(ALERT_READ):
            raise Problem(403, "The token of this partner has neither scope operator nor alert:read.")
        found = _stored(lambda: alerts.of_incident(query["incident"]))
        clear = _stored(lambda: _clear(query["incident"], found)) if found else None
        if partner.may(OPERATOR):
            return {"alerts": [alert_view(row) for row in found]}
        seen = [row for row in found if _may_see(partner, row, clear, current, now)]
        return {"alerts": outer_views(seen, None, current)}

    @blueprint.get("/gaps")
    @blueprint.doc(security=[{"bearer": []}])
    @blueprint.response(200, GapsSchema)
    def list_gaps() -> dict[str, Any]:
        """Numbers of each intake's sequence that never came (scope operator)."""
        auth.bearer(directory(), OPERATOR, datetime.now(UTC))
        return {"spools": [spool_view(row) for row in _stored(spools.everyone)]}

    return blueprint


def _session(door: StaffDoor | None, now: datetime) -> Session | None:
    """The staff session of this request. A token given besides is what counts: a partner's client sends no cookie.

    Only reporting knows whether a session was ended, so an old one is nobody's here. Pages that ask have just been
    loaded; whoever is sent away loads the page anew.
    """
    if door is None or request.headers.get("Authorization"):
        return None
    try:
        session = door.session()
    except NoSession:
        return None
    return session if now - session.issued_at <= _FRESH else None


def _for_staff(session: Session, query: dict[str, str], directory: Directory, now: datetime) -> list[dict[str, Any]]:
    """The alerts of an incident that this account may see, as it may see them: all that there is of them for those who
    may know who is suspected. Nothing at all is what one that must not know gets.

    What is delegated to the account is reporting's to know, and does not count here.
    """
    found = alerts.of_incident(query["incident"])
    if not found:
        return []
    clear = _clear(query["incident"], found)
    living = [row for row in found if row["state"] != WITHDRAWN]
    involved = {row["agency"] for row in living} | {
        one["agency"] for row in living for one in row.get("links", []) if one.get("ended_at") is None
    }
    viewer = Viewer(session.account, session.role, session.unit, session.agency, session.contact)
    everyone = contacts.everyone()
    case = CaseFacts(clear, frozenset(involved))
    if may(viewer, f"case.open.{SUSPECT}", case, directory, everyone, now):
        return [alert_view(row) for row in found]
    allowed = may(viewer, "case.show", case, directory, everyone, now)
    return outer_views(found, session.agency, directory) if allowed else []


def _clear(incident_id: str, found: list[dict[str, Any]]) -> Clear:
    """What is known now of who must not know, whether the alerts were settled by it already or not."""
    return clear_now(incidents.get(incident_id), found[0]["facts"])


def _may_see(partner: Partner, alert: dict[str, Any], clear: Clear | None, directory: Directory, now: datetime) -> bool:
    """A unit sees the alerts of its communes, unless one of its agencies must not know.

    A commune that the directory lacks belongs to nobody's unit.
    """
    if clear is None or not may_read_unit(partner.unit, alert.get("commune") or "", local_date(now), directory):
        return False
    barred = excluded_agencies(clear, directory, now)
    units = {partner.unit, *(unit.code for unit in directory.units_under(partner.unit, now))}
    return not any(agency.code in barred for unit in units for agency in directory.agencies(unit))


def _stored(read: Callable[[], T]) -> T:
    try:
        return read()
    except DependencyDown:
        raise Problem(
            503, "The database does not answer.", title="Not available right now", headers={"Retry-After": "5"}
        ) from None
