"""`keys rotate`, `keys status`, `erase` and `hold` on the command line."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import click

from services.reporting.command_line import at_hand, opened
from services.reporting.documents import Store, case_keys, cases, translated
from services.reporting.keys import envelope
from services.reporting.keys.backup import backup
from services.reporting.keys.checking import check
from services.reporting.keys.commands import FOLDER, other_secrets, places_of, refusals
from services.reporting.keys.erasing import erase, hold, release
from services.reporting.keys.keyring import Keyring
from services.reporting.keys.ordering import ERASE, HOLD, orders
from services.reporting.keys.originals import originals
from services.reporting.keys.rotation import KEPT, MONTH, keys, rotate
from services.reporting.settings import Settings
from shared import case_codes
from shared.directory import Directory, DirectoryFolder


@click.group("keys")
def keys_group() -> None:
    """Khóa niêm phong / what reports are sealed to at the door."""


@keys_group.command("rotate")
@click.option("--public", envvar="SEALING_PUBLIC_KEY_FILE", required=True, type=click.Path(path_type=Path))
@click.option("--give-up", multiple=True, metavar="KEY", help="Destroy this one though something is sealed under it.")
def keys_rotate(public: Path, give_up: tuple[str, ...]) -> None:
    """Thay khóa hằng tháng / a new pair; private keys whose time is over are destroyed."""
    settings = at_hand()
    with opened(settings) as store:
        done = rotate(store, settings.sealing_private_dir, public, datetime.now(UTC), give_up=give_up)
    click.echo(f"Khóa mới / new key: {done.made}")
    for key_id in done.destroyed:
        click.echo(f"Đã hủy / destroyed: {key_id}")
    for key_id in done.kept:
        click.echo(f"Chưa hủy được, còn dữ liệu niêm phong / kept, something is still sealed: {key_id}", err=True)
    if done.too_long:
        click.echo(f"Niêm phong quá 20 ngày / sealed for more than 20 days: {done.too_long}", err=True)


@keys_group.command("status")
def keys_status() -> None:
    """Một dòng cho mỗi khóa / one line a key; exit status 1 when one is due or something waits too long."""
    settings = at_hand()
    now = datetime.now(UTC)
    with opened(settings) as store:
        found = keys(settings.sealing_private_dir, originals(store))
        with translated():
            erased, held = case_keys.counts(store.case_keys)
    for key in found:
        waits = f", {key.originals.count} chưa mở / not opened" if key.originals else ""
        used = "đang dùng / in use" if key.since is None else f"thôi dùng / replaced {key.since.date()}"
        click.echo(f"{key.file.key_id}  {key.file.made.date()}  {used}{waits}")
    click.echo(f"đã xóa danh tính / erased: {erased}, đang giữ / held: {held}")
    due = now - found[-1].file.made > MONTH or any(key.since and now - key.since >= KEPT for key in found)
    raise SystemExit(1 if due or any(key.originals for key in found) else 0)


def _signed(function: Callable[..., None]) -> Callable[..., None]:
    reason = click.option("--reason", required=True, help="Sealed with the case, and erased with it.")
    who = click.option("--by", required=True, help="User name of the chairman, or a deputy, who has ordered it.")
    return who(reason(function))


@click.command("erase")
@click.argument("case")
@_signed
@click.option("--keys-to", "folder", type=FOLDER, help="Where backups are: the keys file is replaced at once.")
@other_secrets
def erase_command(case: str, by: str, reason: str, folder: Path | None, **others: Path | None) -> None:
    """Xóa danh tính của một trường hợp, số liệu giữ nguyên / destroy one case's identity; every number stays.

    CASE is the code on its page, like 7K2F93QD0A-1, or its id.
    """
    settings = at_hand()
    now = datetime.now(UTC)
    with opened(settings) as store, refusals():
        # Before anything is destroyed: whether the keys file can be written is found out first.
        recipient = envelope.recipient(settings.envelope_public_file) if folder else None
        keyring = Keyring(settings.case_key)
        check(store, keyring)
        case = _named(store, case)
        fresh = erase(
            store,
            keyring,
            case,
            orders(store, _directory(settings), case, by, ERASE, now),
            reason,
            now,
            letters=settings.dead_letter_dir,
        )
        if folder is not None and recipient is not None:
            backup(store, folder, recipient, places_of(settings, others), now, keys_only=True)
    click.echo("Đã xóa / erased" if fresh else "Đã xóa từ trước / was erased before")
    if folder is None:
        click.echo("Chạy ngay / now run: backup --keys-only --to <thư mục / folder>, hủy các bản cũ của keys.age")


@click.command("hold")
@click.argument("case")
@_signed
@click.option("--release", "free", is_flag=True, help="Allow the erasure again.")
def hold_command(case: str, by: str, reason: str, free: bool) -> None:
    """Giữ theo yêu cầu pháp luật / a legal hold: erase is refused as long as it stands."""
    settings, now = at_hand(), datetime.now(UTC)
    with opened(settings) as store, refusals():
        case = _named(store, case)
        keyring = Keyring(settings.case_key)
        check(store, keyring)
        who = orders(store, _directory(settings), case, by, HOLD, now)
        if free:
            freed = release(store, keyring, case, who, reason, now)
            click.echo("Thôi giữ / released" if freed else "Không có gì phải thôi / nothing was held")
        else:
            hold(store, keyring, case, who, reason, now)
            click.echo("Đang giữ / held")


def _named(store: Store, case: str) -> str:
    """The id of a case that was named by its code; what is no code is taken for an id."""
    code = case_codes.read(case)
    if code is None or code[1] is None:
        return case
    with translated():
        found = cases.of_code(store.cases, code[0])
    return next((str(one["_id"]) for one in found if one["number"] == code[1]), case)


def _directory(settings: Settings) -> Directory:
    return DirectoryFolder(settings.directory).current()
