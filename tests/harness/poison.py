"""Messages as no service of ours would send them."""

from __future__ import annotations

from collections.abc import Mapping

import pika

from tests.harness.amqp import connected


def publish(url: str, exchange: str, key: str, body: bytes, headers: Mapping[str, str] | None = None,
            message_id: str = "", kind: str = "") -> None:  # fmt: skip
    """Publish as an administrator and wait for the broker's confirm."""
    with connected(url) as connection:
        channel = connection.channel()
        channel.confirm_delivery()
        properties = pika.BasicProperties(
            content_type="application/json",
            delivery_mode=2,
            message_id=message_id,
            type=kind,
            headers=dict(headers or {}),
        )
        channel.basic_publish(exchange, key, body, properties, mandatory=True)
