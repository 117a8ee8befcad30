"""`docker compose up --build` from a fresh clone: the main job through one port, and nobody may more than it must.

In the order of the file: what stops something comes last.
"""

from __future__ import annotations

import json
import signal
import subprocess
import time
from pathlib import Path

import pyrage
import pytest

from tests.e2e.test_main_job import kinds, settled_total
from tests.e2e.who import case_path, record, steps_on
from tests.harness.waiting import until

from .conftest import SERVICES
from .seen import name_seen_by

# The first test waits for images to be built.
pytestmark = [pytest.mark.timeout(1800), pytest.mark.long]

OURS = ("intake", "notify", "notify-worker", "reporting", "reporting-worker")
# Nothing to finish, or still starting, when SIGTERM came.
BY_ITSELF = {0, 128 + signal.SIGTERM}
TRY_MONGO = """
import os, pymongo
from pathlib import Path
client = pymongo.MongoClient(Path(os.environ["MONGO_URL_FILE"]).read_text().strip(), timeoutMS=10_000)
for name in ("notify", "reporting", "admin"):
    try:
        client[name].anything.find_one()
        print(name)
    except pymongo.errors.OperationFailure as refused:
        assert refused.code == 13, refused
"""


def test_one_report_tells_three_agencies_and_counts(compose, people):
    before = settled_total(people)
    told = people.report()

    def everybody():
        got = {(one["channel"], kind) for one in people.messages(told["code"]) for kind in kinds(one)}
        return {(channel, kind) for channel in ("sms", "email") for kind in ("police", "school", "committee")} <= got

    until(everybody, timeout=15, what="SMS and e-mail to police, school and committee")
    people.total_becomes(before + 2)


def test_the_link_of_an_sms_leads_through_the_one_door_and_acknowledges(compose, people):
    told = people.report()
    people.sent(told["incident_id"])
    police = next(one for one in people.messages(told["code"]) if one["channel"] == "sms" and "police" in kinds(one))
    (link,) = police["links"]
    assert link.startswith(compose.ready["intake"] + "/a/")

    assert told["code"] in people.http.get(link).text
    pressed = people.http.post(link, headers={"Origin": compose.ready["intake"]})

    assert pressed.status_code == 200
    states = {alert["agency"]: alert["state"] for alert in people.alerts(told["incident_id"])}
    assert states["ca-binh-luong"] == "acknowledged"
    assert {states[agency] == "acknowledged" for agency in states if agency != "ca-binh-luong"} == {False}


@pytest.mark.parametrize(
    ("path", "status", "answered_by"),
    [
        ("/", 200, "<!doctype html"),
        ("/static/intake/intake.css", 200, "{"),
        ("/v1/codes", 200, "kinds"),
        ("/v1/incidents", 405, "problem"),
        ("/v1/openapi/intake.json", 200, "/v1/incidents"),
        ("/v1/openapi/notify.json", 200, "/v1/alerts"),
        ("/v1/openapi/reporting.json", 200, "/v1/indicators"),
        ("/a/static/notify.css", 200, "{"),
        ("/v1/alerts?incident=x", 401, "problem"),
        ("/v1/gaps", 401, "problem"),
        ("/v1/indicators", 401, "problem"),
        ("/v1/reconciliation", 401, "problem"),
        ("/v1/trace/x", 401, "problem"),
        ("/v1/incidents/x/state", 401, "problem"),
        ("/v1/cases/x/steps", 405, "problem"),
        ("/staff", 303, "/staff/dang-nhap"),
        ("/staff/dang-nhap", 200, "Đăng nhập"),
        ("/staff/static/staff.css", 200, "{"),
        ("/healthz", 404, "Not found"),
        ("/readyz", 404, "Not found"),
        ("/metrics", 404, "Not found"),
        ("/messages", 404, "Not found"),
        ("/nowhere", 404, "Not found"),
    ],
)
def test_every_path_has_one_owner_and_the_insides_have_none(compose, people, path, status, answered_by):
    answer = people.http.get(compose.ready["intake"] + path)

    assert answer.status_code == status
    assert answered_by.lower() in (answer.headers["content-type"] + answer.text).lower()
    assert "server" not in answer.headers


@pytest.mark.parametrize("path", ["/nowhere", "/tra-cuu", "/metrics", "/readyz"])
def test_in_a_browser_nobodys_address_leads_to_the_form(compose, people, path):
    answer = people.http.get(compose.ready["intake"] + path, headers={"Accept": "text/html,*/*;q=0.8"})

    assert answer.status_code == 404
    assert '<a href="/">' in answer.text
    assert path not in answer.text


