"""Send a message once more to one queue: after a repair (`dead replay`), or because reconciliation misses it there."""

from __future__ import annotations

from concurrent.futures import Future

from shared.events.message import Message
from shared.messaging.publisher import Publisher
from shared.messaging.topology import REPLAY
from shared.messaging.wire import for_replay


def replay(publisher: Publisher, queue: str, message: Message) -> Future[None]:
    """Publish to `queue` alone, same id, attempts counted afresh. See `Publisher.publish` for failures."""
    return publisher.publish(REPLAY, for_replay(message, queue))
