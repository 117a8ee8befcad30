"""The collections by name. `services.notify.documents` says what is in them."""

from __future__ import annotations

from typing import Any

from pymongo.collection import Collection

from services.notify.documents.connection import database

Row = dict[str, Any]
Rows = Collection[Row]


def alerts() -> Rows:
    return database()["alerts"]


def incidents() -> Rows:
    return database()["incidents"]


def rosters() -> Rows:
    return database()["rosters"]


def notices() -> Rows:
    return database()["notices"]


def contacts() -> Rows:
    return database()["contacts"]


def spools() -> Rows:
    return database()["spools"]


def dead_letters() -> Rows:
    return database()["dead_letters"]


def heartbeats() -> Rows:
    return database()["heartbeats"]


def markers() -> Rows:
    return database()["markers"]
