"""`GET /v1/codes`: the one labelled code table, Vietnamese and English."""

from __future__ import annotations

from flask import Response, current_app, jsonify, request
from flask_smorest import Blueprint

from services.intake.wiring import Intake

blueprint = Blueprint("codes", __name__, description="Codes and their labels")


@blueprint.route("/v1/codes", methods=["GET"])
@blueprint.doc(summary="Every code table, unit and agency", responses={"200": {"description": "The tables"}})
def get() -> Response:
    intake: Intake = current_app.extensions["intake"]
    directory = intake.directory.current()
    response = jsonify(directory.codes_document())
    response.set_etag(directory.codes_version)
    response.headers["Cache-Control"] = "no-cache"
    response.make_conditional(request)
    return response
