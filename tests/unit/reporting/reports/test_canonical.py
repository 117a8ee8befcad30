"""Equal data are equal bytes."""

from __future__ import annotations

import json
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.reporting.reports.canonical import canonical, digest

values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(alphabet='aăâđệ\u0301\u0300-"\\ \n0'),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(alphabet="abđ0", max_size=3), inner, max_size=4)
    ),
    max_leaves=20,
)


@given(values, st.randoms(use_true_random=False))
def test_the_order_of_keys_and_the_form_of_accents_do_not_matter(value, random):
    def shuffled(one):
        if isinstance(one, dict):
            pairs = [(unicodedata.normalize("NFD", key), shuffled(inner)) for key, inner in one.items()]
            random.shuffle(pairs)
            return dict(pairs)
        if isinstance(one, list):
            return [shuffled(inner) for inner in one]
        return unicodedata.normalize("NFD", one) if isinstance(one, str) else one

    assert canonical(shuffled(value)) == canonical(value)


@given(values)
def test_what_was_read_is_written_the_same(value):
    once = canonical(value)
    assert canonical(json.loads(once)) == once


def test_the_bytes_and_the_hash_are_these():
    content = canonical({"b": [1, None, True], "a": "Bi\u0300nh Lương", "Z": {"y": "“…”", "x": 0}})
    assert content.decode() == '{"Z":{"x":0,"y":"“…”"},"a":"Bình Lương","b":[1,null,true]}'
    assert digest(content) == "1af79953a513a624de43e762ac8ad8b7c4f9338d9c2eb4e7c6600d1c7547105a"


@pytest.mark.parametrize("value", [1.5, {"a": float("nan")}, {1: "a"}, {"a": {1}}, b"a"])
def test_what_has_no_one_form_is_refused(value):
    with pytest.raises(TypeError):
        canonical(value)


def test_two_keys_that_are_one_text_are_refused():
    with pytest.raises(ValueError, match="same text"):
        canonical({"\u00ea": 1, "e\u0302": 2})
