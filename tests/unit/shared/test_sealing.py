"""What is sealed opens for the right key, incident, part and version, and for nothing else."""

from __future__ import annotations

import json
import stat
from base64 import b64decode, b64encode

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from shared import sealing
from shared.sealing import Opener, SealBroken, Sealer

PARTS = {"counting": {"cases": [1]}, "child": {"full_name": "Lường Thị Bịa"}, "suspect": {}, "reporter": {}}


@pytest.fixture(scope="module")
def keys(tmp_path_factory):
    home = tmp_path_factory.mktemp("keys")
    sealing.generate(home / "private", home / "public.pem")
    return Sealer(*sealing.load_public(home / "public.pem")), Opener(sealing.load_private_dir(home / "private"))


def test_every_part_opens_again(keys):
    sealer, opener = keys
    sealed = sealer.seal("i-1", PARTS)

    assert {name: opener.open("i-1", sealed, name) for name in PARTS} == PARTS
    assert "Lường" not in json.dumps(sealed, ensure_ascii=False)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**9), 10**9) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


@settings(max_examples=30)
@given(json_values)
def test_any_json_value_survives(keys, value):
    sealer, opener = keys

    assert opener.open("i", sealer.seal("i", {"child": value}), "child") == value


def test_another_incident_another_part_another_version_stay_closed(keys):
    sealer, opener = keys
    sealed = sealer.seal("i-1", PARTS)
    moved = {**sealed, "parts": {**sealed["parts"], "suspect": sealed["parts"]["child"]}}

    for incident, changed, part in [
        ("i-2", sealed, "child"),
        ("i-1", moved, "suspect"),
        ("i-1", {**sealed, "schema": 2}, "child"),
        ("i-1", {**sealed, "key_id": "0" * 16}, "child"),
        ("i-1", sealed, "missing"),
    ]:
        with pytest.raises(SealBroken):
            opener.open(incident, changed, part)


def test_a_changed_byte_is_noticed(keys):
    sealer, opener = keys
    sealed = sealer.seal("i-1", PARTS)
    blob = bytearray(b64decode(sealed["parts"]["child"]))
    blob[-1] ^= 1
    sealed["parts"]["child"] = b64encode(bytes(blob)).decode()

    with pytest.raises(SealBroken):
        opener.open("i-1", sealed, "child")


def test_a_private_key_is_for_its_owner_alone(tmp_path):
    key_id = sealing.generate(tmp_path / "private", tmp_path / "public.pem")

    (file,) = (tmp_path / "private").iterdir()
    assert file.name.endswith(f"-{key_id}.pem")
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert b"PRIVATE" not in (tmp_path / "public.pem").read_bytes()


def test_a_folder_without_keys_is_refused(tmp_path):
    with pytest.raises(ValueError, match="no private key"):
        sealing.load_private_dir(tmp_path)
