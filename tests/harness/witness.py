"""Posts reports to an installation, waits until it is quiet, and lays what it sees before the ledger."""

from __future__ import annotations

import itertools
import threading
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import httpx

from deploy.local.services import OPERATOR_MAIL, OPERATOR_PHONE
from services.intake.spool.control import ask
from services.reporting.keys import Keyring
from shared.signing import SigningKey
from tests.harness import kept
from tests.harness.bodies import VARIANTS, body_of, contacts_of
from tests.harness.installation import Installation
from tests.harness.ledger import Ledger, Seen
from tests.harness.officer import Officer
from tests.harness.waiting import until

STILL = 1.5  # seconds in which nothing may move
OPEN = {"deliveries": {"$elemMatch": {"next_at": {"$ne": None}}}}


class Witness:
    """The client. `latencies` are the seconds of every 202 to a report, in order; `refusals` are all other answers.

    `steps`: event id -> case of every step that was accepted; `conflicts`: those of them that meet no clock.
    """

    def __init__(self, place: Installation) -> None:
        self.place = place
        self.http = httpx.Client(timeout=20)
        self._number = itertools.count()
        self._lock = threading.Lock()
        self.latencies: list[float] = []
        self.refusals: list[httpx.Response] = []
        self.steps: dict[str, str] = {}
        self.conflicts: set[str] = set()
        self.keyring = Keyring(bytes.fromhex((place.place.secrets / "case-key").read_text().strip()))
        self.officer = Officer(SigningKey.load(place.place.session_key))
        self.ledger = Ledger.of(place.place.directory, contacts_of(place.place.seed))

    # --- reports ----------------------------------------------------------------------------------------------------

    def body(self, **changes: Any) -> dict[str, Any]:
        return body_of({**VARIANTS[next(self._number) % len(VARIANTS)], **changes})

    def report(self, *, patience: float = 30, intake: str | None = None, **changes: Any) -> dict[str, Any]:
        """Post one until it is answered with 202, the same body each time, at another replica each time."""
        body = self.body(**changes)
        doors = itertools.cycle([intake] if intake else self.place.intakes())
        deadline = time.monotonic() + patience
        while True:
            answer = self.post(body, next(doors))
            if answer is not None and answer.status_code == 202:
                told: dict[str, Any] = answer.json()
                return told
            if time.monotonic() > deadline:
                self.ledger.unanswered += 1
                raise AssertionError(f"no 202 within {patience:g} s: {answer and answer.status_code}")
            time.sleep(0.2)  # a client's pause before it tries again

    def post(self, body: dict[str, Any], intake: str | None = None) -> httpx.Response | None:
        """One try; None where nobody answered. A 202 is written into the ledger."""
        began = time.perf_counter()
        try:
            answer = self.http.post(
                f"{intake or self.place.intakes()[0]}/v1/incidents",
                json=body,
                headers={"Authorization": f"Bearer {self.place.tokens['partner_key']}"},
            )
        except httpx.TransportError:
            return None
        took = time.perf_counter() - began
        with self._lock:
            if answer.status_code == 202:
                self.latencies.append(took)
                self.ledger.accept(body, answer.json())
            else:
                self.refusals.append(answer)
        return answer

    def reports(self, count: int) -> None:
        for _ in range(count):
            self.report()

    def conflict(self, told: dict[str, Any], *agencies: str) -> None:
        """That these agencies must not know of this report."""
        self.conflicts.add(self.step(told, step="CONFLICT_DECLARED", withhold_from=list(agencies)))
        self.ledger.declare(told["incident_id"], agencies)

    def step(self, told: dict[str, Any], *, patience: float = 30, **changes: Any) -> str:
        """That the first child of this report is safe for now, sent until it is answered with 202; the event's id.

        Told by staff, because a partner's word meets no clock.
        """
        case = told["case_ids"][0]
        door = self.place.intakes()[0]
        headers, grant = self.officer.proof(told, door)
        body = {"grant": grant, "step": "EMERGENCY_APPLIED", "at": "2023-06-01T09:10:00+07:00", **changes}
        headers["Idempotency-Key"] = str(uuid.uuid4())

        def accepted() -> str | None:
            url = f"{door}/v1/cases/{case}/steps"
            answer = self.http.post(url, json=body, headers=headers)
            return str(answer.json()["event_id"]) if answer.status_code == 202 else None

        event = until(accepted, timeout=patience, what="a step is accepted", every=0.2)
        self.steps[event] = case
        return event

    @contextmanager
    def load(self, rate: float = 10) -> Iterator[None]:
        """Reports come in, `rate` a second, until the block ends. What failed there fails here."""
        stop, failures = threading.Event(), []

        def run() -> None:
            try:
                while not stop.wait(1 / rate):
                    self.report(patience=60)
            except Exception as error:
                failures.append(error)

        thread = threading.Thread(target=run, name="load")
        thread.start()
        try:
            yield
        finally:
            stop.set()
            thread.join(90)
        assert not failures, failures
        assert not thread.is_alive()

    # --- what became of them ----------------------------------------------------------------------------------------

    def get(self, service: str, path: str, token: str = "operator_token", **params: str) -> httpx.Response:
        headers = {"Authorization": f"Bearer {self.place.tokens[token]}"}
        return self.http.get(f"{self.place.url(service)}{path}", params=params, headers=headers)

    def ready(self, service: str) -> bool:
        return self.http.get(f"{self.place.url(service)}/readyz").status_code == 200

    def moving(self) -> str:
        """What is still under way; "" when nothing is."""
        for spool in self.place.spools():
            waiting = ask(spool, {"verb": "status"}).get("waiting")
            if waiting != 0:
                return f"{waiting} in {spool.name}"
        busy = {name: count for name, count in self.place.messages().items() if count}
        if busy:
            return f"messages in {busy}"
        notify, reporting = self.place.mongo["notify"], self.place.mongo["reporting"]
        for what, found in (
            ("alerts with events to tell", notify.alerts.count_documents({"outgoing.0": {"$exists": True}})),
            ("alerts with open deliveries", notify.alerts.count_documents(OPEN)),
            ("incidents with events to tell", notify.incidents.count_documents({"outgoing.0": {"$exists": True}})),
            ("incidents with open deliveries", notify.incidents.count_documents(OPEN)),
            ("notices with open deliveries", notify.notices.count_documents(OPEN)),
            ("facts that nobody has opened", reporting.facts.count_documents({"sealed_under": {"$gt": ""}})),
            ("marks", reporting.segments.count_documents({"dirty": True})),
        ):
            if found:
                return f"{found} {what}"
        known = {fact["_id"] for fact in reporting.facts.find({"name": "incident.reported"}, {"_id": 1})}
        alerted = set(notify.alerts.distinct("incident_id"))
        facts = {"facts.id": {"$in": list(self.steps)}}
        there = {fact["id"] for row in notify.incidents.find(facts, {"facts.id": 1}) for fact in row["facts"]}
        there &= {row["_id"] for row in reporting.facts.find({"_id": {"$in": list(self.steps)}}, {"_id": 1})}
        if set(self.steps) - there:
            return f"{len(set(self.steps) - there)} steps"
        waiting_for = set(self.ledger.accepted) - (known & alerted)
        return f"{len(waiting_for)} reports neither alerted nor counted" if waiting_for else ""

    def quiet(self, timeout: float = 60) -> None:
        """Wait until nothing moves any more, for `STILL` seconds on end."""
        since: float | None = None
        last = ""

        def still() -> bool:
            nonlocal since, last
            last = self.moving()
            if last:
                since = None
                return False
            since = since or time.monotonic()
            return time.monotonic() - since >= STILL

        try:
            until(still, timeout=timeout, what="quiet", every=0.25)
        except AssertionError as error:
            error.add_note(f"still moving: {last}\n{self.place.logs()}")
            raise

    def seen(self) -> Seen:
        notify, reporting = self.place.mongo["notify"], self.place.mongo["reporting"]
        sandbox = self.place.url("sandbox")
        messages = self.http.get(f"{sandbox}/messages").json()
        return Seen(
            alerts=list(notify.alerts.find()),
            facts=list(reporting.facts.find({}, {"name": 1})),
            cases=list(reporting.cases.find({}, {"incident_id": 1})),
            total=self.total(),
            calls=self.http.get(f"{sandbox}/calls").json(),
            mails=[one for one in messages if one["channel"] == "email"],
            notices=list(notify.notices.find()),
            incidents=list(notify.incidents.find()),
            operator=frozenset({OPERATOR_PHONE, OPERATOR_MAIL}),
        )

    def indicator(self) -> httpx.Response:
        return self.get(
            "reporting", "/v1/indicators/REPORTED_CHILDREN", "district_token",
            unit="binh-luong", calendar="statistical", period="2023-06",
        )  # fmt: skip

    def total(self) -> int:
        answer = self.indicator()
        assert answer.status_code == 200, f"{answer.text}\n{self.place.logs()}"
        return int(answer.json()["total"])

    def settle(self, timeout: float = 60) -> None:
        """Quiet, and every promise kept."""
        self.quiet(timeout)
        notify, reporting = self.place.mongo["notify"], self.place.mongo["reporting"]
        problems = [
            *self.ledger.problems(self.seen()),
            *kept.identities(self.ledger, reporting, self.keyring),
            *kept.steps(
                {id_: case for id_, case in self.steps.items() if id_ not in self.conflicts}, notify, reporting
            ),
        ]
        if problems:
            raise AssertionError("\n".join(problems))

    def gaps(self) -> list[list[int]]:
        """The numbers that reporting has not seen, as its reconciliation says: first and last of each gap."""
        spools = self.get("reporting", "/v1/reconciliation").json()["spools"]
        return [gap for spool in spools for gap in spool["gaps"]]

    def notices(self, kind: str) -> list[dict[str, Any]]:
        return list(self.place.mongo["notify"].notices.find({"kind": kind}))

    def close(self) -> None:
        self.http.close()
