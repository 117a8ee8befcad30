"""Sessions, grants and case tokens: what is taken, and everything that must not be."""

from __future__ import annotations

import json
import os
from base64 import urlsafe_b64decode, urlsafe_b64encode
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import jwt
import pytest
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_public_key

from shared import case_tokens, grants, sessions, signing
from shared.case_ids import case_id, number_of
from shared.case_tokens import CaseToken
from shared.signing import PublicKeys, Refused, SigningKey

NOW = datetime(2026, 3, 2, 8, 0, tzinfo=UTC)
TOKEN = CaseToken("0190-incident", "partner-1", "binh-luong", "ABCDE12345", 3, False)


@pytest.fixture
def keys(tmp_path):
    signing.generate(tmp_path / "private.pem", tmp_path / "public")
    return SigningKey.load(tmp_path / "private.pem"), PublicKeys(tmp_path / "public")


def a_session(**changes):
    session = sessions.begin(
        account="acc-1", name="Người Mẫu", role="police", unit="binh-luong", agency="ca-binh-luong", contact="ca-1",
        user_agent="browser", now=NOW,
    )  # fmt: skip
    return replace(session, **changes)


def a_grant(**changes):
    grant = grants.Grant(
        account="acc-1", role="police", unit="binh-luong", agency="ca-binh-luong", contact="ca-1", incident="i-1",
        case="c-1", code="ABCDE12345-1", commune="binh-luong", steps=("EMERGENCY_APPLIED",), drill=False,
        issued_at=NOW, expires_at=NOW + grants.LASTS,
    )  # fmt: skip
    return replace(grant, **changes)


def test_a_session_and_a_grant_come_back_as_they_went(keys):
    key, public = keys

    session = a_session()
    assert sessions.decode(sessions.encode(session, key), public, NOW) == session
    assert grants.decode(grants.encode(a_grant(), key), public, NOW) == a_grant()


def test_two_sessions_of_one_person_share_nothing_secret():
    first, second = a_session(), a_session()

    assert first.id != second.id
    assert first.csrf != second.csrf


def test_a_grant_is_no_session_and_a_session_no_grant(keys):
    key, public = keys

    with pytest.raises(Refused, match="purpose"):
        sessions.decode(grants.encode(a_grant(), key), public, NOW)
    with pytest.raises(Refused, match="purpose"):
        grants.decode(sessions.encode(a_session(), key), public, NOW)


@pytest.mark.parametrize(("module", "make"), [(sessions, a_session), (grants, a_grant)])
def test_time_ends_them_to_the_second_and_says_so(keys, module, make):
    key, public = keys
    token = module.encode(make(), key)

    module.decode(token, public, NOW + module.LASTS - timedelta(seconds=1))
    with pytest.raises(Refused) as refused:
        module.decode(token, public, NOW + module.LASTS)
    assert refused.value.expired


def test_a_key_that_is_not_in_the_folder_signs_nothing(keys, tmp_path):
    _, public = keys
    signing.generate(tmp_path / "stranger.pem", tmp_path / "elsewhere")
    stranger = SigningKey.load(tmp_path / "stranger.pem")

    with pytest.raises(Refused, match="unknown key"):
        sessions.decode(sessions.encode(a_session(), stranger), public, NOW)


def test_a_stranger_who_names_our_key_is_refused(keys, tmp_path):
    key, public = keys
    signing.generate(tmp_path / "stranger.pem", tmp_path / "elsewhere")
    stranger = SigningKey.load(tmp_path / "stranger.pem")
    stranger.kid = key.kid

    with pytest.raises(Refused):
        sessions.decode(sessions.encode(a_session(), stranger), public, NOW)


def test_a_new_key_in_the_folder_is_taken_without_a_restart_and_one_taken_away_is_not(keys, tmp_path):
    key, _ = keys
    passed = [0.0]
    public = PublicKeys(tmp_path / "public", monotonic=lambda: passed[0])
    sessions.decode(sessions.encode(a_session(), key), public, NOW)

    signing.generate(tmp_path / "next.pem", tmp_path / "public")
    sessions.decode(sessions.encode(a_session(), SigningKey.load(tmp_path / "next.pem")), public, NOW)

    (tmp_path / "public" / f"{key.kid}.pem").unlink()
    passed[0] = 5.0
    with pytest.raises(Refused, match="unknown key"):
        sessions.decode(sessions.encode(a_session(), key), public, NOW)


