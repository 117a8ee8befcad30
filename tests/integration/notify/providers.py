"""An SMS gateway and a mail server for tests: real sockets, faults on demand."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Callable
from email import message_from_bytes, policy
from email.message import EmailMessage
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from aiosmtpd.controller import Controller

Call = dict[str, str]


class FakeGateway:
    """`calls` is everything that came in, `messages` what reached a phone. `fault(call)` names a fault or None."""

    def __init__(self, file: Path, *, knows_request_ids: bool = True) -> None:
        self.file = file
        self.calls: list[Call] = []
        self.messages: list[Call] = []
        self.fault: Callable[[Call], str | None] = lambda call: None
        self._seen: set[str] = set()
        self._lock = threading.Lock()
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)
        file.write_text(
            json.dumps(
                {
                    "url": f"http://127.0.0.1:{self._server.server_port}/gateway/sms",
                    "body": {"to": "{to}", "text": "{text}", "request_id": "{request_id}"},
                    "status_field": "status",
                    "accepted": ["accepted"],
                    "duplicate": ["duplicate"],
                    "temporary": ["no_balance"],
                    "knows_request_ids": knows_request_ids,
                }
            )
        )

    def __enter__(self) -> FakeGateway:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    def to(self, number: str) -> list[Call]:
        return [message for message in list(self.messages) if message["to"] == number]

    def take(self, call: Call) -> tuple[dict[str, str] | None, int]:
        """Answer and status; None hangs up after the message was taken."""
        with self._lock:
            self.calls.append(call)
            fault = self.fault(call)
            if fault == "error500":
                return {"status": "error"}, 500
            if fault in {"rejected", "no_balance"}:
                return {"status": fault}, 200
            if call["request_id"] in self._seen:
                return {"status": "duplicate", "id": call["request_id"]}, 200
            self._seen.add(call["request_id"])
            self.messages.append(call)
            if fault == "accept_then_hang_up":
                return None, 0
            return {"status": "accepted", "id": call["request_id"]}, 200

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        gateway = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                call = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                answer, status = gateway.take(call)
                if answer is None:
                    self.close_connection = True
                    self.connection.shutdown(socket.SHUT_RDWR)
                    return
                body = json.dumps(answer).encode()
                self.send_response(status)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *args: Any) -> None:
                return None

        return Handler


class FakeMail:
    """`mails` by arrival. `fault(address)` answers "refuse", "tempfail" or None."""

    def __init__(self) -> None:
        self.mails: list[tuple[str, EmailMessage]] = []
        self.fault: Callable[[str], str | None] = lambda address: None
        self._controller = Controller(self, hostname="127.0.0.1", port=_free_port())
        self.port: int = self._controller.port

    def __enter__(self) -> FakeMail:
        self._controller.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._controller.stop()

    def to(self, address: str) -> list[EmailMessage]:
        return [mail for to, mail in list(self.mails) if to == address]

    async def handle_RCPT(self, server: Any, session: Any, envelope: Any, address: str, options: Any) -> str:  # noqa: N802
        answer = {"refuse": "550 no such mailbox", "tempfail": "451 try later", None: "250 OK"}[self.fault(address)]
        if answer.startswith("250"):
            envelope.rcpt_tos.append(address)
        return answer

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802
        mail = message_from_bytes(envelope.content, _class=EmailMessage, policy=policy.default)
        self.mails.extend((address, mail) for address in envelope.rcpt_tos)
        return "250 OK"


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
