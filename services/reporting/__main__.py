"""`python -m services.reporting <group> <verb>`; `--help` lists them."""

from __future__ import annotations

import click

from services.reporting import commands
from services.reporting.command_line import at_hand
from services.reporting.keys.backup_commands import backup_command, restore_command
from services.reporting.keys.key_commands import erase_command, hold_command, keys_group
from services.reporting.settings import read_web
from services.reporting.staff import account_commands


@click.group()
def main() -> None:
    """Reporting: facts, cases, numbers."""


@main.group()
def app() -> None:
    """The HTTP application."""


@app.command("run")
def app_run() -> None:
    """Serve until SIGTERM."""
    from services.reporting.app import create, stop
    from shared.web.server import serve

    settings = at_hand(read_web)
    serve(lambda: create(settings), host=settings.host, port=settings.port, threads=settings.threads, on_stop=stop)


@main.group()
def worker() -> None:
    """The projector and its helpers."""


@worker.command("run")
def worker_run() -> None:
    """Project events until SIGTERM."""
    from services.reporting.keys.checking import WrongKey
    from services.reporting.worker import Worker
    from shared.stopping import Stopping

    settings = at_hand()
    stopping = Stopping()
    stopping.on_signals()
    try:
        Worker(settings, stopping).run()
    except WrongKey as wrong:
        raise click.ClickException(str(wrong)) from None


@main.group()
def dead() -> None:
    """Messages that could not be handled."""


@dead.command("list")
@click.option("--all", "everything", is_flag=True, help="Also those that were replayed.")
@click.option("--limit", type=int, default=100, show_default=True)
def dead_list(everything: bool, limit: int) -> None:
    """One JSON line each, the newest first, without content."""
    commands.dead_list(at_hand(), everything, limit)


@dead.command("show")
@click.argument("key")
def dead_show(key: str) -> None:
    """Headers and reason of one."""
    commands.dead_show(at_hand(), key)


@dead.command("replay")
@click.argument("key")
def dead_replay(key: str) -> None:
    """Send one to the projector again, with the same id."""
    commands.dead_replay(at_hand(), key)


@main.group()
def rollups() -> None:
    """The numbers that indicators are read from."""


@rollups.command("rebuild")
def rollups_rebuild() -> None:
    """Fold every case from its facts again and compute every half-month. May run while the worker does.

    Exit status 1 when an incident cannot be folded; it is named, and the others are done.
    """
    commands.rollups_rebuild(at_hand())


@rollups.command("status")
def rollups_status() -> None:
    """How much is stored; exit status 1 while something marked is not computed yet."""
    commands.rollups_status(at_hand())


@main.group()
def account() -> None:
    """Accounts of the staff."""


@account.command("new")
@click.argument("user")
@click.option("--name", required=True)
@click.option("--role", required=True)
@click.option("--unit", required=True)
@click.option("--agency")
@click.option("--contact", help="The person's id in the contacts of the agency.")
def account_new(**given: str | None) -> None:
    """Make one and print the code, good once and for three days, with which its owner sets it up."""
    account_commands.new(at_hand(read_web), given)


@account.command("import")
def account_import() -> None:
    """A JSON list from standard input: user, name, role, unit, agency, contact, password, totp_secret. Repeatable."""
    account_commands.import_all(at_hand(read_web))


@account.command("disable")
@click.argument("user")
def account_disable(user: str) -> None:
    """End every session of an account and let nobody in any more."""
    account_commands.disable(at_hand(), user)


@account.command("list")
def account_list() -> None:
    """One JSON line each."""
    account_commands.listing(at_hand())


@main.group()
def audit() -> None:
    """The access log."""


@audit.command("verify")
@click.option("--head", "heads", multiple=True, help='One that was sent out, "<count> <hash>"; may be repeated.')
def audit_verify(heads: tuple[str, ...]) -> None:
    """Read every row and name the first that does not fit; exit status 1 then."""
    account_commands.verify(at_hand(), heads)


for command in (keys_group, erase_command, hold_command, backup_command, restore_command):
    main.add_command(command)


if __name__ == "__main__":
    main()
