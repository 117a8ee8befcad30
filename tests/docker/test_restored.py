"""Another machine, the two files of a backup, and the line on the paper: docs/backup.md, word for word."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.docker.conftest import Compose, another
from tests.e2e.conftest import People
from tests.harness.staff import Staff
from tests.harness.waiting import until

from .seen import name_seen_by

pytestmark = [pytest.mark.timeout(1800), pytest.mark.long]


@pytest.fixture
def elsewhere(compose: Compose, tmp_path: Path) -> Iterator[Compose]:
    """An installation with nothing in it, which finds the first one's backups in its own folder for them."""
    with another(tmp_path, Path(compose.environment["LENTIENG_BACKUPS"])) as made:
        yield made


def test_on_another_machine_the_paper_opens_a_name(
    compose: Compose, people: People, staff: Staff, elsewhere: Compose
) -> None:
    told = people.report(children=[{"full_name": "Trẻ Được Phục Hồi", "age": 9}])
    people.stored(told["incident_id"])
    compose.run("run", "--rm", "tool", "backup", "--to", "/backups", timeout=600)
    folder = Path(compose.environment["LENTIENG_BACKUPS"])
    newest = max(path.name for path in folder.glob("data-*.age"))
    paper = (compose.folder / "sandbox" / "key-envelope.txt").read_text()
    files = ("--data", f"/backups/{newest}", "--keys", "/backups/keys.age")

    elsewhere.run("build", timeout=1500)
    wrong = elsewhere.run("run", "--rm", "-T", "restore", *files, said="AGE-SECRET-KEY-1\n", timeout=600, check=False)
    assert wrong.returncode != 0
    elsewhere.run("run", "--rm", "-T", "restore", *files, said=paper, timeout=600)
    elsewhere.up(build=False)

    there = Staff({**compose.ready, "reporting": elsewhere.ready["reporting"]})
    there.telephones = staff.telephones  # whose last code was used, and is remembered with the account
    try:
        assert "Trẻ Được Phục Hồi" in until(lambda: name_seen_by(there, told), timeout=60, what="the name")
    finally:
        there.close()
    again = elsewhere.run("run", "--rm", "-T", "restore", *files, said=paper, timeout=600, check=False)
    assert again.returncode != 0
