"""An SMS gateway and a mail server that do nothing but say when a message was handed to them.

`python -m tests.bench.gateway FILE` listens on two free ports and writes to FILE: first a line with both ports, then
`<seconds since 1970> <id>` for every message, where the id is that of the delivery. A process of its own, so that the
one who measures does not share an interpreter with the one who is measured.
"""

from __future__ import annotations

import asyncio
import json
import re
import sys
import time
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TextIO

_LENGTH = re.compile(rb"content-length:\s*(\d+)", re.IGNORECASE)
_MESSAGE_ID = re.compile(rb"^Message-ID:\s*<([^@>]+)@", re.IGNORECASE | re.MULTILINE)
Connected = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]


class Gateway:
    def __init__(self, out: TextIO) -> None:
        self._out = out

    def _handed_over(self, delivery: str) -> None:
        self._out.write(f"{time.time():.6f} {delivery}\n")
        self._out.flush()

    async def sms(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while True:
            head = await reader.readuntil(b"\r\n\r\n")
            length = _LENGTH.search(head)
            call = json.loads(await reader.readexactly(int(length[1]) if length else 0))
            self._handed_over(call["request_id"])
            body = json.dumps({"status": "accepted", "id": call["request_id"]}).encode()
            fields = f"Content-Type: application/json\r\nContent-Length: {len(body)}"
            writer.write(f"HTTP/1.1 200 OK\r\n{fields}\r\n\r\n".encode() + body)
            await writer.drain()

    async def mail(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 bench\r\n")
        while line := await reader.readline():
            verb = line[:4].upper()
            if verb == b"DATA":
                writer.write(b"354 go on\r\n")
                content = await reader.readuntil(b"\r\n.\r\n")
                found = _MESSAGE_ID.search(content)
                self._handed_over(found[1].decode() if found else "")
            writer.write(b"221 bye\r\n" if verb == b"QUIT" else b"250 ok\r\n")
            await writer.drain()
            if verb == b"QUIT":
                return

    async def serve(self) -> None:
        servers = [await asyncio.start_server(_quietly(one), "127.0.0.1", 0) for one in (self.sms, self.mail)]
        self._out.write(" ".join(str(server.sockets[0].getsockname()[1]) for server in servers) + "\n")
        self._out.flush()
        await asyncio.gather(*(server.serve_forever() for server in servers))


def _quietly(serve: Connected) -> Connected:
    async def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await serve(reader, writer)
        except (asyncio.IncompleteReadError, ConnectionError):
            pass  # the client has gone: that is how each connection ends
        finally:
            writer.close()

    return connected


if __name__ == "__main__":
    with Path(sys.argv[1]).open("w", encoding="ascii") as out:
        asyncio.run(Gateway(out).serve())
