"""What the broker of an installation says, and its bindings."""

from __future__ import annotations

from collections.abc import Sequence

from deploy.local.engines.management import Management
from tests.harness.amqp import connected

QUEUES = tuple(f"{name}{tail}" for name in ("notify.events", "reporting.events") for tail in ("", ".retry", ".dead"))


class BrokerView:
    """`amqp` and `management` are an administrator's."""

    amqp: str
    management: Management

    def consumers(self, queue: str) -> int:
        return self._asked([queue])[queue][1]

    def messages(self, *queues: str) -> dict[str, int]:
        """Messages that wait in each of these queues (all of ours by default), those in a consumer's hands left out."""
        return {name: ready for name, (ready, _) in self._asked(queues or QUEUES).items()}

    def _asked(self, queues: Sequence[str]) -> dict[str, tuple[int, int]]:
        # Over AMQP: the numbers of the management API are up to five seconds old.
        with connected(f"{self.amqp}?stack_timeout=5&socket_timeout=5") as connection:
            channel = connection.channel()
            found = {name: channel.queue_declare(name, passive=True).method for name in queues}
        return {name: (method.message_count, method.consumer_count) for name, method in found.items()}

    def unbind(self, queue: str, key: str) -> None:
        quoted = f"/bindings/%2F/e/events/q/{queue}/{key.replace('*', '%2A')}"
        self.management.call("DELETE", quoted)

    def bindings(self, queue: str) -> set[str]:
        found = self.management.call("GET", f"/bindings/%2F/e/events/q/{queue}")
        assert isinstance(found, list)
        return {one["routing_key"] for one in found}
