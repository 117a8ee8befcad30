"""SMS by the generic HTTP gateway that a file describes."""

from __future__ import annotations

from pathlib import Path

import httpx

from services.notify.channels.base import Failed, Parcel, Result, Sent, Unknown
from shared import gateway

# Together no longer than a call may take (`dispatching`), with a connection and its TLS: begun in time, it ends before
# its claim does. Most of it is for the answer: who hangs up on that one does not know whether the message went.
_LIMITS = httpx.Timeout(connect=2.0, write=0.5, read=7.0, pool=0.5)


class SmsHttp:
    """Make it after the fork: it holds connections."""

    def __init__(self, gateway_file: Path, *, connections: int = 32) -> None:
        """Raises `shared.gateway.WrongGateway`."""
        self._config = gateway.GatewayConfig.load(gateway_file)
        self._client = httpx.Client(timeout=_LIMITS, limits=httpx.Limits(max_connections=connections), trust_env=False)

    @property
    def repeats_safely(self) -> bool:
        return self._config.knows_request_ids

    def send(self, parcel: Parcel) -> Result:
        reply = gateway.send(self._client, self._config, to=parcel.to, text=parcel.text, request_id=parcel.id)
        if reply.outcome in {"accepted", "duplicate"}:
            return Sent(reply.provider_id, repeated=reply.outcome == "duplicate")
        if reply.outcome == "unknown":
            return Unknown(reply.reason or "unknown")
        return Failed(reply.reason or "refused", "temporary" if reply.outcome == "temporary" else "permanent")

    def close(self) -> None:
        self._client.close()
