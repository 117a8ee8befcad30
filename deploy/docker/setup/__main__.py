"""What happens before the services start, each as a one-shot of its own with its own rights.

python -m deploy.docker.setup secrets                  make what is missing (`make secrets`)
python -m deploy.docker.setup secrets --hand-out DIR   and give each container its own, one volume each below DIR
python -m deploy.docker.setup rotate --hand-out DIR    a new pair of sealing keys, once a month
python -m deploy.docker.setup restore --hand-out DIR   a backup; after `--` the words for reporting's command
python -m deploy.docker.setup topology DIR             vhost, queues, users and rights, with the secrets in DIR
python -m deploy.docker.setup mongo DIR                replica set and users
"""

from __future__ import annotations

import os
from pathlib import Path

import click

from deploy.docker.setup.place import Installation, Wrong, told

_FOLDER = click.Path(path_type=Path, exists=True, file_okay=False)


@click.group()
def main() -> None:
    """Sets up an installation in containers."""


@main.command()
@click.option("--hand-out", "volumes", type=_FOLDER)
def secrets(volumes: Path | None) -> None:
    from deploy.docker.setup import handout, making

    environment = told(os.environ)
    place = Installation.from_environment(environment)
    making.make(place, environment, click.echo)
    if volumes:
        handout.hand_out(place, volumes)
    click.echo(f"{place.root}: secrets are in place")


@main.command()
@click.option("--hand-out", "volumes", type=_FOLDER, required=True)
@click.argument("more", nargs=-1)
def rotate(volumes: Path, more: tuple[str, ...]) -> None:
    from deploy.docker.setup import rotating

    place = Installation.from_environment(os.environ)
    rotating.rotate(place, os.environ, volumes, more)


@main.command()
@click.option("--hand-out", "volumes", type=_FOLDER, required=True)
@click.argument("more", nargs=-1)
def restore(volumes: Path, more: tuple[str, ...]) -> None:
    from deploy.docker.setup import rotating

    place = Installation.from_environment(os.environ)
    rotating.restore(place, os.environ, volumes, more)


@main.command()
@click.argument("folder", type=_FOLDER)
def topology(folder: Path) -> None:
    from deploy.docker.setup import broker

    broker.set_up(folder)
    click.echo("RabbitMQ: vhost, queues, users and rights are in place")


@main.command()
@click.argument("folder", type=_FOLDER)
def mongo(folder: Path) -> None:
    from deploy.docker.setup import mongo as database

    database.set_up(folder)
    click.echo("MongoDB: replica set, users and rights are in place")


if __name__ == "__main__":
    try:
        main(prog_name="python -m deploy.docker.setup", standalone_mode=False)
    except Wrong as wrong:
        raise SystemExit(str(wrong)) from None
    except click.ClickException as wrong:
        wrong.show()
        raise SystemExit(2) from None
