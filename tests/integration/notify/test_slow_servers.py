"""A server that answers a letter at a time holds nobody longer than a claim lasts."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from services.notify.channels import sms_http
from services.notify.channels.base import Failed, Parcel, Unknown
from services.notify.channels.email_smtp import EmailSmtp, MailServer
from services.notify.dispatching import CALL

PARCEL = Parcel("d", "mau@example.invalid", "text", "subject", "body", datetime(2026, 1, 5, tzinfo=UTC))


class Tarpit:
    """A mail server that is quick until `stage`, and then sends one letter of its answer every 20 ms."""

    def __init__(self, stage: str) -> None:
        self._stage, self._closing = stage, threading.Event()
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.port = self._listening.getsockname()[1]
        self._thread = threading.Thread(target=self._serve)
        self._thread.start()

    def close(self) -> None:
        self._closing.set()
        self._listening.close()
        self._thread.join(10)

    def _serve(self) -> None:
        connection, _ = self._listening.accept()
        with connection:
            try:
                self._talk(connection)
            except OSError:
                return

    def _talk(self, connection: socket.socket) -> None:
        if self._stage == "greeting":
            self._drip(connection)
        connection.sendall(b"220 tarpit\r\n")
        with connection.makefile("rb") as lines:
            for line in lines:
                verb = line[:4].upper().decode()
                if verb == self._stage:
                    self._drip(connection)
                if verb == "DATA":
                    connection.sendall(b"354 go on\r\n")
                elif line == b".\r\n" and self._stage == "content":
                    self._drip(connection)
                elif verb in {"EHLO", "MAIL", "RCPT"}:
                    connection.sendall(b"250 ok\r\n")

    def _drip(self, connection: socket.socket) -> None:
        while not self._closing.wait(0.02):
            connection.sendall(b"2")


@pytest.fixture
def tarpit(request) -> Iterator[Tarpit]:
    server = Tarpit(request.param)
    yield server
    server.close()


@pytest.mark.parametrize(
    ("tarpit", "result"),
    [("greeting", Failed), ("EHLO", Failed), ("RCPT", Failed), ("content", Unknown)],
    indirect=["tarpit"],
)
def test_a_call_ends_when_its_time_is_up_whatever_the_server_does(tarpit, result):
    channel = EmailSmtp(MailServer("127.0.0.1", tarpit.port, "a@example.invalid"), whole=0.2)
    begun = time.monotonic()

    told = channel.send(PARCEL)

    assert isinstance(told, result), told
    assert time.monotonic() - begun < 5, "ten seconds are what each single answer may take"


def test_the_limits_of_a_text_message_are_together_no_longer_than_a_call():
    limits = sms_http._LIMITS

    assert 2 * limits.connect + limits.pool + limits.write + limits.read <= CALL.total_seconds()
