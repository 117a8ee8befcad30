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


class WrongGateway(Exception):
    """The gateway file cannot be used; the text names file and field."""


@dataclass(frozen=True)
class GatewayConfig:
    url: str
    body: Mapping[str, str]
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
            raise WrongGateway(f"{path}: {', '.join(sorted(unknown))} is not a field of a gateway file")
        lists = {name: frozenset(map(str, raw.get(name) or [])) for name in ("accepted", "duplicate", "temporary")}
        return cls(**{**raw, **lists})


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


def _filled(template: str, values: Mapping[str, str]) -> str:
    for name, value in values.items():
        if template == "{" + name + "}":
            return value
    for name, value in values.items():
        template = template.replace("{" + name + "}", value)
    return template
