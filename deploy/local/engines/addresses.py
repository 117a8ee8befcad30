"""Where the engines are, for an administrator."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import quote, unquote, urlsplit, urlunsplit


@dataclass(frozen=True)
class Addresses:
    """`amqp` and `mongo` are URLs with what it takes to log in.

    `management` is RabbitMQ's HTTP API with user and password, None where nobody told us.
    """

    amqp: str
    mongo: str
    management: str | None = None

    def amqp_for(self, *, user: str | None = None, password: str | None = None, vhost: str | None = None) -> str:
        """The same broker for another user or another vhost; what is not given stays."""
        parts = urlsplit(self.amqp)
        login, _, place = parts.netloc.rpartition("@")
        if user is not None:
            login = f"{quote(user, safe='')}:{quote(password or '', safe='')}"
        netloc = f"{login}@{place}" if login else place
        path = parts.path if vhost is None else f"/{quote(vhost, safe='')}"
        return urlunsplit((parts.scheme, netloc, path, parts.query, parts.fragment))

    @property
    def vhost(self) -> str:
        """The vhost of `amqp`; "/" where the URL names none, as pika reads it."""
        return unquote(urlsplit(self.amqp).path[1:]) or "/"
