"""The one connection to MongoDB per process, with limits on every call, and its failures in our words."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any

import mongoengine
import pymongo
from bson.errors import BSONError
from mongoengine.connection import ConnectionFailure as AliasTaken
from pymongo.database import Database
from pymongo.errors import ConnectionFailure, PyMongoError

from shared.failures import DependencyDown, Permanent, Temporary
from shared.mongodb import CLIENT

ALIAS = "notify"


def connect(url: str, database: str) -> None:
    """Once per process, after the fork; the same address again changes nothing. Nothing is sent yet.

    Every operation has 5 s in all; writes are on a majority's disks before they count as done.
    """
    try:
        mongoengine.connect(
            db=database,
            host=url,
            alias=ALIAS,
            maxPoolSize=50,
            appname="notify",
            **CLIENT,
        )
    except AliasTaken:
        raise RuntimeError("this process is connected to another database already") from None


def disconnect() -> None:
    mongoengine.disconnect(alias=ALIAS)


def database() -> Database[dict[str, Any]]:
    found: Database[dict[str, Any]] = mongoengine.get_db(alias=ALIAS)
    return found


def limited(seconds: float) -> AbstractContextManager[None]:
    """Everything inside takes no longer than this altogether."""
    return pymongo.timeout(seconds)


def ping() -> None:
    """Raises `DependencyDown`."""
    with store():
        database().command("ping")


@contextmanager
def store() -> Iterator[None]:
    """Around every call: raises `DependencyDown` if MongoDB doesn't answer, else `Temporary` or `Permanent`.

    Always `from None` and with the type only: the texts of pymongo's errors quote documents.
    """
    try:
        yield
    except PyMongoError as error:
        if isinstance(error, ConnectionFailure) or error.timeout:
            raise DependencyDown("mongodb", type(error).__name__) from None
        raise Temporary(f"mongodb refused: {type(error).__name__}") from None
    except (BSONError, mongoengine.ValidationError, UnicodeError, OverflowError) as error:
        raise Permanent(f"not storable: {type(error).__name__}") from None
