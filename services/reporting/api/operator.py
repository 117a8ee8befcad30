"""What the operator asks: has this report arrived, and is anything missing?"""

from __future__ import annotations

from typing import Any

from flask.views import MethodView
from flask_smorest import Blueprint

from services.reporting.api.schemas import ReconciliationSchema, TraceSchema
from services.reporting.documents import cases, facts, gaps, translated, unfolded
from services.reporting.parts import parts
from shared.web.auth import bearer

SCOPE = "operator"
_LISTED = 100
blueprint = Blueprint("operator", __name__, url_prefix="/v1", description="For the operator")


@blueprint.route("/trace/<incident_id>")
class Trace(MethodView):
    @blueprint.response(200, TraceSchema)
    @blueprint.doc(security=[{"bearer": []}])
    def get(self, incident_id: str) -> dict[str, Any]:
        """How far one report has come here. `at` is when it was stored."""
        bearer(parts().directory(), SCOPE, parts().now())
        store = parts().store
        with translated():
            fact = facts.one(store.facts, incident_id)
            count = cases.count(store.cases, incident_id)
        if fact is None:
            return {"stored": False, "cases": count, "drill": None, "at": None}
        return {"stored": True, "cases": count, "drill": fact["drill"], "at": fact["stored_at"]}


@blueprint.route("/reconciliation")
class Reconciliation(MethodView):
    @blueprint.response(200, ReconciliationSchema)
    @blueprint.doc(security=[{"bearer": []}])
    def get(self) -> dict[str, Any]:
        """Per spool of intake: what it accepted, what arrived here, and the numbers in between that did not.

        `unfolded` are incidents that arrived and could not become cases: they are in no number.
        """
        bearer(parts().directory(), SCOPE, parts().now())
        with translated():
            spools = gaps.states(parts().store.gaps)
            failed = unfolded.listed(parts().store.unfolded, _LISTED)
            count = unfolded.count(parts().store.unfolded)
        missing = sum(one["missing"] for one in spools)
        return {"spools": spools, "missing": missing, "unfolded": failed, "unfolded_count": count}
