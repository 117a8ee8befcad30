"""Answers that have a version: ETag, `If-None-Match`, Repr-Digest."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from datetime import datetime
from hashlib import sha256

from flask import Response, request


def answered(content: bytes, media_type: str, headers: Mapping[str, str], modified: datetime | None = None) -> Response:
    """200 with these bytes, or 304 when the reader has them.

    The tag is strong and comes of the bytes alone. `If-None-Match` takes a list, `*`, and weak tags: a proxy that
    compresses makes a strong one weak. Shared caches may not store it, a reader's own must ask each time.
    """
    digest = sha256(content).digest()
    tag = digest.hex()[:32]
    response = Response(content, content_type=media_type)
    if request.if_none_match.contains_weak(tag):
        response = Response(status=304)
        del response.headers["Content-Type"]
    else:
        # RFC 9530: of the representation, so that what is stored can be compared with what was published.
        response.headers["Repr-Digest"] = f"sha-256=:{base64.b64encode(digest).decode()}:"
        response.headers.extend(headers)
    response.set_etag(tag)
    if modified is not None:
        response.last_modified = modified
    if "X-Report-Version" in headers:
        response.headers["X-Report-Version"] = headers["X-Report-Version"]
    response.headers["Cache-Control"] = "private, no-cache"
    response.headers["Vary"] = "Authorization"
    return response
