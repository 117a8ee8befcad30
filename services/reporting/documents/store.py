"""The connection, and every collection by name."""

from __future__ import annotations

from contextlib import AbstractContextManager
from typing import Any

from mongoengine import connect, disconnect
from pymongo import MongoClient, timeout
from pymongo.collection import Collection

from services.reporting.documents import key_models, models, staff_models
from services.reporting.documents.failures import translated
from shared.mongodb import CLIENT

Documents = Collection[dict[str, Any]]
MODELS = (*models.MODELS, *staff_models.MODELS, *key_models.MODELS)


class Store:
    """Make it after a fork. Every operation is limited to 5 s, so a stopped engine counts as down.

    Writes are acknowledged by a majority and journaled; times come back aware, UTC.
    """

    def __init__(self, url: str, database: str) -> None:
        self.client: MongoClient[dict[str, Any]] = connect(
            host=url,
            db=database,
            alias=models.ALIAS,
            appname="lentieng-reporting",
            **CLIENT,
        )
        self.database = self.client[database]
        self.facts = self._of(models.Fact)
        self.cases = self._of(models.Case)
        self.rosters = self._of(models.ReportingRoster)
        self.segments = self._of(models.Segment)
        self.rollups = self._of(models.Rollup)
        self.gaps = self._of(models.Gap)
        self.unfolded = self._of(models.Unfolded)
        self.dead_letters = self._of(models.ReportingDeadLetter)
        self.heartbeats = self._of(models.ReportingHeartbeat)
        self.state = self._of(models.State)
        self.snapshots = self._of(models.Snapshot)
        self.renderings = self._of(models.Rendering)
        self.accounts = self._of(staff_models.Account)
        self.staff_sessions = self._of(staff_models.StaffSession)
        self.openings = self._of(staff_models.Opening)
        self.throttles = self._of(staff_models.Throttle)
        self.enrolments = self._of(staff_models.Enrolment)
        self.delegations = self._of(staff_models.Delegation)
        self.access_log = self._of(staff_models.AccessRow)
        self.operator_notices = self._of(staff_models.OperatorNotice)
        self.case_keys = self._of(key_models.CaseKey)
        self.sealed_parts = self._of(key_models.SealedPart)

    def ensure_indexes(self) -> None:
        """Raises `DependencyDown`."""
        with translated():
            for model in MODELS:
                model.ensure_indexes()

    def missing_indexes(self) -> list[str]:
        """Names of the collections that lack one."""
        with translated():
            return [model._get_collection_name() for model in MODELS if _missing(model)]

    def ping(self) -> None:
        """Raises `DependencyDown`."""
        with translated():
            self.client.admin.command("ping")

    def limited(self, seconds: float) -> AbstractContextManager[None]:
        """Everything inside takes no longer than this altogether."""
        return timeout(seconds)

    def close(self) -> None:
        disconnect(models.ALIAS)

    def _of(self, model: type[Any]) -> Documents:
        found: Documents = self.database[model._get_collection_name()]
        return found


def _missing(model: type[Any]) -> bool:
    # A collection that nothing was written to does not exist yet, and then lacks even the index that comes with it.
    return any(index != [("_id", 1)] for index in model.compare_indexes()["missing"])