def test_a_port_is_open_for_caddy_and_the_sandbox_on_loopback_and_for_nobody_else(compose):
    published = {
        service: [one["HostIp"] for bound in compose.inspect(service)["NetworkSettings"]["Ports"].values() if bound
                  for one in bound]
        for service in SERVICES
    }  # fmt: skip

    assert {service: ips for service, ips in published.items() if ips} == {
        "caddy": ["127.0.0.1"],
        "sandbox": ["127.0.0.1"],
    }


@pytest.mark.parametrize("service", SERVICES)
def test_nothing_runs_as_root_or_may_change_its_image(compose, service):
    known = compose.inspect(service)
    # -o uid, because names are those of the machine that lists
    listed = subprocess.run(
        ["docker", "top", known["Id"], "-eo", "uid,pid"], capture_output=True, text=True, check=True
    )

    assert "0" not in {line.split()[0] for line in listed.stdout.splitlines()[1:]}
    assert known["HostConfig"]["ReadonlyRootfs"]
    assert known["HostConfig"]["CapDrop"] == ["ALL"]
    assert known["State"]["Health"]["Status"] == "healthy"


def test_secrets_are_mounted_only_where_they_belong(compose):
    private = [path.name for path in (compose.folder / "sandbox" / "sealing-private").glob("*.pem")]
    listing = (
        "from pathlib import Path; print(*sorted(p.name for p in Path('/run/lentieng').rglob('*') if p.is_file()))"
    )
    found = {service: set(compose.python(service, listing).split()) for service in OURS}
    (signed,) = [path.name for path in (compose.folder / "sandbox" / "session-public").glob("*.pem")]

    told = {signed} | {"contacts.seed.yaml", "sms-gateway.yaml", "smtp-password", "link-key", "amqp-url", "mongo-url"}
    opens = {"amqp-url", "mongo-url", "case-key", "envelope-public.txt", "sealing-public.pem", signed, *private}
    assert private
    assert found == {
        "intake": {"amqp-url", "receipt-key", "receipt-check-key", "sealing-public.pem", "sms-gateway.yaml",
                   "case-token-key", signed},
        "notify": told,
        "notify-worker": told,
        "reporting": opens,
        "reporting-worker": opens,
    }  # fmt: skip
    web = "from pathlib import Path; print(*sorted(p.name for p in Path('/run/lentieng-web').rglob('*')))"
    assert set(compose.python("reporting", web).split()) == {"session-key.pem", "staff-key", "case-token-key"}
    assert compose.python("reporting-worker", web) == ""
    for service in OURS:
        mounts = {one["Destination"]: one["RW"] for one in compose.inspect(service)["Mounts"]}
        assert mounts["/run/lentieng"] is False
        assert mounts["/etc/lentieng/directory"] is False


@pytest.mark.parametrize("service", ["intake", "notify-worker", "reporting-worker"])
def test_no_service_may_declare_anything_on_the_broker(compose, service):
    refused = compose.run("exec", "-T", service, "python", "-m", "shared.messaging", "topology", "apply", check=False)

    assert refused.returncode == 1
    assert "ACCESS_REFUSED" in refused.stderr


def test_each_service_sees_its_own_database_only(compose):
    assert compose.python("notify", TRY_MONGO) == "notify"
    assert compose.python("reporting", TRY_MONGO) == "reporting"


def test_who_need_not_reach_an_engine_cannot(compose):
    probe = "import socket, sys; socket.create_connection((sys.argv[1], int(sys.argv[2])), 3)"

    def reaches(service, host, port):
        done = compose.run("exec", "-T", service, "python", "-c", probe, host, str(port), check=False)
        return done.returncode == 0

    assert reaches("intake", "rabbitmq", 5672)
    assert not reaches("intake", "mongo", 27017)
    assert not reaches("notify", "rabbitmq", 5672)
    assert not reaches("sandbox", "rabbitmq", 5672)


def test_the_broker_uses_nothing_that_is_deprecated(compose):
    ask = ["rabbitmqctl", "list_deprecated_features", "--used", "--silent", "--formatter", "json"]

    assert json.loads(compose.run("exec", "-T", "rabbitmq", *ask).stdout) == []


