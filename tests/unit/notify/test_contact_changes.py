"""What a new list of contacts would change, told without a name or a number."""

from __future__ import annotations

from services.notify.contact_changes import compared


def row(identity, agency="bvte-binh-luong", **more):
    return {"_id": identity, "agency": agency, "name": "Người Bịa Ra", "phones": ["+84000000101"], **more}


def test_whoever_is_new_is_other_or_is_gone_is_told_by_id_and_field():
    now = [row("bvte-1"), row("bvte-2"), row("ca-1", "ca-binh-luong")]
    wanted = [row("bvte-1", phones=["+84000000999"], order="second"), row("bvte-2"), row("th-1", "th-binh-luong")]

    changes = compared(now, wanted)

    assert changes.lines() == [
        "+ th-1",
        "~ bvte-1: order, phones",
        "- ca-1",
        "! ca-binh-luong: không còn ai / nobody is left",
    ]
    assert not any(secret in line for line in changes.lines() for secret in ("Bịa", "+84"))


def test_the_same_list_changes_nothing():
    assert not compared([row("bvte-1")], [row("bvte-1")])
    assert compared([row("bvte-1")], [row("bvte-1")]).lines() == []
