"""What the tests do to the broker behind the back of the code: look, break, repair."""

from __future__ import annotations

import contextlib
import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from urllib.parse import quote, unquote, urlsplit, urlunsplit

from deploy.local.engines.management import Management
from shared.events.cloudevents import encode
from shared.events.event import Event
from shared.events.message import Message
from shared.messaging import topology
from shared.messaging.errors import Refused
from shared.messaging.publisher import Publisher
from shared.messaging.wire import properties_of
from tests.harness.amqp import connected
from tests.harness.waiting import until


def tally(event_id: str, name: str = "intake.tally") -> Message:
    """A small valid event."""
    data = {"spool": "s-1", "last_seq": 1}
    return encode(Event(id=event_id, name=name, source="/intake/n1", time=datetime.now(UTC), data=data, spool="s-1"))


def tallies(count: int) -> list[Message]:
    return [tally(f"e-{number:04d}") for number in range(count)]


@dataclass
class Broker:
    """One vhost. `url` is an administrator's."""

    url: str
    management: Management

    @property
    def vhost(self) -> str:
        return unquote(urlsplit(self.url).path[1:])

    def _api(self, method: str, kind: str, *names: str, body: object = None) -> Any:
        path = "/".join(quote(name, safe="") for name in (self.vhost, *names))
        return self.management.call(method, f"/{kind}/{path}", body)

    @contextlib.contextmanager
    def channel(self) -> Iterator[Any]:
        with connected(self.url) as connection:
            yield connection.channel()

    def count(self, queue: str) -> int:
        """Messages that wait in the queue; those in a consumer's hands do not count."""
        with self.channel() as channel:
            return int(channel.queue_declare(queue, passive=True).method.message_count)

    def dead_letters_waiting(self, queue: str) -> int:
        """Messages of the queue that have died and for which no other queue has confirmed yet."""
        row = self._api("GET", "queues", queue)
        return int(row.get("messages", 0)) if row.get("messages_ready") == 0 else 0

    def take_all(self, queue: str) -> list[tuple[dict[str, Any], Any, bytes]]:
        """Headers, properties and body of everything in the queue, which is empty afterwards."""
        taken = []
        with self.channel() as channel:
            # Not basic.get: a queue with a single active consumer refuses it.
            expected = channel.queue_declare(queue, passive=True).method.message_count
            if not expected:
                return []
            for method, properties, body in channel.consume(queue, inactivity_timeout=10):
                if method is None:
                    break
                channel.basic_ack(method.delivery_tag)
                taken.append((properties.headers or {}, properties, body))
                if len(taken) >= expected:
                    break
            channel.cancel()
        return taken + self.take_all(queue)  # the count may have been a little behind

    def ids(self, queue: str) -> list[str]:
        return [properties.message_id for _, properties, _ in self.take_all(queue)]

    def put(self, queue: str, *messages: Message) -> None:
        """Publish to one queue alone."""
        with self.channel() as channel:
            channel.confirm_delivery()
            for message in messages:
                channel.basic_publish("replay", queue, message.body, properties_of(message), mandatory=True)

    def deliver_and_drop(self, queue: str, times: int) -> None:
        """Let a consumer take one message and die, so many times."""
        for _ in range(times):
            with self.channel() as channel:
                until(lambda channel=channel: channel.basic_get(queue)[0], what="a message to drop")
        until(lambda: self.count(queue) > 0)

    def bind(self, binding: topology.Binding) -> None:
        with self.channel() as channel:
            channel.queue_bind(binding.queue, binding.exchange, binding.key)

    def unbind(self, binding: topology.Binding) -> None:
        with self.channel() as channel:
            channel.queue_unbind(binding.queue, binding.exchange, binding.key)

    def bound(self, binding: topology.Binding) -> bool:
        rows = self._api("GET", "bindings")
        known = {(row["destination"], row["source"], row["routing_key"]) for row in rows}
        return (binding.queue, binding.exchange, binding.key) in known

    def delete_queue(self, queue: str) -> None:
        with self.channel() as channel:
            channel.queue_delete(queue)

    def limit(self, queue: str, messages: int) -> None:
        """A policy: more than so many are refused. The pattern is anchored, so helpers of the queue stay free."""
        pattern = "^" + queue.replace(".", r"\.") + "$"
        body = {"pattern": pattern, "apply-to": "queues", "definition": {"max-length": messages}}
        self._api("PUT", "policies", "limit", body=body)
        until(lambda: self._api("GET", "queues", queue).get("policy") == "limit", what="the policy to be in force")

    def unlimit(self) -> None:
        self._api("DELETE", "policies", "limit")

    def connections(self, name: str) -> list[str]:
        rows = self.management.call("GET", f"/vhosts/{quote(self.vhost, safe='')}/connections")
        assert isinstance(rows, list)
        return [row["name"] for row in rows if row.get("user_provided_name") == name]

    def force_close(self, name: str) -> None:
        """Close the connection that calls itself `name`, as an operator or a restarting broker does."""
        found = until(lambda: self.connections(name), what=f"connection {name} in the broker's list", timeout=20)
        for connection in found:
            self.management.call("DELETE", f"/connections/{quote(connection, safe='')}")

    def consumers(self, queue: str) -> int:
        with self.channel() as channel:
            return int(channel.queue_declare(queue, passive=True).method.consumer_count)

    @contextlib.contextmanager
    def user(self, service: str) -> Iterator[str]:
        """The URL of a user with exactly the rights of that service, for this vhost."""
        name, password = f"{service}-{secrets.token_hex(4)}", secrets.token_hex(8)
        rights = topology.PERMISSIONS[service]
        self.management.put_user(name, password)
        try:
            self.management.permit(self.vhost, name, (rights.configure, rights.write, rights.read))
            parts = urlsplit(self.url)
            place = parts.netloc.rpartition("@")[2]
            yield urlunsplit((parts.scheme, f"{name}:{password}@{place}", parts.path, "", ""))
        finally:
            self.management.delete_user(name)


def fill(publisher: Publisher, message: Message) -> int:
    """Publish until the broker refuses, which it starts to do a little late. Returns how many it took."""
    taken = 0

    def refused() -> bool:
        nonlocal taken
        error = publisher.publish("events", message).exception(10)
        taken += error is None
        return isinstance(error, Refused)

    until(refused, timeout=20)
    return taken


@contextlib.contextmanager
def publishing(url: str, **options: Any) -> Iterator[Publisher]:
    publisher = Publisher(url, **options)
    publisher.start()
    try:
        until(lambda: publisher.ready, timeout=20)
        yield publisher
    finally:
        publisher.close(1)
