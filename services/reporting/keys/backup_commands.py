"""`backup` and `restore` on the command line."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TextIO

import click

from services.reporting.command_line import at_hand, opened
from services.reporting.commands import rebuilt, told
from services.reporting.keys import envelope
from services.reporting.keys.backup import backup
from services.reporting.keys.checking import check
from services.reporting.keys.commands import FILE, FOLDER, other_secrets, places_of, refusals
from services.reporting.keys.keyring import Keyring
from services.reporting.keys.restore import restore


@click.command("backup")
@click.option("--to", "folder", required=True, type=FOLDER)
@click.option("--keys-only", is_flag=True, help="Only the keys file: at once after an erasure.")
@other_secrets
def backup_command(folder: Path, keys_only: bool, **others: Path | None) -> None:
    """Sao lưu / a data file, and the keys file in its newest version."""
    settings = at_hand()
    with opened(settings) as store, refusals():
        check(store, Keyring(settings.case_key))
        made = backup(
            store,
            folder,
            envelope.recipient(settings.envelope_public_file),
            places_of(settings, others),
            datetime.now(UTC),
            keys_only=keys_only,
        )
    if made.data is not None:
        click.echo(f"Dữ liệu / data: {made.data} ({made.records})")
    click.echo(f"Khóa / keys: {made.keys} (số / no. {made.serial})")


@click.command("restore")
@click.option("--data", required=True, type=FILE)
@click.option("--keys", "keys_file", required=True, type=FILE)
@click.option("--envelope", "paper", type=click.File("r"), default="-", help="The private half; stdin without it.")
@other_secrets
def restore_command(data: Path, keys_file: Path, paper: TextIO, **others: Path | None) -> None:
    """Phục hồi vào cơ sở dữ liệu trống / into an empty database; the services must not run."""
    settings = at_hand()
    if paper.name == "<stdin>" and sys.stdin.isatty():
        click.echo("Gõ dòng AGE-SECRET-KEY-… rồi Enter, Ctrl-D / type the line, Enter, Ctrl-D:", err=True)
    with opened(settings) as store, refusals():
        places = places_of(settings, others)
        done = restore(store, data, keys_file, envelope.identity(paper.read()), places, datetime.now(UTC), told)
        for name in done.replaced:
            click.echo(f"Khóa của máy cũ đã thay vào / put in place of this machine's own: {name}")
        # The data were read while the worker went on: cases and numbers are made anew from the facts.
        for incident in rebuilt(store, settings):
            click.echo(f"cannot be folded: {incident}", err=True)
    click.echo(f"Bản sao lưu ngày / made at {done.made_at.isoformat()}; đã xóa danh tính / erased: {done.erased}")
