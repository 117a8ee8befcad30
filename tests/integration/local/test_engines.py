"""Engines of our own, on a machine where others may run: they come, keep their data, and leave."""

from __future__ import annotations

import pymongo
import pytest

from deploy.local.engines import start
from deploy.local.engines.management import Management
from deploy.local.ports import Ports
from tests.harness.left import mentioning
from tests.harness.waiting import until


@pytest.mark.timeout(300)
def test_engines_keep_their_data_at_other_ports_and_leave_nothing_running(tmp_path):
    first = start(tmp_path, Ports.free(), environment={}, password="the-same-for-both-starts")
    try:
        Management(first.addresses.management).create_vhost("kept")
        with pymongo.MongoClient(first.addresses.mongo, timeoutMS=10_000) as client:
            client.kept.things.insert_one({"_id": 1})
        assert {"beam.smp", "epmd", "mongod"} <= {name.partition("-")[0] for name in mentioning(tmp_path).values()}
    finally:
        first.stop()
    until(lambda: not mentioning(tmp_path), what="none of ours is left")

    again = start(tmp_path, Ports.free(), environment={}, password="the-same-for-both-starts")
    try:
        names = [vhost["name"] for vhost in Management(again.addresses.management).call("GET", "/vhosts")]
        assert "kept" in names
        with pymongo.MongoClient(again.addresses.mongo, timeoutMS=10_000) as client:
            assert client.kept.things.count_documents({}) == 1
    finally:
        again.stop()
    until(lambda: not mentioning(tmp_path), what="none of ours is left")
