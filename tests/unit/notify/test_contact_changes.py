"""What a new list of contacts would change, told without a name or a number."""

from __future__ import annotations

from contextlib import nullcontext
from types import SimpleNamespace

import pytest
from click.testing import CliRunner

from services.notify import __main__ as command
from services.notify.contact_changes import Changes, compared
from services.notify.store import contacts


def row(identity, agency="bvte-binh-luong", **more):
    return {"_id": identity, "agency": agency, "name": "Người Bịa Ra", "phones": ["+84000000101"], **more}


def test_whoever_is_new_is_other_or_is_gone_is_told_by_id_and_field():
    now = [row("bvte-1"), row("bvte-2"), row("ca-1", "ca-binh-luong")]
    wanted = [row("bvte-1", phones=["+84000000999"], order="second"), row("bvte-2"), row("th-1", "th-binh-luong")]

    changes = compared(now, wanted, {"bvte-binh-luong", "ca-binh-luong"})

    assert changes.lines() == [
        "+ th-1",
        "~ bvte-1: order, phones",
        "- ca-1",
        "! ca-binh-luong: không còn ai / nobody is left",
        "! th-binh-luong: không có trong danh mục / is not in the directory",
    ]
    assert not any(secret in line for line in changes.lines() for secret in ("Bịa", "+84"))


def test_the_same_list_changes_nothing():
    changes = compared([row("bvte-1")], [row("bvte-1")], {"bvte-binh-luong"})
    assert (bool(changes), changes.lines()) == (False, [])


@pytest.mark.parametrize(
    ("words", "asked", "said"),
    [
        (["--replace"], [False], "- ca-1\nnothing was changed; --yes does it\n"),
        (["--replace", "--yes"], [True], "- ca-1\ndone\n"),
        (["--yes"], [], "--yes belongs to --replace"),
        (["--again", "--replace"], [], "exclude each other"),
    ],
)
def test_nothing_is_changed_before_somebody_has_said_yes(monkeypatch, tmp_path, words, asked, said):
    asked_for = []
    monkeypatch.setattr(command, "_settings", lambda: SimpleNamespace(contacts_seed_file=tmp_path, directory=None))
    monkeypatch.setattr(command, "_database", lambda settings: nullcontext())
    monkeypatch.setattr(command, "_agencies", lambda settings: ())
    monkeypatch.setattr(contacts, "replace_all", lambda *_, sure: asked_for.append(sure) or Changes(removed=("ca-1",)))
    told = CliRunner().invoke(command.main, ["contacts", "load", *words])

    assert asked_for == asked
    assert said in told.output
