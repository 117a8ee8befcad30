"""What `account` and `audit` do on the command line."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

import click

from services.reporting import access_log
from services.reporting.command_line import opened
from services.reporting.documents import Store, accounts, enrolments, rosters, translated
from services.reporting.settings import Settings, web_of
from services.reporting.staff import account_making, enrolling, second_factor
from services.reporting.staff.desk import Desk
from services.reporting.staff.entering import user_of
from shared.directory import Directory, DirectoryFolder

# In the log whoever sits at the machine is nobody by name.
BY = access_log.CONSOLE
_PROOF = ("password", "totp_secret")
_TAKEN = "there is an account with this user name"
_HELD = "another account in use has this contact: disable it first"


def new(settings: Settings, given: Mapping[str, Any]) -> None:
    """Make an account and print the code that its owner sets it up with."""
    with opened(settings) as store:
        store.ensure_indexes()
        desk, now = _desk(settings, store), datetime.now(UTC)
        fields = _checked(given, DirectoryFolder(settings.directory).current(), now)
        with translated():
            taken = accounts.by_user(store.accounts, fields["user"]) is not None
        if taken:
            raise click.ClickException(_TAKEN)
        _one_each(store, fields)
        _warn(store, [fields])
        _note(store, fields["unit"], "ACCOUNT_MADE", now, f"{fields['user']}, {fields['role']}, {fields['unit']}")
        account = account_making.make(store, fields, BY, now)
        if account is None:
            raise click.ClickException(_TAKEN)
        code = enrolling.hand_over(store, desk, account["_id"], BY, now)
    click.echo(f"{fields['user']}: mã kích hoạt / activation code {second_factor.grouped(code)}  (/staff/kich-hoat)")


def import_all(settings: Settings) -> None:
    """A JSON list from standard input; what is there already and is the same stays untouched."""
    try:
        listed = json.load(sys.stdin)
        rows = [dict(one) for one in listed]
    except (ValueError, TypeError):
        raise click.ClickException("standard input is not a JSON list of accounts") from None
    directory = DirectoryFolder(settings.directory).current()
    counts = dict.fromkeys(("made", "changed", "unchanged"), 0)
    with opened(settings) as store:
        store.ensure_indexes()
        desk, now = _desk(settings, store), datetime.now(UTC)
        checked = [(row, _checked(row, directory, now)) for row in rows]
        _warn(store, [fields for _, fields in checked])
        for row, fields in checked:
            counts[_import(store, desk, fields, row, now)] += 1
    click.echo(json.dumps(counts))


def disable(settings: Settings, user: str) -> None:
    with opened(settings) as store:
        now = datetime.now(UTC)
        with translated():
            account = accounts.by_user(store.accounts, user_of(user))
        if account is None:
            raise click.ClickException("there is no account with this user name")
        _note(store, account["unit"], "ACCOUNT_DISABLED", now, account["user"])
        done = account_making.disable(store, account["_id"], now)
    click.echo("disabled; every session of it has ended" if done else "it was disabled already")


def listing(settings: Settings) -> None:
    """One JSON line each, without anything that proves who somebody is."""
    with opened(settings) as store, translated():
        for one in accounts.listed(store.accounts):
            shown = {name: one[name] for name in account_making.FIELDS}
            at = one["last_sign_in"]
            shown |= {"disabled": one["disabled_at"] is not None, "last_sign_in": at.isoformat() if at else None}
            click.echo(json.dumps(shown, ensure_ascii=False))


def verify(settings: Settings, heads: tuple[str, ...]) -> None:
    """Every row of the access log, and every head that went out with a report or is given here."""
    try:
        known = [access_log.Head.parse(text) for text in heads]
    except ValueError as wrong:
        raise click.ClickException(str(wrong)) from None
    with opened(settings) as store:
        known += access_log.heads_told(store)
        found = access_log.verify(store, known)
    if isinstance(found, access_log.Broken):
        click.echo(f"BROKEN: {found.what}", err=True)
        raise SystemExit(1)
    click.echo(f"{found.count} rows in order, {len(known)} earlier heads on the chain; head: {found}")


def _import(store: Store, desk: Desk, fields: Mapping[str, Any], row: Mapping[str, Any], now: datetime) -> str:
    with translated():
        known = accounts.by_user(store.accounts, fields["user"])
    outcome = "unchanged"
    if known is None or known["contact"] != fields["contact"]:
        _one_each(store, fields, known["_id"] if known is not None else None)
    if known is None:
        _note(store, fields["unit"], "ACCOUNT_MADE", now, f"{fields['user']}, {fields['role']}, {fields['unit']}")
        known, outcome = account_making.make(store, fields, BY, now), "made"
    elif any(known[name] != fields[name] for name in account_making.FIELDS):
        _note(store, fields["unit"], "ACCOUNT_CHANGED", now, fields["user"])
        with translated():
            accounts.change(store.accounts, known["_id"], fields)
            enrolments.drop(store.enrolments, known["_id"])
            known, outcome = accounts.one(store.accounts, known["_id"]), "changed"
    if known is not None and known["password"] is None and all(row.get(name) for name in _PROOF):
        _prove(store, desk, known, row)
    return outcome


def _prove(store: Store, desk: Desk, account: Mapping[str, Any], row: Mapping[str, Any]) -> None:
    with translated():
        accounts.enrol(
            store.accounts,
            account["_id"],
            account["generation"],
            password=desk.passwords.hash(str(row["password"])),
            totp=desk.vault.seal(account["_id"], str(row["totp_secret"])),
            step=0,
            recovery=[],
        )


def _checked(given: Mapping[str, Any], directory: Directory, now: datetime) -> dict[str, Any]:
    fields = account_making.cleaned(given)
    errors = account_making.errors_of(fields, directory, now)
    if errors:
        said = "; ".join(f"{name}: {error}" for name, error in errors.items())
        raise click.ClickException(f"{fields['user'] or '?'}: {said}")
    return fields


def _one_each(store: Store, fields: Mapping[str, Any], key: str | None = None) -> None:
    if account_making.contact_taken(store, fields, key):
        raise click.ClickException(f"{fields['user']}: {_HELD}")


def _warn(store: Store, listed: Iterable[Mapping[str, Any]]) -> None:
    """On standard error. Nothing is refused: here somebody may know what notify has not told yet."""
    with translated():
        roster = rosters.everyone(store.rosters)
    for fields in listed:
        if not account_making.listed(fields, roster):
            said = f"warning: {fields['user']}: {fields['agency']} has no contact {fields['contact']}: sees no case"
            click.echo(said, err=True)


def _desk(settings: Settings, store: Store) -> Desk:
    return Desk.of(web_of(settings), store, settings.case_key)


def _note(store: Store, unit: str, action: str, now: datetime, text: str) -> None:
    access_log.append(store, at=now, account=BY, role=BY, unit=unit, action=action, note=text)
