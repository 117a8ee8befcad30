"""Small truths about the shared core."""

from __future__ import annotations

import io
import json
import logging
import signal

import pytest
import structlog
from hypothesis import given
from hypothesis import strategies as st

from shared import backoff, crashpoints, logs, metrics, sequences
from shared.settings import Reader, WrongSetting, read_or_exit
from shared.tokens import new_token, token_hash


@given(st.integers(1, 1000), st.floats(0, 1))
def test_a_wait_is_never_close_to_nothing_and_never_above_the_cap(attempt, luck):
    assert 0.5 <= backoff.delay(attempt, first=1, cap=60, rand=lambda: luck) <= 60


@given(st.lists(st.integers(1, 60), max_size=80), st.integers(0, 70))
def test_intervals_know_exactly_what_was_seen(numbers, last):
    seen: list[list[int]] = []
    for number in numbers:
        seen = sequences.observe(seen, number)

    assert {n for low, high in seen for n in range(low, high + 1)} == set(numbers)
    assert all(a[1] + 1 < b[0] for a, b in zip(seen, seen[1:], strict=False))
    gone = {n for low, high in sequences.missing(seen, last) for n in range(low, high + 1)}
    assert gone == set(range(1, max([*numbers, last], default=0) + 1)) - set(numbers)


def test_a_secret_may_come_from_a_file(tmp_path):
    (tmp_path / "secret").write_text("s3cret\n")

    assert Reader({"KEY_FILE": str(tmp_path / "secret")}).secret("KEY") == "s3cret"


def test_a_secret_file_that_is_not_there_stops_the_service(tmp_path):
    with pytest.raises(WrongSetting, match="KEY_FILE"):
        Reader({"KEY": "value", "KEY_FILE": str(tmp_path / "none")}).secret("KEY")


@pytest.mark.parametrize(
    ("name", "value", "read"),
    [
        ("PORT", "many", lambda reader: reader.number("PORT")),
        ("PORT", "70000", lambda reader: reader.number("PORT", high=65535)),
        ("SANDBOX", "perhaps", lambda reader: reader.flag("SANDBOX")),
        ("KEY", "abc", lambda reader: reader.hex_key("KEY")),
        ("KEY", "ab" * 8, lambda reader: reader.hex_key("KEY")),
        ("PLACE", "", lambda reader: reader.text("PLACE")),
        ("LOG_LEVEL", "loud", lambda reader: reader.log_level()),
    ],
)
def test_a_wrong_setting_is_named(name, value, read):
    with pytest.raises(WrongSetting, match=name):
        read(Reader({name: value}))


def test_a_secret_file_with_nothing_in_it_stops_the_service_where_something_is_needed(tmp_path):
    (tmp_path / "empty").write_text("\n")
    reader = Reader({"AMQP_URL_FILE": str(tmp_path / "empty")})

    with pytest.raises(WrongSetting, match=r"AMQP_URL_FILE names .*, which is empty"):
        reader.secret("AMQP_URL")
    # A mail server may want no password, and then its file is empty.
    assert reader.secret("AMQP_URL", "") == ""


def test_a_level_of_the_log_may_be_written_small():
    assert [Reader({"LOG_LEVEL": level}).log_level() for level in ("info", "DEBUG", "")] == ["INFO", "DEBUG", "INFO"]


def test_a_wrong_setting_ends_the_process_with_a_sentence(capsys):
    with pytest.raises(SystemExit) as ended:
        read_or_exit(lambda env: Reader(env).text("AMQP_URL"), {})

    assert ended.value.code == 78
    assert "AMQP_URL is not set" in capsys.readouterr().err


def test_a_token_is_stored_by_its_hash_only():
    token = new_token("district")

    assert token.startswith("lt_district_")
    assert len(token_hash(token)) == 64
    assert token_hash(token) != token_hash(new_token("district"))


@pytest.fixture
def log_lines(monkeypatch):
    stream = io.StringIO()
    monkeypatch.setattr("sys.stderr", stream)
    root, handlers = logging.getLogger(), logging.getLogger().handlers[:]
    logs.configure("test")
    yield lambda: [json.loads(line) for line in stream.getvalue().splitlines()]
    root.handlers = handlers
    structlog.reset_defaults()


def test_a_log_line_drops_what_is_not_allowed(log_lines):
    logs.get("t").info("stored", incident_id="i-1", body={"full_name": "Lường Thị Bịa"})

    (line,) = log_lines()
    assert line["incident_id"] == "i-1"
    assert line["dropped"] == ["body"]
    assert "Bịa" not in json.dumps(line, ensure_ascii=False)


def test_an_exception_is_logged_without_its_text(log_lines):
    try:
        raise ValueError("document was {'full_name': 'Lường Thị Bịa'}")
    except ValueError as error:
        logs.get("t").error("write failed", exc_info=error)

    (line,) = log_lines()
    assert line["error"] == "ValueError"
    assert "Bịa" not in json.dumps(line, ensure_ascii=False)
    assert line["trace"]


def test_a_library_that_logs_content_shows_only_its_template(log_lines):
    logging.getLogger("lib").warning("cannot write %s", "Lường Thị Bịa")
    logging.getLogger("lib").warning("cannot write Lường Thị Bịa")

    assert [line["event"] for line in log_lines()] == ["cannot write %s", "library message"]


def test_an_unarmed_crash_point_does_nothing(monkeypatch):
    killed = []
    monkeypatch.setattr("os.kill", lambda pid, number: killed.append(number))
    monkeypatch.setattr(crashpoints, "_armed", {})

    crashpoints.reach("here")
    crashpoints.arm({"here": 2})
    crashpoints.reach("here")
    assert killed == []
    crashpoints.reach("here")
    assert killed == [signal.SIGKILL]


def test_a_gauge_that_cannot_be_read_is_nan_and_spoils_no_scrape():
    metrics.watch("test_broken", "Cannot be told", lambda: 1 / 0)
    metrics.watch("test_whole", "Can", lambda: 2.0)

    assert b"lentieng_test_broken NaN" in metrics.render()
    assert b"lentieng_test_whole 2.0" in metrics.render()