def test_made_once_the_secrets_stay_and_a_second_start_changes_nothing(compose, people):
    before = {path: path.read_bytes() for path in compose.folder.rglob("*") if path.is_file()}
    modes = {oct(path.stat().st_mode & 0o777) for path in before if "directory" not in path.parts}
    containers = {service: compose.inspect(service)["Id"] for service in SERVICES}

    compose.up(build=False)

    assert {path: path.read_bytes() for path in compose.folder.rglob("*") if path.is_file()} == before
    assert modes == {"0o600"}
    assert {service: compose.inspect(service)["Id"] for service in SERVICES} == containers


def test_an_invented_account_signs_in_through_the_one_door_and_records_a_step(compose, people, staff):
    told = people.report(children=[{"full_name": "Trẻ Bịa Ra", "age": 8}])
    people.stored(told["incident_id"])

    assert "Trẻ Bịa Ra" in name_seen_by(staff, told)
    note = "Đã đến nhà, em an toàn (bịa ra)."
    assert record(staff, "committee", told, "EMERGENCY_NOT_NEEDED", note=note).status_code == 303
    until(lambda: steps_on(staff.client("committee").get(case_path(told)).text) == 1, what="the step")


def test_new_sealing_keys_are_followed_without_a_restart_and_stay_after_the_next_start(compose, people, staff):
    private = compose.folder / "sandbox" / "sealing-private"
    before = {path.name for path in private.glob("*.pem")}

    compose.run("run", "--rm", "keys", timeout=600)

    after = {path.name for path in private.glob("*.pem")}
    assert before < after
    listing = "from pathlib import Path; print(*(p.name for p in Path('/run/lentieng/sealing-private').glob('*.pem')))"
    assert set(compose.python("reporting-worker", listing).split()) == after
    told = people.report(children=[{"full_name": "Trẻ Sau Khi Đổi Khóa", "age": 8}])
    people.stored(told["incident_id"])
    assert "Trẻ Sau Khi Đổi Khóa" in until(lambda: name_seen_by(staff, told), what="the name")


def test_a_backup_is_two_files_that_only_the_envelope_opens(compose):
    compose.run("run", "--rm", "tool", "backup", "--to", "/backups", timeout=600)
    folder = Path(compose.environment["LENTIENG_BACKUPS"])

    names = {path.name for path in folder.iterdir() if path.suffix == ".age"}
    assert "keys.age" in names
    assert len(names) == 2
    (secret,) = [
        line
        for line in (compose.folder / "sandbox" / "key-envelope.txt").read_text().splitlines()
        if line.startswith("AGE-SECRET-KEY-")
    ]
    identity = pyrage.x25519.Identity.from_str(secret)
    assert all(pyrage.decrypt((folder / name).read_bytes(), [identity]) for name in names)


def test_with_engines_and_readers_gone_reports_are_taken_and_told_later(compose, people):
    away = ("rabbitmq", "mongo", "notify", "reporting")
    compose.run("stop", *away)
    told = people.report()
    missing = people.http.get(compose.ready["notify"] + "/a/MARKERMARKER1234", headers={"X-Told": "MARKERMARKER5678"})
    assert missing.status_code == 502
    assert missing.headers["retry-after"]
    assert "113" in missing.text

    compose.run("start", *away)

    until(lambda: people.messages(told["code"]), timeout=90, what="told after all")
    logs = compose.run("logs", "--no-color").stdout
    assert "MARKERMARKER" not in logs
    assert not [
        link for one in people.messages(told["code"]) for link in one["links"] if link.rpartition("/")[2] in logs
    ]


def test_told_to_stop_while_it_still_starts_each_leaves_at_once(compose):
    """A stop that is not heard ends in SIGKILL, and takes as long as the longest stop is allowed to."""
    compose.run("stop", *OURS, timeout=200)
    containers = [compose.inspect(service)["Id"] for service in OURS]

    subprocess.run(["docker", "start", *containers], check=True, capture_output=True, timeout=60)
    began = time.monotonic()
    subprocess.run(["docker", "stop", *containers], check=True, capture_output=True, timeout=400)

    assert time.monotonic() - began < 30
    assert {compose.inspect(service)["State"]["ExitCode"] for service in OURS} <= BY_ITSELF


def test_asked_to_stop_everything_leaves_by_itself(compose):
    compose.run("start", *OURS, timeout=200)

    compose.run("stop", timeout=200)

    left = {service: compose.inspect(service)["State"]["ExitCode"] for service in SERVICES}
    assert {service: code for service, code in left.items() if code not in BY_ITSELF} == {}
