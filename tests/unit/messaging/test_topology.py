"""The table of exchanges, queues, bindings and rights keeps its promises."""

from __future__ import annotations

import re

import pytest

from shared.events.catalogue import SCHEMAS
from shared.messaging import topology

ALL = {queue.name: queue.arguments for queue in topology.queues()}


def matches(key: str, name: str) -> bool:
    """Topic matching as far as our binding keys go: `*` is one word."""
    return re.fullmatch(re.escape(key).replace(r"\*", r"[^.]+"), name) is not None


def test_every_queue_is_a_quorum_queue_with_a_limit_or_a_way_on() -> None:
    for arguments in ALL.values():
        assert arguments["x-queue-type"] == "quorum"
        assert "x-delivery-limit" in arguments or "x-message-ttl" in arguments
        assert not {"x-max-length", "x-max-length-bytes", "x-expires"} & arguments.keys()


@pytest.mark.parametrize("queue", topology.CONSUMED)
def test_dead_lettering_is_at_least_once_only_with_reject_publish(queue: str) -> None:
    for name, exchange in ((queue, "dead"), (topology.retry_queue(queue), "replay")):
        arguments = ALL[name]
        assert arguments["x-dead-letter-strategy"] == "at-least-once"
        assert arguments["x-overflow"] == "reject-publish"
        assert (arguments["x-dead-letter-exchange"], arguments["x-dead-letter-routing-key"]) == (exchange, queue)


def test_what_reporting_tells_of_its_dead_letters_never_comes_back_to_it() -> None:
    keys = topology.CONSUMED["reporting.events"]
    assert not [key for key in keys if matches(key, "projection.failed")]


def test_only_the_projector_has_a_single_active_consumer() -> None:
    assert [name for name, arguments in ALL.items() if "x-single-active-consumer" in arguments] == ["reporting.events"]


@pytest.mark.parametrize("name", sorted({name for name, _ in SCHEMAS}))
def test_every_event_of_the_catalogue_is_routed_to_somebody(name: str) -> None:
    queues = {queue for queue, keys in topology.CONSUMED.items() if any(matches(key, name) for key in keys)}
    expected = {
        "attachment.chunk": {"reporting.files"},
        "projection.failed": {"notify.events"},
        "operator.noted": {"notify.events"},
        "account.changed": {"notify.events"},
    }
    assert expected.get(name, {"reporting.events"}) <= queues
    if not name.startswith(("alert.", "deadline.", "attachment.", "contacts.")):
        assert "notify.events" in queues


@pytest.mark.parametrize("service", topology.PERMISSIONS)
def test_no_service_can_declare_anything_or_use_the_default_exchange(service: str) -> None:
    rights = topology.PERMISSIONS[service]
    names = [*topology.EXCHANGES, *ALL, "amq.default", "amq.gen-x"]
    assert not [name for name in names if re.search(rights.configure, name)]
    assert not re.search(rights.write, "amq.default")


def test_a_service_reads_and_writes_no_queue_of_another() -> None:
    for service, rights in topology.PERMISSIONS.items():
        for queue in ALL:
            mine = queue.startswith(f"{service}.")
            assert bool(re.search(rights.write, queue)) == mine, (service, queue)
            assert mine or not re.search(rights.read, queue), (service, queue)


def test_a_consumer_has_the_rights_that_its_bindings_and_settlements_need() -> None:
    for queue in topology.CONSUMED:
        rights = topology.PERMISSIONS[queue.partition(".")[0]]
        for binding in topology.bindings_of(queue):
            assert re.search(rights.write, binding.queue)
            assert re.search(rights.read, binding.exchange)
        for exchange in ("events", "retry", "dead"):
            assert re.search(rights.write, exchange)
        assert re.search(rights.read, queue)
        assert re.search(rights.read, topology.dead_queue(queue))


def test_the_retry_time_can_be_shortened_for_tests() -> None:
    waits = {queue.arguments.get("x-message-ttl") for queue in topology.queues(300)}
    assert waits == {None, 300}
