"""Every error is a problem document, and no header or body says too much."""

from __future__ import annotations

import pytest
from flask import Flask, abort, request

from shared.web import headers, health, problem
from shared.web.lost import Lost
from shared.web.problem import Problem, pointers


@pytest.fixture
def client():
    app = Flask("test")
    state = {"reason": None}

    @app.get("/problem")
    def raised():
        raise Problem(422, "Not valid.", errors=[{"pointer": "/a", "detail": "wrong"}], headers={"Retry-After": "3"})

    @app.get("/bug")
    def bug():
        raise RuntimeError(request.args.get("q"))

    @app.get("/gone/<word>")
    def gone(word):
        abort(410, word)

    app.register_blueprint(health.blueprint({"spool": lambda: state["reason"]}))
    headers.init_app(app)
    problem.init_app(app)
    client = app.test_client()
    client.state = state
    return client


BROWSER = {"Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}


@pytest.fixture
def lost():
    app = Flask("test")
    problem.init_app(app, lost=Lost("a.css", "/form?a=1&b=2", "Báo tin"))

    @app.get("/missing")
    def missing():
        raise Problem(404, "No such report.")

    return app.test_client()


def test_an_unknown_address_in_a_browser_is_a_page_with_the_way_on(lost):
    answer = lost.get("/SECRET", headers=BROWSER)

    assert (answer.status_code, answer.mimetype, answer.headers["Vary"]) == (404, "text/html", "Accept")
    assert "Không có trang này" in answer.text
    assert '<a href="/form?a=1&amp;b=2">Báo tin</a>' in answer.text
    assert "SECRET" not in answer.text


@pytest.mark.parametrize("accept", [None, "*/*", "application/json", "application/problem+json, text/html"])
def test_a_program_gets_a_problem(lost, accept):
    answer = lost.get("/SECRET", headers={"Accept": accept} if accept else {})

    assert (answer.status_code, answer.mimetype) == (404, "application/problem+json")


def test_what_a_resource_says_itself_stays_a_problem(lost, client):
    assert lost.get("/missing", headers=BROWSER).json["detail"] == "No such report."
    assert lost.post("/missing", headers=BROWSER).mimetype == "application/problem+json"
    assert client.get("/SECRET", headers=BROWSER).mimetype == "application/problem+json", "where a service has no page"


def test_a_problem_is_rfc_9457(client):
    answer = client.get("/problem")

    assert answer.status_code == 422
    assert answer.mimetype == "application/problem+json"
    assert answer.headers["Retry-After"] == "3"
    assert answer.json == {
        "type": "about:blank",
        "title": "The content is not valid",
        "status": 422,
        "detail": "Not valid.",
        "errors": [{"pointer": "/a", "detail": "wrong"}],
    }


@pytest.mark.parametrize(("path", "status"), [("/bug?q=SECRET", 500), ("/gone/SECRET", 410), ("/SECRET", 404)])
def test_an_error_never_echoes(client, path, status):
    answer = client.get(path)

    assert answer.status_code == status
    assert answer.mimetype == "application/problem+json"
    assert b"SECRET" not in answer.data


def test_every_answer_has_the_security_headers(client):
    for path in ("/healthz", "/nowhere"):
        answer = client.get(path)
        assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
        assert answer.headers["Referrer-Policy"] == "no-referrer"
        assert answer.headers["Cache-Control"] == "no-store"


def test_where_forms_go_to_other_services_browsers_may_say_where_they_come_from():
    app = Flask(__name__)
    headers.init_app(app, forms_to=("https://bao.example.invalid/", "https://bao.example.invalid"))

    answer = app.test_client().get("/nowhere").headers

    assert "form-action 'self' https://bao.example.invalid;" in answer["Content-Security-Policy"]
    assert answer["Referrer-Policy"] == "strict-origin"


def test_ready_says_which_check_failed(client):
    assert client.get("/readyz").status_code == 200
    client.state["reason"] = "full"

    answer = client.get("/readyz")

    assert answer.status_code == 503
    assert answer.json["checks"] == {"spool": "full"}
    assert client.get("/healthz").status_code == 200


def test_marshmallow_messages_become_json_pointers():
    messages = {"children": {0: {"sex": ["a"], "x/y~z": ["b"]}}, "_schema": ["c"]}

    assert pointers(messages) == [
        {"pointer": "/children/0/sex", "detail": "a"},
        {"pointer": "/children/0/x~1y~0z", "detail": "b"},
        {"pointer": "", "detail": "c"},
    ]
