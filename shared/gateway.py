"""The generic HTTP SMS gateway: one call described by a file, so that a new provider needs no code.

The file (YAML, of which JSON is a part) holds, with `{to}`, `{text}`, `{request_id}` filled in where they stand:

    url: http://gateway.example/send        # https in production
    method: POST                            # optional, POST
    headers: {Authorization: "Bearer ..."}  # optional
    body: {to: "{to}", text: "{text}", request_id: "{request_id}"}
    status_field: status                    # the field of the JSON reply that tells the outcome
    accepted: [accepted]                    # its values that mean: taken over for delivery
    duplicate: [duplicate]                  # seen before under the same request id, which is as good
    temporary: [no_balance]                 # worth another try later, and an alarm
    id_field: id                            # the provider's own id of the message
    knows_request_ids: true                 # the identical request may be repeated safely

Every other value is a refusal for good. Content and numbers are never logged and in no exception.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import httpx
import yaml

Outcome = Literal["accepted", "duplicate", "temporary", "permanent", "unknown"]


_SHAPES: tuple[tuple[str, type, str], ...] = (
    ("url", str, "a text"),
    ("method", str, "a text"),
    ("status_field", str, "a text"),
    ("id_field", str, "a text"),
    ("body", dict, "a mapping"),
    ("headers", dict, "a mapping"),
    ("accepted", list, "a list"),
    ("duplicate", list, "a list"),
    ("temporary", list, "a list"),
    ("knows_request_ids", bool, "true or false"),
)


class WrongGateway(Exception):
    """The gateway file cannot be used; the text names file and field."""


@dataclass(frozen=True)
class GatewayConfig:
    url: str
    body: Mapping[str, Any]
    status_field: str
    accepted: frozenset[str]
    duplicate: frozenset[str]
    temporary: frozenset[str]
    method: str = "POST"
    headers: Mapping[str, str] | None = None
    id_field: str = "id"
    knows_request_ids: bool = False

    @classmethod
    def load(cls, path: Path) -> GatewayConfig:
        """Raises `WrongGateway`."""
        try:
            raw = yaml.safe_load(path.read_text(encoding="utf-8"))
        except (OSError, yaml.YAMLError) as error:
            raise WrongGateway(f"{path}: cannot be read ({type(error).__name__})") from None
        if not isinstance(raw, dict):
            raise WrongGateway(f"{path}: must be a mapping with url, body, status_field and accepted")
        for name in ("url", "body", "status_field", "accepted"):
            if not raw.get(name):
                raise WrongGateway(f"{path}: {name} is missing")
        unknown = set(raw) - set(cls.__dataclass_fields__)
        if unknown:
            raise WrongGateway(f"{path}: {', '.join(sorted(map(str, unknown)))} is not a field of a gateway file")
        for name, kind, what in _SHAPES:
            if not isinstance(raw.get(name) or kind(), kind):
                raise WrongGateway(f"{path}: {name} must be {what}")
        lists = {name: frozenset(map(str, raw.get(name) or [])) for name in ("accepted", "duplicate", "temporary")}
        # A key of digits alone is a number in YAML.
        headers = {str(name): str(value) for name, value in (raw.get("headers") or {}).items()}
        config = cls(**{**raw, **lists, "headers": headers})
        try:
            # Whatever is wrong with a call shows here, and not when a child's alert is to go out.
            request = httpx.Request(config.method, config.url, json=dict(config.body), headers=headers)
        except Exception as error:
            raise WrongGateway(f"{path}: no call can be made of it ({type(error).__name__})") from None
        if request.url.scheme not in {"http", "https"} or not request.url.host:
            raise WrongGateway(f"{path}: url must be an address like https://gateway.example/send")
        return config


@dataclass(frozen=True)
class Reply:
    """What the gateway said. `unknown`: the request may have arrived, nobody can tell."""

    outcome: Outcome
    provider_id: str | None = None
    reason: str | None = None


def send(client: httpx.Client, config: GatewayConfig, *, to: str, text: str, request_id: str) -> Reply:
    """One call. Never raises for what the network or the gateway does; the client carries the time-outs."""
    values = {"to": to, "text": text, "request_id": request_id}
    payload = {name: _filled(template, values) for name, template in config.body.items()}
    try:
        response = client.request(config.method, config.url, json=payload, headers=dict(config.headers or {}))
    except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout):
        return Reply("temporary", reason="no_connection")
    except httpx.HTTPError as error:
        # From here on the request may have been read: a time-out while waiting for the reply is no refusal.
        return Reply("unknown", reason=type(error).__name__)
    if response.status_code >= 500:
        return Reply("temporary", reason=f"http_{response.status_code}")
    if response.status_code == 429:
        return Reply("temporary", reason="http_429")
    return _judged(config, response)


def _judged(config: GatewayConfig, response: httpx.Response) -> Reply:
    try:
        body: Any = response.json()
    except ValueError:
        body = None
    if not isinstance(body, dict):
        outcome: Outcome = "unknown" if response.is_success else "permanent"
        return Reply(outcome, reason=f"http_{response.status_code}_no_json")
    status, provider_id = str(body.get(config.status_field)), body.get(config.id_field)
    known = str(provider_id) if provider_id is not None else None
    if status in config.accepted:
        return Reply("accepted", known)
    if status in config.duplicate:
        return Reply("duplicate", known)
    # The provider's own words may quote the number or the text back, so only its status code is kept.
    reason = status if status.replace("_", "").isalnum() and len(status) <= 40 else "refused"
    return Reply("temporary" if status in config.temporary else "permanent", known, reason)


def _filled(template: Any, values: Mapping[str, str]) -> Any:
    """What is no text goes out as the file has it; texts are filled in however deep they stand."""
    if isinstance(template, dict):
        return {name: _filled(part, values) for name, part in template.items()}
    if isinstance(template, list):
        return [_filled(part, values) for part in template]
    if not isinstance(template, str):
        return template
    for name, value in values.items():
        if template == "{" + name + "}":
            return value
    for name, value in values.items():
        template = template.replace("{" + name + "}", value)
    return template
