"""A form's body is read as browsers write it, and costs about what it weighs."""

from __future__ import annotations

import inspect
import io
import tracemalloc
from urllib.parse import parse_qsl, urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st
from werkzeug.exceptions import RequestEntityTooLarge

from services.intake import app as intake_app
from services.reporting import app as reporting_app
from shared.web import form_parser
from shared.web.form_parser import FormParser

FORM = "application/x-www-form-urlencoded"


def fields(body: bytes, **bounds):
    _, read, files = FormParser(**bounds).parse(io.BytesIO(body), FORM, len(body))
    assert list(files) == []
    return list(read.items(multi=True))


@given(st.lists(st.tuples(st.text(st.characters(codec="utf-8"), min_size=1), st.text(st.characters(codec="utf-8")))))
def test_it_reads_what_a_browser_writes(pairs):
    names = list(dict.fromkeys(name for name, _ in pairs))
    in_order = [pair for name in names for pair in pairs if pair[0] == name]

    assert fields(urlencode(pairs).encode()) == in_order


@pytest.mark.parametrize(
    "body", ["a=1&a=2&b=", "a", "=x", "&&a=1&", "a=100%", "a=%zz%4", "a=b=c", "a%20b=c+d", "a=%e1%bb%87", ""]
)
def test_what_is_written_oddly_is_read_as_the_standard_library_does(body):
    assert fields(body.encode()) == parse_qsl(body, keep_blank_values=True)


def test_a_byte_that_is_no_text_is_not_dropped():
    assert fields(b"a=x%ffy&b=\xe1") == [("a", "x\\xffy"), ("b", "\\xe1")]


@given(st.integers(3, 12), st.text("%4a1C3é+", max_size=40))
def test_where_it_is_cut_makes_no_difference(at_once, text):
    whole = form_parser._text(text.encode())
    before, form_parser._AT_ONCE = form_parser._AT_ONCE, at_once
    try:
        assert form_parser._text(text.encode()) == whole
    finally:
        form_parser._AT_ONCE = before


def test_a_long_story_does_not_cost_a_hundred_times_its_length():
    body = b"description=" + b"%E1%BB%87n+" * 80_000
    tracemalloc.start()
    try:
        (field,) = fields(body)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()

    assert field == ("description", "ện " * 80_000)
    assert peak < 6 * len(body)


def test_a_body_or_a_number_of_fields_that_nobody_fills_in_is_refused():
    for bounds, body in (({"max_form_memory_size": 10}, b"a=123456789"), ({"max_form_parts": 3}, b"&" * 3)):
        with pytest.raises(RequestEntityTooLarge):
            fields(body, **bounds)
    assert fields(b"a=12345678", max_form_memory_size=10) == [("a", "12345678")]


@pytest.mark.parametrize("app", [intake_app, reporting_app])
def test_the_services_whose_forms_strangers_reach_read_them_so(app):
    assert "app.request_class = FormRequest" in inspect.getsource(app)