def forged(algorithm, secret, key):
    claims = {"iss": "lentieng", "iat": 1, "exp": 9_999_999_999, "sub": "acc-1"}
    return jwt.encode(claims, secret, algorithm, headers={"kid": key.kid, "typ": "lentieng-session+jwt"})


def test_the_token_does_not_choose_how_it_is_checked(keys, tmp_path):
    key, public = keys
    pem = (tmp_path / "public" / f"{key.kid}.pem").read_bytes()
    raw = load_pem_public_key(pem).public_bytes(Encoding.Raw, PublicFormat.Raw)

    for token in (forged("none", None, key), forged("HS256", raw, key)):
        with pytest.raises(Refused):
            sessions.decode(token, public, NOW)


def test_a_changed_claim_breaks_the_signature(keys):
    key, public = keys
    head, body, seal = grants.encode(a_grant(), key).split(".")
    claims = json.loads(urlsafe_b64decode(body + "=="))
    claims["steps"].append("PLAN_APPROVED")
    body = urlsafe_b64encode(json.dumps(claims).encode()).decode().rstrip("=")

    with pytest.raises(Refused):
        grants.decode(f"{head}.{body}.{seal}", public, NOW)


@pytest.mark.parametrize("missing", ["csrf", "account", "role", "browser"])
def test_an_empty_claim_is_none(keys, missing):
    key, public = keys

    with pytest.raises(Refused, match="incomplete"):
        sessions.decode(sessions.encode(a_session(**{missing: ""}), key), public, NOW)


@pytest.mark.parametrize("rubbish", ["", ".", "a.b.c", "x" * 5000, "ä.ö.ü"])
def test_rubbish_is_refused_and_not_quoted(keys, rubbish):
    _, public = keys

    with pytest.raises(Refused) as refused:
        sessions.decode(rubbish, public, NOW)
    assert len(rubbish) < 2 or rubbish not in str(refused.value)


def test_a_case_token_is_the_same_wherever_it_is_made():
    assert case_tokens.make(b"k" * 32, TOKEN) == case_tokens.make(b"k" * 32, replace(TOKEN))
    assert case_tokens.read(b"k" * 32, case_tokens.make(b"k" * 32, TOKEN)) == TOKEN


def test_a_case_token_of_another_key_or_with_another_client_is_none():
    token = case_tokens.make(b"k" * 32, TOKEN)
    other = case_tokens.make(b"k" * 32, replace(TOKEN, client="partner-2"))

    assert case_tokens.read(b"x" * 32, token) is None
    prefix, content, _ = other.split(".")
    assert case_tokens.read(b"k" * 32, f"{prefix}.{content}.{token.split('.')[2]}") is None


@pytest.mark.parametrize(
    "rubbish", ["", "ltc1", "ltc1.", "ltc1.a.b.c", "ltc1.%%%.%%%", "ltc1.é.é", "ltc1." + "A" * 2000]
)
def test_rubbish_is_no_case_token(rubbish):
    assert case_tokens.read(b"k" * 32, rubbish) is None


def test_a_case_is_known_by_its_number_and_no_other():
    case = case_id("incident-1", 2)

    assert number_of("incident-1", case, 3) == 2
    assert number_of("incident-1", case, 1) is None
    assert number_of("incident-2", case, 3) is None


def test_a_key_that_could_not_be_read_is_looked_at_again(tmp_path):
    now = [0.0]
    signing.generate(tmp_path / "private.pem", tmp_path / "public")
    (file,) = (tmp_path / "public").iterdir()
    whole, seen = file.read_bytes(), file.stat().st_mtime_ns
    file.write_bytes(whole[:40])
    os.utime(file, ns=(seen, seen))
    public = PublicKeys(tmp_path / "public", monotonic=lambda: now[0])
    token = sessions.encode(a_session(), SigningKey.load(tmp_path / "private.pem"))
    with pytest.raises(Refused):
        sessions.decode(token, public, NOW)
    file.write_bytes(whole)
    os.utime(file, ns=(seen, seen))
    with pytest.raises(Refused):
        sessions.decode(token, public, NOW)
    now[0] += 5

    assert sessions.decode(token, public, NOW).account == "acc-1"
