"""Ids, codes and receipts come out alike on every replica."""

from __future__ import annotations

import hmac
import json
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.intake import identity
from services.intake.receipts import receipt

KEY, CHECK = b"k" * 32, b"c" * 32


def test_the_same_body_in_another_order_or_normal_form_is_the_same():
    body = {"a": "Bình Lương", "b": [1, {"c": None}]}
    other = {"b": [1, {"c": None}], "a": unicodedata.normalize("NFD", "Bình Lương")}

    assert identity.digest(body) == identity.digest(other)
    assert identity.digest(body) != identity.digest({**body, "b": [1]})


def test_the_id_depends_on_client_key_and_body():
    ids = {
        identity.event_id("a", "k", "d"),
        identity.event_id("b", "k", "d"),
        identity.event_id("a", "l", "d"),
        identity.event_id("a", "k", "e"),
        identity.event_id("a", '","k', "d"),
    }

    assert len(ids) == 5


def test_without_a_key_two_posts_are_two_reports():
    assert identity.event_id("a", None, "d") != identity.event_id("a", None, "d")


def test_a_code_is_ten_crockford_characters_and_keyed():
    code = identity.incident_code("i-1", KEY)

    assert len(code) == 10
    assert not set(code) & set("ILOU")
    assert code == identity.incident_code("i-1", KEY) != identity.incident_code("i-1", CHECK)


@given(st.uuids())
def test_a_receipt_has_check_digits_that_any_replica_can_judge(incident_id):
    text = receipt(str(incident_id), KEY, CHECK)

    digits = text.replace(" ", "")
    judged = int.from_bytes(hmac.digest(CHECK, b"check/" + digits[:16].encode(), "sha256"), "big") % 10**4
    assert [len(group) for group in text.split(" ")] == [4] * 5
    assert digits[16:] == f"{judged:04d}"
    assert text != receipt(str(incident_id), CHECK, CHECK)


@given(st.recursive(st.none() | st.booleans() | st.integers() | st.text(), st.lists, max_leaves=5))
def test_every_json_body_has_a_digest(body):
    assert identity.digest(json.loads(json.dumps(body))) == identity.digest(body)


def test_a_run_of_combining_marks_is_not_normalised(monkeypatch):
    """Normalising such a run takes quadratic time, with every other request waiting."""
    monkeypatch.setattr(identity, "normalize", lambda form, text: "a" if len(text) < 9 else pytest.fail("slow"))
    flood = "a" + "\u0301\u0327" * 200

    assert identity.digest({"a": flood}) != identity.digest({"a": "a"})
