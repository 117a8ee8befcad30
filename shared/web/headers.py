"""Headers that every page and answer carries."""

from __future__ import annotations

from flask import Flask, Response

# No script at all, no foreign origin: the pages work without JavaScript. Forms may post to the same host only.
_POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self' data:; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'"
)


def init_app(app: Flask) -> None:
    @app.after_request
    def secure(response: Response) -> Response:
        headers = response.headers
        headers.setdefault("Content-Security-Policy", _POLICY)
        headers.setdefault("X-Content-Type-Options", "nosniff")
        # The short link of an alert is in the address: it must not reach another site as a referrer.
        headers.setdefault("Referrer-Policy", "no-referrer")
        headers.setdefault("Permissions-Policy", "camera=(), geolocation=(), microphone=()")
        headers.setdefault("Cache-Control", "no-store")
        return response
