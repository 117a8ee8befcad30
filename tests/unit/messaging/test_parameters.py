"""No connection of ours can wait for ever."""

from __future__ import annotations

from shared.messaging.parameters import parameters


def test_every_time_out_is_set() -> None:
    made = parameters("amqp://u:p@broker:5672/v", "intake")
    assert made.heartbeat == 8
    assert made.blocked_connection_timeout == 10
    assert made.socket_timeout == 5
    assert made.stack_timeout == 10
    assert made.connection_attempts == 1
    assert made.client_properties["connection_name"] == "intake"


def test_the_address_may_say_otherwise() -> None:
    made = parameters("amqp://broker/%2f?heartbeat=2&blocked_connection_timeout=1", "x")
    assert (made.heartbeat, made.blocked_connection_timeout) == (2, 1)


def test_amqps_checks_the_brokers_certificate() -> None:
    made = parameters("amqps://broker/v", "x")
    assert made.port == 5671
    assert made.ssl_options.context.check_hostname
