from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from pyrage import x25519

from services.reporting.app import assemble
from services.reporting.documents import Store
from services.reporting.keys import Keyring
from services.reporting.keys.backup import Places
from services.reporting.keys.rewrap import Rewrap
from services.reporting.opening import Opening
from services.reporting.parts import Parts
from services.reporting.projector import Projector
from services.reporting.recompute import Recompute
from services.reporting.rollups import Rollups
from shared.directory import DirectoryFolder
from shared.events import Event
from shared.messaging import topology
from shared.messaging.publisher import Publisher
from shared.sealing import Sealer, generate, load_public
from shared.stopping import Stopping
from shared.tokens import token_hash
from tests.integration.reporting.command_line import command_line
from tests.integration.reporting.machines import Machine
from tests.integration.reporting.made import Reports, delivered
from tests.integration.reporting.people import Browser, Office

SAMPLE = Path(__file__).resolve().parents[3] / "deploy/directory/binh-luong"
CASE_KEY = bytes.fromhex("ef" * 32)
NOW = datetime(2026, 11, 23, 3, tzinfo=UTC)
# partner -> (unit, scopes)
PARTNERS = {
    "commune": ("binh-luong", "report:read"),
    "district": ("nhu-xuan", "report:read"),
    "successor": ("ke-nhiem-nhu-xuan", "report:read"),
    "province": ("thanh-hoa", "report:read"),
    "operator": ("binh-luong", "operator"),
    "school": ("binh-luong", "incident:write"),
    "clerk": ("binh-luong", "report:read, report:make"),
    "planner": ("nhu-xuan", "report:make"),
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """The sample directory with partners of every kind; the token of a partner is its name."""
    made = tmp_path / "directory"
    shutil.copytree(SAMPLE, made)
    lines = ["partners:"]
    for name, (unit, scopes) in PARTNERS.items():
        lines += [
            f"  - id: {name}",
            f"    name: {name}",
            f"    unit: {unit}",
            f"    scopes: [{scopes}]",
            f"    expires: {date(2030, 1, 1)}",
            f'    token_sha256: ["{token_hash(name)}"]',
        ]
    (made / "partners.yaml").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return made


@pytest.fixture
def keys(tmp_path: Path) -> Path:
    generate(tmp_path / "private", tmp_path / "public.pem")
    return tmp_path / "private"


@pytest.fixture
def sealer(keys: Path) -> Sealer:
    return Sealer(*load_public(keys.parent / "public.pem"))


@pytest.fixture
def reports(sealer: Sealer) -> Reports:
    return Reports(sealer)


@pytest.fixture
def store(mongo_database: Any) -> Iterator[Store]:
    made = Store(mongo_database.url, mongo_database.name)
    made.ensure_indexes()
    yield made
    made.close()


@pytest.fixture
def environment(vhost: str, mongo_database: Any, folder: Path, keys: Path) -> dict[str, str]:
    """What a worker on an empty broker and an empty database is told."""
    topology.apply(vhost)
    return {
        "AMQP_URL": vhost,
        "MONGO_URL": mongo_database.url,
        "MONGO_DATABASE": mongo_database.name,
        "LENTIENG_DIRECTORY": str(folder),
        "SEALING_PRIVATE_DIR": str(keys),
        "CASE_KEY": CASE_KEY.hex(),
    }


@pytest.fixture
def publisher(vhost: str) -> Iterator[Publisher]:
    made = Publisher(vhost, name="test")
    made.start()
    yield made
    made.close()


@dataclass
class Service:
    """Reporting in this process, on a real MongoDB; deliveries are handed to the projector by hand."""

    store: Store
    folder: DirectoryFolder
    opening: Opening
    keyring: Keyring = field(default_factory=lambda: Keyring(CASE_KEY))
    projector: Projector = field(init=False)
    rollups: Rollups = field(init=False)

    def __post_init__(self) -> None:
        self.projector = self.another_projector()
        self.rollups = Rollups(self.store)
        self.client = assemble(Parts(self.store, self.rollups, self.folder.current, lambda: NOW)).test_client()

    def another_projector(self, **hooks: Any) -> Projector:
        rewrap = Rewrap(self.store, self.opening, self.keyring)
        return Projector(self.store, self.folder.at_least, rewrap, **hooks)

    def project(self, *events: Event) -> None:
        self.projector([delivered(event) for event in events])

    def clean(self) -> int:
        return Recompute(self.store, self.rollups, self.folder.current, Stopping()).once()

    def get(self, path: str, token: str = "commune") -> Any:
        return self.client.get(path, headers={"Authorization": f"Bearer {token}"})

    def ask(self, period: str, token: str = "commune", **query: str) -> dict[str, Any]:
        answer = self.client.get(
            "/v1/indicators/REPORTED_CHILDREN",
            query_string={"unit": "binh-luong", "period": period, **query},
            headers={"Authorization": f"Bearer {token}"},
        )
        assert answer.status_code == 200, answer.get_json()
        found: dict[str, Any] = answer.get_json()
        return found

    def total(self, period: str, token: str = "commune", **query: str) -> int:
        value: int = self.ask(period, token, **query)["total"]
        return value

    def table(self, period: str, by: str, token: str = "commune", **query: str) -> dict[str, int | None]:
        """The rows that are not zero."""
        cells = self.ask(period, token, by=by, **query)["cells"]
        return {cell[by]: cell["value"] for cell in cells if cell["value"] != 0}

    def figures(self) -> dict[str, Any]:
        """Everything that is stored as numbers, without when and for which mark."""
        return {document["_id"]: document["indicators"] for document in self.store.rollups.find()}

    def no_old_numbers(self) -> None:
        """What is stored is what the cases say now."""
        marked: Sequence[Any] = list(self.store.segments.find())
        assert marked
        before = self.figures()
        for one in marked:
            self.rollups.resolve([(one["unit"], one["segment"])], self.folder.current(), force=True)
        assert self.figures() == before


@pytest.fixture
def service(store: Store, folder: Path, keys: Path) -> Service:
    return Service(store, DirectoryFolder(folder, every=0), Opening.from_dir(keys))


@pytest.fixture
def office(store: Store, folder: Path, tmp_path: Path) -> Office:
    return Office(store, DirectoryFolder(folder, every=0), tmp_path)


@pytest.fixture
def admin(office: Office) -> Browser:
    office.account("mac.quantri", "administrator")
    return office.signed_in("mac.quantri")


@pytest.fixture
def chairman(office: Office) -> Browser:
    office.account("vi.hai", "chairman", agency="bvte-binh-luong", contact="bvte-2")
    office.account("le.pho", "committee", agency="bvte-binh-luong", contact="bvte-1")
    return office.signed_in("vi.hai")


@pytest.fixture
def people(office: Office) -> Office:
    """Those of a commune and one of the unit above, each set up."""
    office.account("le.mot", "committee", agency="bvte-binh-luong", contact="bvte-1")
    office.account("vi.hai", "chairman", agency="bvte-binh-luong", contact="bvte-2")
    office.account("ha.truc", "police", agency="ca-binh-luong", contact="ca-1")
    office.account("mac.quantri", "administrator")
    office.account("trinh.kenhiem", "district", "ke-nhiem-nhu-xuan", "te-ke-nhiem-nhu-xuan", "te-ke-nhiem-1")
    return office


@pytest.fixture
def command(
    office: Office, mongo_database: Any, keys: Path, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> Callable[..., Any]:
    return command_line(office, mongo_database, keys, folder, monkeypatch)


@pytest.fixture
def report(office: Office, service: Service, reports: Reports, sealer: Sealer) -> Callable[..., Event]:
    """Makes a report and projects it."""
    # These take `Service` from here.
    from tests.integration.reporting.case_files import staffed, told

    staffed(office, service)

    def make(**facts: Any) -> Event:
        event = told(reports, sealer, office.clock(), **facts)
        service.project(event)
        return event

    return make


@pytest.fixture
def envelope() -> x25519.Identity:
    return x25519.Identity.generate()


@pytest.fixture
def here(service: Service, keys: Path, tmp_path: Path) -> Places:
    (tmp_path / "staff-key").write_text("aa" * 32 + "\n")
    return Places(service.keyring, keys, tmp_path / "letters", {"staff-key": tmp_path / "staff-key"})


@pytest.fixture
def backups(tmp_path: Path) -> Path:
    return tmp_path / "backups"


@pytest.fixture
def elsewhere(mongo_database: Any, service: Service, tmp_path: Path) -> Iterator[Callable[[], Machine]]:
    """From then on there is only the other machine: a process has one connection."""
    made: list[Machine] = []

    def move() -> Machine:
        service.store.close()
        home = tmp_path / f"machine-{len(made)}"
        home.mkdir()
        made.append(Machine(mongo_database.url, f"{mongo_database.name}_{len(made)}", home, service.folder))
        return made[-1]

    yield move
    for machine in made:
        machine.store.client.drop_database(machine.store.database.name)
        machine.store.close()
