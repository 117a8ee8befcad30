"""pymongo's exceptions in the two words of this project. No text of theirs goes on: it quotes the document."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from pymongo import errors

from shared.failures import DependencyDown, Permanent, Temporary

DUPLICATE_KEY = 11000
# Not primary, shutting down, interrupted, stepped down, write concern not met in time, time limit, disk full.
_DOWN = frozenset({6, 7, 64, 89, 91, 189, 262, 50, 202, 10058, 10107, 11600, 11602, 13435, 13436, 14031})
# The whole command, one value, or the document that an update would leave. pymongo itself looks only at some of them
# beforehand.
_BSON_TOO_BIG = 10334
_TOO_BIG = frozenset({_BSON_TOO_BIG, 16493, 17280, 17419, 17420})
# The server lets a document be 16 KiB longer on its way than it may be; that one it refuses as any bad value.
_BAD_VALUE, _TOO_LONG_TO_INSERT = 2, "object to insert too large"


@contextmanager
def translated() -> Iterator[None]:
    """`DependencyDown("mongodb")` when it does not answer, else `Temporary` or `Permanent` with a code only."""
    try:
        yield
    except (errors.ConnectionFailure, errors.ExecutionTimeout, errors.WTimeoutError):
        raise DependencyDown("mongodb") from None
    except errors.BulkWriteError as error:
        codes = _codes(error)
        if codes & _DOWN or error.details.get("writeConcernErrors"):
            raise DependencyDown("mongodb", _listed(codes)) from None
        if codes and codes <= _TOO_BIG:
            raise Permanent("cannot be stored: larger than 16 MiB") from None
        raise Temporary(f"mongodb refused a write: {_listed(codes)}") from None
    except (errors.DocumentTooLarge, errors.InvalidDocument) as error:  # type: ignore[attr-defined]
        raise Permanent(f"cannot be stored: {type(error).__name__}") from None
    except errors.PyMongoError as error:
        code = _code(getattr(error, "code", None), str(error))
        if error.timeout or code in _DOWN:
            raise DependencyDown("mongodb", _listed({code} if code else set())) from None
        if code in _TOO_BIG:
            raise Permanent("cannot be stored: larger than 16 MiB") from None
        raise Temporary(f"mongodb: {type(error).__name__} {code or ''}".strip()) from None


def duplicates(error: errors.BulkWriteError) -> list[int]:
    """The positions of the operations that met a duplicate key, when nothing else went wrong; else raises `error`."""
    details = error.details
    found = details.get("writeErrors", [])
    if details.get("writeConcernErrors") or any(one.get("code") != DUPLICATE_KEY for one in found):
        raise error
    return [one["index"] for one in found]


def _codes(error: errors.BulkWriteError) -> set[int]:
    return {_code(one.get("code"), str(one.get("errmsg"))) or 0 for one in error.details.get("writeErrors", [])}


def _code(code: int | None, text: str) -> int | None:
    return _BSON_TOO_BIG if code == _BAD_VALUE and text.startswith(_TOO_LONG_TO_INSERT) else code


def _listed(codes: set[int]) -> str:
    return "codes " + ", ".join(str(code) for code in sorted(codes)) if codes else ""
