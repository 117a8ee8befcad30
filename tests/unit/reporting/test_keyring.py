from __future__ import annotations

import pytest

from services.reporting.keys import Keyring, Unopened
from services.reporting.keys.keyring import CaseKey, text_of

KEY, OTHER = b"k" * 32, b"o" * 32


def stored(keyring, key):
    return {"_id": key.case_id, "wrapped": keyring.wrap(key), "under": keyring.id}


def test_what_is_sealed_opens_again():
    keyring = Keyring(KEY)
    key = keyring.make("c-1")
    sealed = key.seal("child", text_of({"full_name": "Đặng Thị Ngọc Ánh", "odd": "\ud800"}))
    assert keyring.unwrap(stored(keyring, key)).open("child", sealed) == {
        "full_name": "Đặng Thị Ngọc Ánh",
        "odd": "\ud800",
    }


def test_no_two_cases_have_one_key():
    keyring = Keyring(KEY)
    assert len({keyring.make("c-1").bytes for _ in range(100)}) == 100


@pytest.mark.parametrize("part", ["suspect", "child ", "child:e-1", ""])
def test_a_part_under_another_name_does_not_open(part):
    key = Keyring(KEY).make("c-1")
    with pytest.raises(Unopened):
        key.open(part, key.seal("child", b"{}"))


def test_a_part_moved_to_another_case_does_not_open_even_under_the_same_key():
    key = Keyring(KEY).make("c-1")
    with pytest.raises(Unopened):
        CaseKey("c-2", key.bytes).open("child", key.seal("child", b"{}"))


def test_a_part_of_another_version_does_not_open(monkeypatch):
    key = Keyring(KEY).make("c-1")
    sealed = key.seal("child", b"{}")
    monkeypatch.setattr("services.reporting.keys.keyring.SCHEMA", 2)
    with pytest.raises(Unopened):
        key.open("child", sealed)


def test_a_key_moved_to_another_case_does_not_open():
    keyring = Keyring(KEY)
    document = stored(keyring, keyring.make("c-1"))
    with pytest.raises(Unopened):
        keyring.unwrap({**document, "_id": "c-2"})


def test_another_installation_opens_nothing_and_says_so():
    keyring = Keyring(KEY)
    with pytest.raises(Unopened, match=keyring.id):
        Keyring(OTHER).unwrap(stored(keyring, keyring.make("c-1")))


@pytest.mark.parametrize("position", [0, 12, -1])
def test_a_changed_byte_does_not_open(position):
    keyring = Keyring(KEY)
    key = keyring.make("c-1")
    part, wrapped = bytearray(key.seal("child", b'{"a": 1}')), bytearray(keyring.wrap(key))
    part[position] ^= 1
    wrapped[position] ^= 1
    with pytest.raises(Unopened):
        key.open("child", bytes(part))
    with pytest.raises(Unopened):
        keyring.unwrap({"_id": "c-1", "wrapped": bytes(wrapped), "under": keyring.id})


def test_a_short_key_is_refused_and_no_key_is_printed():
    with pytest.raises(ValueError, match="32 bytes"):
        Keyring(b"short")
    assert "kkkk" not in repr(Keyring(KEY))
    assert KEY.hex() not in repr(Keyring(KEY))
