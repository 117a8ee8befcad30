"""Exchanges, queues, bindings and rights: data, and the one function that declares them.

Safety is in queue arguments, so no policy can take it away; policies only tune. Every argument is known to RabbitMQ
3.10 and 4.x. At-least-once dead lettering falls back to at-most-once, silently, unless the overflow is reject-publish.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from shared.messaging.blocking import opened
from shared.messaging.errors import ChannelRefused, WrongTopology, translated
from shared.messaging.parameters import parameters

EVENTS, RETRY, DEAD, REPLAY = "events", "retry", "dead", "replay"
RETRY_MS = 30_000
DELIVERY_LIMIT = 100
# A dead letter waits for its drain, however often that crashes: 4.x would drop it after 20 returns by default.
DEAD_DELIVERY_LIMIT = 1_000_000

EXCHANGES = {EVENTS: "topic", RETRY: "direct", DEAD: "direct", REPLAY: "direct"}

_FROM_INTAKE = ("incident.*", "case.step_recorded", "activity.recorded", "nil.declared", "intake.tally", "report.*")
CONSUMED = {
    # Not to reporting, which tells it: a letter that dies twice there would tell of itself for ever.
    "notify.events": (*_FROM_INTAKE, "projection.*", "operator.*", "account.*"),
    "reporting.events": (*_FROM_INTAKE, "alert.*", "deadline.*", "contacts.*"),
    "reporting.files": ("attachment.chunk",),
}
SINGLE_ACTIVE_CONSUMER = frozenset({"reporting.events"})


@dataclass(frozen=True)
class Queue:
    name: str
    arguments: dict[str, str | int | bool] = field(default_factory=dict)


@dataclass(frozen=True)
class Binding:
    queue: str
    exchange: str
    key: str


@dataclass(frozen=True)
class Permission:
    """Regular expressions of RabbitMQ. `^$` is nothing."""

    configure: str
    write: str
    read: str


def retry_queue(queue: str) -> str:
    return f"{queue}.retry"


def dead_queue(queue: str) -> str:
    return f"{queue}.dead"


def queues(retry_ms: int = RETRY_MS) -> list[Queue]:
    """Every queue with its arguments. `retry_ms` is how long a message waits in a retry queue."""
    made = []
    for name in CONSUMED:
        work: dict[str, str | int | bool] = {
            "x-queue-type": "quorum",
            "x-delivery-limit": DELIVERY_LIMIT,
            **_dead_letters_to(DEAD, name),
        }
        if name in SINGLE_ACTIVE_CONSUMER:
            work["x-single-active-consumer"] = True
        retry: dict[str, str | int | bool] = {
            "x-queue-type": "quorum",
            "x-message-ttl": retry_ms,
            **_dead_letters_to(REPLAY, name),
        }
        dead: dict[str, str | int | bool] = {"x-queue-type": "quorum", "x-delivery-limit": DEAD_DELIVERY_LIMIT}
        made += [Queue(name, work), Queue(retry_queue(name), retry), Queue(dead_queue(name), dead)]
    return made


def _dead_letters_to(exchange: str, key: str) -> dict[str, str | int | bool]:
    return {
        "x-dead-letter-exchange": exchange,
        "x-dead-letter-routing-key": key,
        "x-dead-letter-strategy": "at-least-once",
        "x-overflow": "reject-publish",
    }


def bindings_of(queue: str) -> tuple[Binding, ...]:
    """What a consumed queue and its two helpers are bound to."""
    return (
        *(Binding(queue, EVENTS, key) for key in CONSUMED[queue]),
        Binding(queue, REPLAY, queue),
        Binding(retry_queue(queue), RETRY, queue),
        Binding(dead_queue(queue), DEAD, queue),
    )


def _owns(*names: str) -> Permission:
    """Rights of a consumer: bind needs write on the queue and read on the exchange; nothing can be declared."""
    own = "|".join(name.replace(".", r"\.") for name in names)
    return Permission(
        configure="^$",
        write=rf"^({EVENTS}|{RETRY}|{DEAD}|{REPLAY}|({own})(\.retry|\.dead)?)$",
        read=rf"^({EVENTS}|{RETRY}|{DEAD}|{REPLAY}|({own})(\.dead)?)$",
    )


PERMISSIONS = {
    "intake": Permission(configure="^$", write=f"^{EVENTS}$", read="^$"),
    "notify": _owns("notify.events"),
    "reporting": _owns("reporting.events", "reporting.files"),
}


def apply(url: str, retry_ms: int = RETRY_MS) -> None:
    """Declare everything on the broker; as often as one likes. Needs the configure right, which services don't have.

    Raises `WrongTopology` if something of the same name exists with other arguments, `ChannelRefused` without the
    right, `BrokerGone` without a broker.
    """
    connection = opened(parameters(url, "topology"))
    with translated():
        try:
            channel = connection.channel()
            for exchange, kind in EXCHANGES.items():
                _declare(f"exchange {exchange}", channel.exchange_declare, exchange, kind, durable=True)
            for queue in queues(retry_ms):
                _declare(
                    f"queue {queue.name}", channel.queue_declare, queue.name, durable=True, arguments=queue.arguments
                )
            for name in CONSUMED:
                for binding in bindings_of(name):
                    channel.queue_bind(binding.queue, binding.exchange, binding.key)
        finally:
            if connection.is_open:
                connection.close()


def _declare(what: str, declare: object, *args: object, **kwargs: object) -> None:
    assert callable(declare)
    try:
        with translated():
            declare(*args, **kwargs)
    except ChannelRefused as refused:
        if not refused.mismatch:
            raise
        raise WrongTopology(
            f"{what} exists with other arguments, and arguments cannot be changed. The broker says: {refused.text}. "
            "Stop its publishers and consumers, let it run empty or move its messages, delete it, and apply again."
        ) from None
