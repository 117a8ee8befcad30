"""E-mail by SMTP, a connection per message: a mail server that went away costs one try, not a stale connection."""

from __future__ import annotations

import smtplib
import socket
import ssl
import threading
from binascii import b2a_qp
from contextlib import suppress
from dataclasses import dataclass
from email.header import Header
from email.message import Message
from email.mime.multipart import MIMEMultipart
from email.mime.nonmultipart import MIMENonMultipart
from email.policy import compat32
from email.utils import format_datetime, formataddr
from typing import Any

from services.notify.channels.base import Failed, Parcel, Result, Sent, Unknown

# For one answer of the server, and for the whole call: a server that answers a letter at a time would hold a thread for
# minutes, and the message would come due again meanwhile and go twice.
_SECONDS, _WHOLE = 10.0, 12.0
_WIRE = compat32.clone(linesep="\r\n")


@dataclass(frozen=True)
class MailServer:
    """`tls`: none, starttls or tls."""

    host: str
    port: int
    sender: str
    user: str = ""
    password: str = ""
    tls: str = "none"


class EmailSmtp:
    # Mail servers forget Message-IDs, so a repeat may arrive twice; the dispatcher allows one.
    repeats_safely = False

    def __init__(self, server: MailServer, *, whole: float = _WHOLE) -> None:
        """`whole`: seconds that one call may take."""
        self._server, self._whole = server, whole
        # smtplib would ask the DNS for it at every connection of its own accord.
        self._own_name = socket.getfqdn()

    def send(self, parcel: Parcel) -> Result:
        message = _message(parcel, self._server.sender)
        deadline = _Deadline(self._whole)
        try:
            connection = self._connected(deadline)
        except (OSError, smtplib.SMTPException) as error:
            deadline.over()
            return Failed(_reason(error), "temporary")
        try:
            return self._transfer(connection, parcel.to, message, deadline)
        finally:
            deadline.over()
            connection.close()

    def close(self) -> None:
        return None

    def _connected(self, deadline: _Deadline) -> smtplib.SMTP:
        server = self._server
        if server.tls == "tls":
            context = ssl.create_default_context()
            connection: smtplib.SMTP = _WithinTls(
                deadline, server.host, server.port, self._own_name, timeout=_SECONDS, context=context
            )
        else:
            connection = _Within(deadline, server.host, server.port, self._own_name, timeout=_SECONDS)
        try:
            connection.ehlo_or_helo_if_needed()
            if server.tls == "starttls":
                connection.starttls(context=ssl.create_default_context())
                connection.ehlo()
            if server.user:
                connection.login(server.user, server.password)
        except BaseException:
            connection.close()
            raise
        return connection

    def _transfer(self, connection: smtplib.SMTP, to: str, message: bytes, deadline: _Deadline) -> Result:
        try:
            for step, (code, _) in (
                # A refused sender is our configuration, not this mailbox: worth another try once it is put right.
                ("sender", connection.mail(self._server.sender)),
                ("mailbox", connection.rcpt(to)),
            ):
                if code >= 400:
                    lasting = code >= 500 and step == "mailbox"
                    return Failed(f"smtp_{code}_{step}", "permanent" if lasting else "temporary")
        except (OSError, smtplib.SMTPException) as error:
            return Failed(_reason(error), "temporary")
        if deadline.expired:
            # Nothing of it was handed over yet, and the claim may be another's before it would be.
            return Failed("too_slow", "temporary")
        return _handed_over(connection, message, deadline)


def _handed_over(connection: smtplib.SMTP, message: bytes, deadline: _Deadline) -> Result:
    try:
        code, _ = connection.data(message)
    except smtplib.SMTPDataError as error:
        # The server refused to begin with the content, so it certainly has none.
        return Failed(f"smtp_{error.smtp_code}_data", "permanent" if error.smtp_code >= 500 else "temporary")
    except (OSError, smtplib.SMTPException) as error:
        # The last dot may have arrived although its answer did not.
        return Unknown(_reason(error))
    if code >= 400:
        return Failed(f"smtp_{code}_content", "permanent" if code >= 500 else "temporary")
    # An answer that was cut short by the deadline may read like a good one.
    return Unknown("too_slow") if deadline.expired else Sent()


class _Deadline:
    """Ends the connections that began with it when its time is up, whatever they are waiting for."""

    def __init__(self, seconds: float) -> None:
        self.expired = False
        self._connections: list[smtplib.SMTP] = []
        self._timer = threading.Timer(seconds, self._end)
        self._timer.daemon = True
        self._timer.start()

    def of(self, connection: smtplib.SMTP) -> None:
        self._connections.append(connection)

    def over(self) -> None:
        """Everything was in time."""
        self._timer.cancel()

    def _end(self) -> None:
        self.expired = True
        for connection in self._connections:
            # Not closed: whoever reads from it sees its end and closes it.
            with suppress(OSError):
                if connection.sock is not None:
                    # The plain one, of TLS too: its own takes the channel away from under whoever is reading.
                    socket.socket.shutdown(connection.sock, socket.SHUT_RDWR)


class _Within(smtplib.SMTP):
    def __init__(self, deadline: _Deadline, *arguments: Any, **named: Any) -> None:
        # Before it connects: the server's first word may be the one that never ends.
        deadline.of(self)
        super().__init__(*arguments, **named)


class _WithinTls(smtplib.SMTP_SSL):
    def __init__(self, deadline: _Deadline, *arguments: Any, **named: Any) -> None:
        deadline.of(self)
        super().__init__(*arguments, **named)


def _message(parcel: Parcel, sender: str) -> bytes:
    """The wire form, the same for each repeat of a parcel. Raises `ValueError` for a header that would be two.

    By the classic classes: those of `email.message.EmailMessage` parse every header they set, at four times the cost.
    """
    domain = sender.rpartition("@")[2]
    message = _text(parcel.body, "plain")
    if parcel.html is not None:
        # A boundary drawn at random would make the repeat a different message.
        parts = [message, _text(parcel.html, "html")]
        message = MIMEMultipart("alternative", f"lentieng-{parcel.id}", parts)
    for name, value in (
        ("From", formataddr(("Lên Tiếng", sender))),
        ("To", parcel.to),
        ("Subject", parcel.subject),
        ("Date", format_datetime(parcel.at)),
        ("Message-ID", f"<{parcel.id}@{domain}>"),
        ("Auto-Submitted", "auto-generated"),
        ("Content-Language", "vi"),
    ):
        if "\r" in value or "\n" in value:
            raise ValueError(f"{name} holds a line break")
        message[name] = value if value.isascii() else Header(value, "utf-8")
    return message.as_bytes(policy=_WIRE)


def _text(content: str, kind: str) -> Message[Any, Any]:
    """Quoted-printable by the encoder in C: the classic one, a character at a time, was two thirds of a mail's cost."""
    part = MIMENonMultipart("text", kind, charset="utf-8")
    part["Content-Transfer-Encoding"] = "quoted-printable"
    part.set_payload(b2a_qp(content.encode("utf-8", "replace"), istext=True).decode("ascii"))
    return part


def _reason(error: Exception) -> str:
    """The code or the type; the server's own words may quote the mailbox."""
    code = getattr(error, "smtp_code", None)
    return f"smtp_{code}" if isinstance(code, int) else type(error).__name__
