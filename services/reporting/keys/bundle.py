"""The file of a backup: BSON records, gzip, age. `age -d -i envelope.txt file | gunzip` gives the records.

The first record is {"kind": "head"}, the last {"kind": "end", "records": how many before it}; in between are documents
and small files, one record each. age notices every changed byte and a missing end, so a file is whole or refused.
"""

from __future__ import annotations

import os
import zlib
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import bson
import pyrage
from bson.codec_options import CodecOptions
from bson.raw_bson import RawBSONDocument

from services.reporting.keys.refusal import Refused
from shared import durable

RAW: CodecOptions[RawBSONDocument] = CodecOptions(document_class=RawBSONDocument)
_GZIP = 31
_SHORTEST = 5  # of a BSON document


def write(path: Path, recipient: pyrage.x25519.Recipient, records: Iterable[Mapping[str, Any]]) -> int:
    """Whole or not at all, readable by nobody else. Returns the number of records. Raises `OSError` and their own."""
    half = path.with_name(f".{path.name}.part")
    source = _Source(records)
    half.unlink(missing_ok=True)
    try:
        with os.fdopen(os.open(half, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            try:
                pyrage.encrypt_io(source, file, [recipient])
            except pyrage.EncryptError:
                if source.failure is not None:
                    raise source.failure from None
                raise
            file.flush()
            os.fsync(file.fileno())
        half.replace(path)
    finally:
        half.unlink(missing_ok=True)
    durable.entries(path.parent)
    return source.records


def read(path: Path, identity: pyrage.x25519.Identity, take: Callable[[RawBSONDocument], None]) -> None:
    """Give every record but the last to `take`, as it is decrypted: that the file is whole is known at the end.

    Raises `Refused`, and whatever `take` raises.
    """
    drain = _Drain(take)
    try:
        with path.open("rb") as file:
            pyrage.decrypt_io(file, drain, [identity])
        drain.close()
    except pyrage.DecryptError as error:
        if "No matching keys" in str(error):
            raise Refused(
                f"Phong bì khóa này không mở được {path.name}. Hãy tìm phong bì được in khi cài máy đã sao lưu.",
                f"This key envelope does not open {path.name}. Use the one printed when that machine was set up.",
            ) from None
        raise _damaged(path) from None
    except (OSError, zlib.error, bson.errors.BSONError, _Broken):
        raise _damaged(path) from None


def _damaged(path: Path) -> Refused:
    return Refused(
        f"{path.name} bị hỏng hoặc bị cắt cụt. Hãy chép lại tệp này từ nơi cất giữ, hoặc dùng bản sao lưu khác.",
        f"{path.name} is damaged or cut off. Copy it again from where it is kept, or use another backup.",
    )


class _Broken(Exception):
    """What was decrypted is no backup."""


class _Source:
    """The plaintext as age reads it."""

    def __init__(self, records: Iterable[Mapping[str, Any]]) -> None:
        self.records = 0
        self.failure: BaseException | None = None
        self._chunks = self._compressed(records)
        self._waiting = b""

    def read(self, size: int) -> bytes:
        try:
            while not self._waiting:
                self._waiting = next(self._chunks)
        except StopIteration:
            return b""
        except BaseException as error:
            self.failure = error  # age would hand on nothing but its text
            raise
        given, self._waiting = self._waiting[:size], self._waiting[size:]
        return given

    def _compressed(self, records: Iterable[Mapping[str, Any]]) -> Iterator[bytes]:
        packer = zlib.compressobj(wbits=_GZIP)
        for record in records:
            yield packer.compress(bson.encode(record))
            self.records += 1
        yield packer.compress(bson.encode({"kind": "end", "records": self.records}))
        yield packer.flush()


class _Drain:
    """Takes the plaintext as age writes it, and cuts it into records."""

    def __init__(self, take: Callable[[RawBSONDocument], None]) -> None:
        self._take = take
        self._unpacker = zlib.decompressobj(wbits=_GZIP)
        self._waiting = bytearray()
        self._records = 0
        self._end: int | None = None

    def write(self, chunk: bytes) -> int:
        self._waiting += self._unpacker.decompress(chunk)
        start = 0
        while len(self._waiting) - start >= _SHORTEST:
            length = int.from_bytes(self._waiting[start : start + 4], "little")
            if length < _SHORTEST or self._end is not None:
                raise _Broken
            if len(self._waiting) - start < length:
                break
            self._one(RawBSONDocument(bytes(self._waiting[start : start + length]), RAW))
            start += length
        del self._waiting[:start]
        return len(chunk)

    def flush(self) -> None: ...

    def close(self) -> None:
        if not self._unpacker.eof or self._waiting or self._end != self._records:
            raise _Broken

    def _one(self, record: RawBSONDocument) -> None:
        if record.get("kind") == "end":
            self._end = record["records"]
        else:
            self._records += 1
            self._take(record)
