"""From an AMQP URL to pika's parameters, every time-out set.

pika's own defaults hang: no limit while the broker is blocked by an alarm, and the server's 60 s heartbeat.
"""

from __future__ import annotations

from urllib.parse import parse_qs, urlsplit

import pika  # type: ignore[import-untyped]

# A stopped broker closes nothing: silence is all that tells, and it speaks at least once in this time (Session.heard).
HEARTBEAT = 8
BLOCKED = 10.0
CONNECT = 5.0
HANDSHAKE = 10.0


def parameters(url: str, name: str) -> pika.connection.Parameters:
    """Parameters of `amqp://` or `amqps://` (TLS, checked against the system's authorities or `SSL_CERT_FILE`).

    `name` is what an operator sees in the broker's list of connections. A time-out in the URL's query
    (`?heartbeat=2`, seconds) wins over ours. One attempt only: who calls decides when to try again.
    """
    made = pika.URLParameters(url)
    given = parse_qs(urlsplit(url).query)
    if "heartbeat" not in given:
        made.heartbeat = HEARTBEAT
    if "blocked_connection_timeout" not in given:
        made.blocked_connection_timeout = BLOCKED
    if "socket_timeout" not in given:
        made.socket_timeout = CONNECT
    if "stack_timeout" not in given:
        made.stack_timeout = HANDSHAKE
    made.connection_attempts = 1
    made.client_properties = {"connection_name": name}
    return made
