"""`GET /v1/incidents/<id>/state`: how far a partner's own report has come, in words; no name, no agency, no note."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import request
from flask.views import MethodView
from flask_smorest import Blueprint

from services.reporting.api.schemas import IncidentStateSchema
from services.reporting.documents import cases, translated
from services.reporting.lifecycle import RECEIVED
from services.reporting.moments import moment
from services.reporting.parts import parts
from services.reporting.staff.case_view import state_label
from services.reporting.staff.sight import agreed
from shared import case_tokens
from shared.authority import Clear, unit_kept_out
from shared.case_ids import case_id
from shared.case_tokens import CaseToken
from shared.directory import Directory
from shared.web.auth import known
from shared.web.problem import Problem

HEADER = "X-Case-Token"
_REFUSED = f"Send the case_token of this report's 202 in the header {HEADER}, with the key that reported it."
blueprint = Blueprint("state", __name__, url_prefix="/v1/incidents", description="The state of what was reported")


@blueprint.route("/<incident_id>/state")
class IncidentState(MethodView):
    @blueprint.response(200, IncidentStateSchema)
    @blueprint.doc(
        security=[{"bearer": []}],
        parameters=[{"in": "header", "name": HEADER, "required": True, "schema": {"type": "string"}}],
    )
    def get(self, incident_id: str) -> dict[str, Any]:
        """The state of each child's case.

        `projected` is false for a moment after the 202: the report is safe, and its cases are on their way.
        """
        directory = parts().directory()
        partner = known(directory, parts().now())
        token = _token(incident_id, partner.id)
        with translated():
            found = _shown(cases.of_incident(parts().store.cases, incident_id), partner.unit, directory)
        return {
            "incident_id": incident_id,
            "code": token.code,
            "as_of": parts().now(),
            "projected": bool(found),
            "acknowledged_at": _acknowledged(found),
            "cases": [_state(case, directory) for case in found] or _expected(token, directory),
        }


def _shown(found: list[dict[str, Any]], unit: str, directory: Directory) -> list[dict[str, Any]]:
    """Nothing more comes out to whoever must not know: it looks as if the cases were still on their way."""
    kept_out = found and unit_kept_out(unit, Clear.from_case(agreed(found)[0]), directory)
    return [] if kept_out else found


def _token(incident_id: str, partner: str) -> CaseToken:
    """Raises `Problem`: the same words for a token of another report and for one that nobody made."""
    desk = parts().desk
    token = case_tokens.read(desk.web.case_token_key, request.headers.get(HEADER, "")) if desk is not None else None
    if token is None or token.client != partner or token.incident != incident_id:
        raise Problem(403, _REFUSED, title="This token is not for that report")
    return token


def _state(case: Mapping[str, Any], directory: Directory) -> dict[str, Any]:
    return {
        "case_id": case["_id"],
        "code": case["code"],
        "state": case["state"],
        "vi": state_label(case["state"], directory),
        "en": state_label(case["state"], directory, "en"),
        "since": case["state_since"] or case["received_at"],
        "open": case["open"],
    }


def _expected(token: CaseToken, directory: Directory) -> list[dict[str, Any]]:
    """What was accepted and is not here yet has been received, and no more."""
    return [
        {
            "case_id": case_id(token.incident, number),
            "code": f"{token.code}-{number}",
            "state": RECEIVED,
            "vi": state_label(RECEIVED, directory),
            "en": state_label(RECEIVED, directory, "en"),
            "since": None,
            "open": True,
        }
        for number in range(1, token.cases + 1)
    ]


def _acknowledged(found: list[dict[str, Any]]) -> Any:
    """When the first of whoever was told said that it is in hand."""
    times = [moment(alert.get("acknowledged_at")) for case in found for alert in case["alerts"]]
    return min((time for time in times if time is not None), default=None)
