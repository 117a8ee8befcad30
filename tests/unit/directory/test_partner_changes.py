"""`python -m shared.directory partner …`: tokens shown once, two alive at a time, and an end that ends at once."""

from __future__ import annotations

import stat
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from shared.directory import Partner, load
from shared.directory.__main__ import main
from shared.directory.partner_changes import Desk, WrongPartner
from shared.tokens import token_hash

TODAY = date(2026, 5, 1)
NOW = datetime(2026, 5, 1, 3, tzinfo=UTC)
UNTIL = date(2026, 12, 31)


@pytest.fixture
def desk(folder: Path) -> Desk:
    return Desk(folder, TODAY)


def app(desk: Desk) -> str:
    return desk.new("app", name="Ứng dụng: A", unit="binh-luong", scopes=["incident:write"], expires=UNTIL)


def whose(folder: Path, token: str, at: datetime = NOW) -> Partner | None:
    return load(folder).partner_by_token_hash(token_hash(token), at)


def test_a_new_partner_s_token_works_and_is_in_no_file(folder: Path, desk: Desk) -> None:
    token = desk.new(
        "tram-y-te",
        name="Trạm y tế",
        unit="binh-luong",
        scopes=["incident:write", "step:write", "incident:write"],
        channels=["HEALTH"],
        expires=UNTIL,
    )
    found = whose(folder, token)
    assert found is not None
    assert (found.id, found.name, found.unit, found.expires) == ("tram-y-te", "Trạm y tế", "binh-luong", UNTIL)
    assert found.scopes == {"incident:write", "step:write"}
    assert found.channels == ("HEALTH",)
    assert not [path for path in folder.rglob("*") if token in path.read_text("utf-8")]


def test_every_change_raises_the_version_and_keeps_the_comments(folder: Path, desk: Desk) -> None:
    before = (folder / "partners.yaml").read_text("utf-8")
    head = (folder / "directory.yaml").read_text("utf-8")
    app(desk)
    desk.rotate("app")
    desk.revoke("app", old_only=True)
    desk.revoke("app")
    assert load(folder).serial == 5
    assert (folder / "directory.yaml").read_text("utf-8") == head.replace("version: 1", "version: 5")
    assert (folder / "partners.yaml").read_text("utf-8").startswith(before.removesuffix("partners: []\n"))


def test_two_tokens_live_until_the_old_one_is_ended(folder: Path, desk: Desk) -> None:
    first = app(desk)
    second = desk.rotate("app")
    assert whose(folder, first)
    assert whose(folder, second)
    third = desk.rotate("app")
    assert [bool(whose(folder, token)) for token in (first, second, third)] == [False, True, True]
    desk.revoke("app", old_only=True)
    assert [bool(whose(folder, token)) for token in (first, second, third)] == [False, False, True]
    desk.revoke("app", old_only=True)
    assert whose(folder, third), "there is no old one left to end"


def test_a_revoked_partner_is_known_and_has_no_token(folder: Path, desk: Desk) -> None:
    tokens = [app(desk), desk.rotate("app")]
    desk.revoke("app")
    assert not any(load(folder).partner_by_token_hash(token_hash(token)) for token in tokens)
    [left] = load(folder).partners
    assert (left.id, left.token_sha256, left.expires) == ("app", (), TODAY - timedelta(days=1))


def test_a_partner_that_ended_starts_again_with_its_new_token_alone(folder: Path, desk: Desk) -> None:
    first = app(desk)
    later = Desk(folder, UNTIL + timedelta(days=1))
    with pytest.raises(WrongPartner, match="--expires"):
        later.rotate("app")
    token = later.rotate("app", expires=date(2027, 12, 31))
    at = datetime(2027, 6, 1, tzinfo=UTC)
    assert whose(folder, token, at)
    assert whose(folder, first, at) is None


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (app, "there already"),
        (lambda desk: desk.rotate("nobody"), "not in partners"),
        (lambda desk: desk.revoke("nobody"), "not in partners"),
        (lambda desk: desk.rotate("app", expires=TODAY - timedelta(days=1)), "is over"),
        (lambda desk: desk.new("x", name="X", unit="moon", scopes=["operator"], expires=UNTIL), "not a unit"),
        (lambda desk: desk.new("x", name="X", unit="binh-luong", scopes=["all"], expires=UNTIL), "not a scope"),
        (lambda desk: desk.new("X!", name="X", unit="binh-luong", scopes=["operator"], expires=UNTIL), "not a code"),
        (
            lambda desk: desk.new(
                "x", name="X", unit="binh-luong", scopes=["operator"], channels=["PIGEON"], expires=UNTIL
            ),
            "not in the table channels",
        ),
    ],
)
def test_a_change_that_can_t_be_made_changes_nothing(folder: Path, desk: Desk, change: object, words: str) -> None:
    app(desk)
    before = {path.name: path.read_bytes() for path in folder.iterdir()}
    with pytest.raises(Exception, match=words):
        change(desk)  # type: ignore[operator]
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == before


def test_the_files_keep_their_mode(folder: Path, desk: Desk) -> None:
    (folder / "partners.yaml").chmod(0o640)
    app(desk)
    assert stat.S_IMODE((folder / "partners.yaml").stat().st_mode) == 0o640


# --- the command line -------------------------------------------------------------------------------------------


def run(folder: Path, *words: str) -> Result:
    return CliRunner().invoke(main, ["partner", "--directory", str(folder), *words])


def test_the_token_alone_is_on_standard_output(folder: Path) -> None:
    made = run(folder, "new", "app", "--name", "A", "--unit", "binh-luong", "--scope", "incident:write")
    assert made.exit_code == 0, made.output
    token = made.stdout.strip()
    assert whose(folder, token, datetime.now(UTC))
    assert token not in made.stderr
    rotated = run(folder, "rotate", "app", "--expires", "2098-01-01")
    assert whose(folder, rotated.stdout.strip(), datetime.now(UTC))
    assert run(folder, "revoke", "app", "--old").stdout == ""
    assert load(folder).partners[0].token_sha256 == (token_hash(rotated.stdout.strip()),)


def test_the_list_shows_no_token_and_no_hash(folder: Path) -> None:
    token = run(folder, "new", "app", "--name", "A", "--unit", "binh-luong", "--scope", "operator").stdout.strip()
    listed = run(folder, "list").stdout
    assert listed.startswith("app\tlive\t1 token(s)\t")
    assert token not in listed
    assert token_hash(token) not in listed
    run(folder, "revoke", "app")
    assert run(folder, "list").stdout.startswith("app\tended\t0 token(s)\t")


def test_what_is_wrong_is_a_sentence(folder: Path) -> None:
    nobody = run(folder, "rotate", "nobody")
    assert nobody.exit_code == 1
    assert '"nobody" is not in partners.yaml' in nobody.output
    no_day = run(folder, "rotate", "nobody", "--expires", "31/12/2027")
    assert no_day.exit_code == 2
    assert "write it as 2027-12-31" in no_day.output
    (folder / "units.yaml").write_text("units: []\n", "utf-8")
    broken = run(folder, "list")
    assert broken.exit_code == 1
    assert "units.yaml" in broken.output
