"""pymongo's exceptions in our two words, without their texts."""

from __future__ import annotations

import pytest
from pymongo import errors

from services.reporting.documents.failures import duplicates, translated
from shared.failures import DependencyDown, Permanent, Temporary

SECRET = {"full_name": "MARKER"}


def bulk(*codes, concern=()):
    found = [{"index": at, "code": code, "errmsg": "MARKER", "op": SECRET} for at, code in enumerate(codes)]
    return errors.BulkWriteError({"writeErrors": found, "writeConcernErrors": list(concern)})


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (errors.ServerSelectionTimeoutError("MARKER"), DependencyDown),
        (errors.NetworkTimeout("MARKER"), DependencyDown),
        (errors.AutoReconnect("MARKER"), DependencyDown),
        (errors.WTimeoutError("MARKER"), DependencyDown),
        (errors.ExecutionTimeout("MARKER", 50), DependencyDown),
        (errors.OperationFailure("MARKER", 10107), DependencyDown),
        (errors.OperationFailure("MARKER", 14031), DependencyDown),
        (bulk(11600), DependencyDown),
        (bulk(concern=[{"code": 64}]), DependencyDown),
        (bulk(121), Temporary),
        (errors.OperationFailure("MARKER", 121), Temporary),
        (errors.DuplicateKeyError("MARKER", 11000), Temporary),
    ],
)
def test_what_does_not_answer_is_down_and_no_text_goes_on(error, kind):
    with pytest.raises(Temporary) as raised, translated():
        raise error
    assert type(raised.value) is kind
    assert "MARKER" not in str(raised.value)
    assert raised.value.__suppress_context__


TOO_LONG = "object to insert too large. size in bytes: 16777548, max size: 16777216"


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (errors.BulkWriteError({"writeErrors": [{"index": 0, "code": 2, "errmsg": TOO_LONG}]}), Permanent),
        (errors.WriteError(TOO_LONG, 2, {"index": 0, "code": 2, "errmsg": TOO_LONG}), Permanent),
        (bulk(10334), Permanent),
        (bulk(16493), Permanent),
        (bulk(2), Temporary),
        (bulk(10334, 121), Temporary),
        (errors.OperationFailure("MARKER", 2), Temporary),
    ],
)
def test_what_is_too_large_dies_at_once_also_where_the_server_calls_it_a_bad_value(error, kind):
    with pytest.raises(kind) as raised, translated():
        raise error
    assert type(raised.value) is kind
    assert "bytes" not in str(raised.value)


def test_duplicates_are_named_by_position_and_nothing_else_is_taken_for_one():
    assert duplicates(bulk(11000, 11000)) == [0, 1]
    for error in (bulk(11000, 121), bulk(11000, concern=[{"code": 64}])):
        with pytest.raises(errors.BulkWriteError):
            duplicates(error)
