"""Headers that every page and answer carries."""

from __future__ import annotations

from collections.abc import Sequence

from flask import Flask, Response

from shared.web.staff import origin_of

# No script at all, no foreign origin: the pages work without JavaScript.
_POLICY = (
    "default-src 'none'; style-src 'self'; img-src 'self' data:; form-action {forms}; "
    "base-uri 'none'; frame-ancestors 'none'"
)


def init_app(app: Flask, *, forms_to: Sequence[str] = ()) -> None:
    """`forms_to`: addresses of our other services that forms of this one go to, or are sent on to after a post.

    Where staff write there are some, and then browsers say to them where a form comes from: under "no-referrer" they
    would say `Origin: null`. They tell the host alone, never a path.
    """
    policy = _POLICY.format(forms=" ".join(["'self'", *sorted({origin_of(address) for address in forms_to})]))

    @app.after_request
    def secure(response: Response) -> Response:
        headers = response.headers
        headers.setdefault("Content-Security-Policy", policy)
        headers.setdefault("X-Content-Type-Options", "nosniff")
        # The short link of an alert is in the address: it must not reach another site as a referrer.
        headers.setdefault("Referrer-Policy", "strict-origin" if forms_to else "no-referrer")
        headers.setdefault("Permissions-Policy", "camera=(), geolocation=(), microphone=()")
        headers.setdefault("Cache-Control", "no-store")
        return response
