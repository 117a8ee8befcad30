"""`python -m services.notify`: the web process, the worker, and what an operator does by hand."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import click

from services.notify.settings import Settings, read
from services.notify.views import moment
from shared import logs
from shared.directory import DirectoryError
from shared.failures import Temporary
from shared.gateway import WrongGateway
from shared.settings import WrongSetting, read_or_exit
from shared.stopping import Stopping


@click.group()
def main() -> None:
    """Báo tin và đôn đốc / tell people and keep asking."""


@main.group("app")
def app_group() -> None:
    """The web process."""


@app_group.command("run")
def app_run() -> None:
    """Serve until SIGTERM."""
    from services.notify.app import serve

    serve(_settings())


@main.group("worker")
def worker_group() -> None:
    """The process that handles events and sends."""


@worker_group.command("run")
def worker_run() -> None:
    """Work until SIGTERM."""
    from services.notify.worker import Worker

    settings = _settings()
    logs.configure("notify", settings.log_level)
    stopping = Stopping()
    stopping.on_signals()
    try:
        status = Worker(settings, stopping).run()
    except (DirectoryError, WrongGateway, WrongSetting) as wrong:
        raise click.ClickException(str(wrong)) from None
    sys.exit(status)


@main.group("dead")
def dead_group() -> None:
    """Messages that could not be handled."""


@dead_group.command("list")
def dead_list() -> None:
    """One line each, newest first."""
    from services.notify.store import dead

    with _database():
        for row in dead.listed():
            state = f"replayed {moment(row['replayed_at'])}" if row.get("replayed_at") else "waiting"
            click.echo(
                "\t".join(
                    str(part)
                    for part in (row["_id"], moment(row["dead_at"]), row.get("name"), row.get("reason"), state)
                )
            )


@dead_group.command("show")
@click.argument("identity")
def dead_show(identity: str) -> None:
    """Headers and reason of one, without its body."""
    from services.notify.store import dead

    with _database():
        row = dead.get(identity)
        if row is None:
            raise click.ClickException("there is no such dead letter")
        row.pop("body", None)
        click.echo(json.dumps(row, ensure_ascii=False, indent=2, default=str))


@dead_group.command("replay")
@click.argument("identities", nargs=-1, required=True)
def dead_replay(identities: tuple[str, ...]) -> None:
    """Send these to notify's queue once more, under the same id."""
    from services.notify.store import dead
    from services.notify.worker import QUEUE
    from shared.messaging.publisher import Publisher
    from shared.messaging.replay import replay

    settings = _settings()
    with _database(settings):
        publisher = Publisher(settings.amqp_url, name="notify-replay")
        publisher.start()
        try:
            for identity in identities:
                row = dead.get(identity)
                message = dead.message_of(row) if row is not None else None
                if row is None or message is None:
                    raise click.ClickException(f"{identity}: there is no such dead letter with a body")
                replay(publisher, QUEUE, message).result(timeout=30)
                dead.replayed(row, datetime.now(UTC))
                click.echo(f"{row['_id']}\treplayed")
        finally:
            publisher.close()


@main.group("contacts")
def contacts_group() -> None:
    """People, numbers and mailboxes."""


@contacts_group.command("load")
@click.option("--file", "file", type=click.Path(path_type=Path), help="CONTACTS_SEED_FILE if not given.")
@click.option("--again", is_flag=True, help="Add rows that are missing; those that exist stay as they are.")
@click.option("--replace", is_flag=True, help="Show what would differ; with --yes the file holds: change and remove.")
@click.option("--yes", "sure", is_flag=True, help="Do what --replace shows.")
def contacts_load(file: Path | None, again: bool, replace: bool, sure: bool) -> None:
    """Load a seed file into an empty database, or put the list right by it."""
    from services.notify.store import contacts

    settings = _settings()
    seed = file or settings.contacts_seed_file
    if seed is None:
        raise click.ClickException("name a file with --file or CONTACTS_SEED_FILE")
    if (again and replace) or (sure and not replace):
        raise click.ClickException("--again and --replace exclude each other, and --yes belongs to --replace")
    with _database(settings):
        if replace:
            changes = contacts.replace_all(seed, datetime.now(UTC), _agencies(settings), sure=sure)
            for line in changes.lines():
                click.echo(line)
            after = "done" if sure else "nothing was changed; --yes does it"
            click.echo(after if changes else "nothing differs")
            return
        rows = contacts.load_seed(seed, datetime.now(UTC), again=again)
    click.echo(f"{rows} rows" if rows else "loaded before; --replace shows what differs and puts it right")


def _agencies(settings: Settings) -> Collection[str]:
    from shared.directory import load

    try:
        return load(settings.directory).all_agencies
    except DirectoryError as wrong:
        raise click.ClickException(str(wrong)) from None


def _settings() -> Settings:
    return read_or_exit(read, os.environ)


@contextmanager
def _database(settings: Settings | None = None) -> Iterator[None]:
    """For a command: the database, and its failures as one sentence."""
    from services.notify.documents import connection

    chosen = settings or _settings()
    logs.configure("notify", chosen.log_level)
    connection.connect(chosen.mongo_url, chosen.mongo_database)
    try:
        yield
    except (Temporary, WrongSetting) as error:
        raise click.ClickException(str(error)) from None
    finally:
        connection.disconnect()


if __name__ == "__main__":
    main(prog_name="python -m services.notify")
