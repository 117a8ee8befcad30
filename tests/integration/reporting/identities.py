"""Reports with a marker in every field that is sealed, and what must be found of them."""

from __future__ import annotations

from typing import Any

from bson import encode as bson_encode

from services.reporting.keys import open_part
from shared.events import Event
from shared.sealing import Sealer
from tests.harness.leaks import Markers
from tests.integration.reporting.made import Reports, case_id

GIRL = {"sex": "FEMALE", "age_received": 9, "ethnic_group": "THAI", "groups": ["ORPHAN_BOTH"]}
BOY = {"sex": "MALE", "age_received": 3}


def chairman(store: Any) -> None:
    """An account, called as its id is, in whose name a case of Bình Lương may be erased and held."""
    own = {"agency": "bvte-binh-luong", "contact": "bvte-2"}
    made = {"_id": "chairman-1", "user": "chairman-1", "role": "chairman", "unit": "binh-luong", "disabled_at": None}
    store.accounts.insert_one(made | own | {"generation": 1})
    listed = [{"contact": "bvte-2", "person": None, "addresses": []}]
    store.rosters.insert_one({"_id": "bvte-binh-luong", "version": 1, "contacts": listed})


class Told:
    """One report of two children, with everything that people tell of them."""

    def __init__(self, reports: Reports, sealer: Sealer, **facts: Any) -> None:
        import uuid

        self.markers = Markers()
        incident = facts.pop("incident", None) or str(uuid.uuid4())
        self.names = [self.markers.new("full_name"), self.markers.new("full_name")]
        self.description, self.suspect, self.reporter = (
            self.markers.new(name) for name in ("description", "suspect", "reporter")
        )
        self.parts = {
            "child": {
                "description": self.description,
                "place": self.markers.new("place"),
                "external_id": self.markers.new("external_id"),
                "extra": self.markers.new("extra"),
                "children": [
                    {"case_id": f"{incident}-{number}", "full_name": name, "address": self.markers.new("address")}
                    for number, name in enumerate(self.names, start=1)
                ],
            },
            "suspect": {"suspects": [{"relation": "PARENT", "description": self.suspect}]},
            "reporter": {"full_name": self.reporter},
        }
        self.report: Event = reports.report(
            incident=incident, children=[GIRL, BOY], told=self.parts, sealer=sealer, **facts
        )

    def case(self, number: int = 1) -> str:
        return case_id(self.report, number)

    def opens(self, service: Any, number: int = 1) -> None:
        """Every part of this child's case says what was told."""
        child = open_part(service.store, service.keyring, self.case(number), "child")
        assert child["child"]["full_name"] == self.names[number - 1]
        assert self.names[2 - number] not in str(child)
        assert {name: child[name] for name in ("description", "place", "external_id", "extra")} == {
            name: value for name, value in self.parts["child"].items() if name != "children"
        }
        assert open_part(service.store, service.keyring, self.case(number), "suspect") == self.parts["suspect"]
        assert open_part(service.store, service.keyring, self.case(number), "reporter") == self.parts["reporter"]


def dump(store: Any) -> dict[str, bytes]:
    """Every document there is, by collection and id."""
    return {
        f"{name}/{document['_id']}": bson_encode(document)
        for name in store.database.list_collection_names()
        for document in store.database[name].find()
    }


def no_original(store: Any) -> None:
    """No fact holds anything that the door's private keys would open."""
    import json

    for fact in store.facts.find():
        sealed = json.loads(bytes(fact["body"])).get("sealed")
        assert not sealed or (sealed["parts"], sealed["wrapped"]) == ({}, "")
        assert fact["sealed_under"] is None
