"""Every error leaves as `application/problem+json` (RFC 9457), without echoing what was submitted.

The one exception is a browser at an address that there is none of: it gets a page, where the service has one.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

from flask import Flask, Response, request
from werkzeug.exceptions import HTTPException

from shared import logs
from shared.web.lost import Lost, in_a_browser

MEDIA_TYPE = "application/problem+json"
_TITLES = {
    400: "The request cannot be read",
    401: "A valid bearer token is needed",
    403: "This token may not do that",
    404: "There is nothing here",
    405: "This address does not take that method",
    409: "The first request with this key is still running",
    413: "The body is too large",
    415: "The body must be JSON",
    422: "The content is not valid",
    429: "Too many requests",
    500: "Something went wrong on our side",
    503: "The report cannot be stored right now",
}


class Problem(Exception):
    """Raise it anywhere under a request. `errors` are `{"pointer": JSON pointer, "detail": sentence}`."""

    def __init__(
        self,
        status: int,
        detail: str,
        *,
        title: str | None = None,
        errors: Sequence[Mapping[str, str]] = (),
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(detail)
        self.status, self.detail, self.errors = status, detail, list(errors)
        self.title = title or _TITLES.get(status, "Error")
        self.headers = dict(headers or {})

    def response(self) -> Response:
        body: dict[str, object] = {
            "type": "about:blank",
            "title": self.title,
            "status": self.status,
            "detail": self.detail,
        }
        if self.errors:
            body["errors"] = self.errors
        text = json.dumps(body, ensure_ascii=False)
        return Response(text, status=self.status, headers=self.headers, mimetype=MEDIA_TYPE)


def pointers(messages: object, at: str = "") -> list[dict[str, str]]:
    """Marshmallow's nested messages as a flat list of JSON pointers (RFC 6901) with one sentence each; "" is the whole
    body."""
    if isinstance(messages, Mapping):
        found = []
        for key, value in messages.items():
            step = "" if key == "_schema" else "/" + str(key).replace("~", "~0").replace("/", "~1")
            found.extend(pointers(value, at + step))
        return found
    if isinstance(messages, (list, tuple)):
        return [{"pointer": at, "detail": str(message)} for message in messages]
    return [{"pointer": at, "detail": str(messages)}]


def init_app(app: Flask, *, lost: Lost | None = None) -> None:
    """Answer every error of this app as a problem; with `lost`, an unknown address in a browser as that page."""
    log = logs.get("web")

    @app.errorhandler(Problem)
    def problem(error: Problem) -> Response:
        return error.response()

    @app.errorhandler(HTTPException)
    def http(error: HTTPException) -> Response:
        status = error.code or 500
        if status == 404 and lost is not None and in_a_browser(request):
            return lost.response()
        # Werkzeug's own sentences are kept out: some of them quote the request.
        detail = {404: "No page or resource has this address.", 413: "Send a smaller body."}.get(
            status, _TITLES.get(status, "The request failed.")
        )
        kept = {k: v for k, v in error.get_headers() if k.lower() in {"allow", "retry-after", "location"}}
        if status in {301, 302, 307, 308}:
            return Response(status=status, headers=kept)
        return Problem(status, detail, headers=kept).response()

    @app.errorhandler(Exception)
    def unexpected(error: Exception) -> Response:
        rule = request.url_rule.rule if request.url_rule else None
        log.error("request failed", rule=rule, exc_info=error)
        return Problem(500, "The failure was recorded. Sending the same request again is safe.").response()
