"""The declaration: repeatable, plain about a mismatch, and dead lettering that keeps what it cannot deliver."""

from __future__ import annotations

import pika
import pytest
from click.testing import CliRunner

from shared.messaging import topology
from shared.messaging.__main__ import main
from shared.messaging.errors import BrokerGone, ChannelRefused, WrongTopology
from tests.harness.waiting import until
from tests.integration.messaging.broker import Broker, tally


def test_it_can_be_applied_again(broker: Broker) -> None:
    topology.apply(broker.url, retry_ms=300)


def test_a_mismatch_names_the_queue_and_what_to_do(empty_broker: Broker) -> None:
    with empty_broker.channel() as channel:
        channel.queue_declare("notify.events", durable=True)
    with pytest.raises(WrongTopology, match=r"queue notify\.events exists with other arguments.*delete it"):
        topology.apply(empty_broker.url)


def test_the_command_applies_and_ends_with_a_sentence_on_a_mismatch(
    empty_broker: Broker, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AMQP_URL", empty_broker.url)
    done = CliRunner().invoke(main, ["topology", "apply"])
    assert (done.exit_code, done.output) == (0, "4 exchanges, 9 queues and their bindings are in place\n")
    refused = CliRunner().invoke(main, ["topology", "apply", "--retry-ms", "5"])
    assert refused.exit_code == 1
    assert "notify.events.retry exists with other arguments" in refused.output


def test_without_a_broker_the_command_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AMQP_URL", "amqp://u:secret@127.0.0.1:1/")
    refused = CliRunner().invoke(main, ["topology", "apply"])
    assert refused.exit_code == 1
    assert "no connection to the broker" in refused.output
    assert "secret" not in refused.output
    with pytest.raises(BrokerGone):
        topology.apply("amqp://u:p@127.0.0.1:1/")


@pytest.mark.parametrize("service", topology.PERMISSIONS)
def test_a_service_cannot_declare_anything(broker: Broker, service: str) -> None:
    with broker.user(service) as url:
        with pytest.raises(ChannelRefused, match="403"):
            topology.apply(url)
        connection = pika.BlockingConnection(pika.URLParameters(url))
        with pytest.raises(pika.exceptions.ChannelClosedByBroker, match="403"):
            connection.channel().queue_delete("notify.events")
        with pytest.raises(pika.exceptions.ChannelClosedByBroker, match="403"):
            connection.channel().queue_declare("", exclusive=True)
        connection.close()


def test_a_message_waits_in_retry_and_comes_back(broker: Broker) -> None:
    with broker.channel() as channel:
        channel.basic_publish("retry", "notify.events", b"x")
    until(lambda: broker.count("notify.events") == 1)
    assert broker.count("notify.events.retry") == 0


def test_a_dead_letter_without_a_way_is_kept(broker: Broker) -> None:
    """At-least-once is in force: at-most-once, its silent fallback, would drop the message here."""
    binding = topology.Binding("notify.events", "replay", "notify.events")
    broker.unbind(binding)
    with broker.channel() as channel:
        channel.confirm_delivery()
        channel.basic_publish("retry", "notify.events", b"x", mandatory=True)
    until(lambda: broker.count("notify.events.retry") == 0, what="the message to expire")
    until(lambda: broker.dead_letters_waiting("notify.events.retry") == 1, timeout=20)


def test_the_delivery_limit_sends_to_the_dead_queue(broker: Broker) -> None:
    broker.put("notify.events", tally("e-1"))
    with broker.channel() as channel:
        for _ in range(topology.DELIVERY_LIMIT + 1):
            method = until(lambda: channel.basic_get("notify.events")[0], every=0.001)
            channel.basic_nack(method.delivery_tag, requeue=True)
    until(lambda: broker.count("notify.events.dead") == 1)
    [(headers, properties, _)] = broker.take_all("notify.events.dead")
    assert (headers["x-death"][0]["reason"], properties.message_id) == ("delivery_limit", "e-1")
