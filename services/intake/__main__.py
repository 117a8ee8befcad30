"""`python -m services.intake app run | spool status | spool replay --from N --to M`."""

from __future__ import annotations

import json
import os
import sqlite3
from pathlib import Path

import click

from services.intake import settings as intake_settings
from services.intake.spool import SpoolUnavailable
from services.intake.spool.control import ask
from services.intake.spool.generations import Busy
from shared import logs
from shared.settings import read_or_exit


@click.group()
def main() -> None:
    """Intake: takes reports in and passes them on."""


@main.group()
def app() -> None:
    """The HTTP application."""


@app.command()
def run() -> None:
    """Serve until SIGTERM."""
    from services.intake.app import create, stop
    from shared.web.server import serve

    settings = read_or_exit(intake_settings.read, os.environ)
    logs.configure("intake", settings.log_level)
    serve(lambda: create(settings), host=settings.host, port=settings.port, threads=settings.threads, on_stop=stop)


@main.group()
def spool() -> None:
    """What was accepted and is kept here."""


@spool.command()
@click.option("--file", type=click.Path(path_type=Path), envvar="SPOOL_FILE", required=True)
def status(file: Path) -> None:
    """Numbers of the spool; exit status 1 while something waits for the broker or an old file needs a person."""
    answer = _ask(file, {"verb": "status"})
    click.echo(json.dumps(answer, indent=2))
    raise SystemExit(1 if answer.get("waiting") or answer.get("set_aside") else 0)


@spool.command()
@click.option("--file", type=click.Path(path_type=Path), envvar="SPOOL_FILE", required=True)
@click.option("--from", "low", type=int, required=True, help="First number (seq).")
@click.option("--to", "high", type=int, required=True, help="Last number (seq).")
def replay(file: Path, low: int, high: int) -> None:
    """Publish again what was confirmed in the last 7 days, with the same ids."""
    click.echo(json.dumps(_ask(file, {"verb": "replay", "from": low, "to": high})))


def _ask(file: Path, request: dict[str, object]) -> dict[str, object]:
    try:
        answer = ask(file, request)
    except (Busy, OSError, SpoolUnavailable) as error:
        raise click.ClickException(str(error)) from None
    except sqlite3.Error as error:
        raise click.ClickException(f"{file} cannot be read as a spool: {error}") from None
    if "error" in answer:
        raise click.ClickException(str(answer["error"]))
    return answer


if __name__ == "__main__":
    main()
