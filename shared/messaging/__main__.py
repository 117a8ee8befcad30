"""`python -m shared.messaging topology apply`: the administrator's one-shot declaration of everything on the broker."""

from __future__ import annotations

import os
from pathlib import Path

import click

from shared.messaging import topology
from shared.messaging.errors import BrokerGone, ChannelRefused, WrongTopology


@click.group()
def main() -> None:
    """The message broker of Lên Tiếng."""


@main.group("topology")
def topology_group() -> None:
    """Exchanges, queues and bindings."""


@topology_group.command("apply")
@click.option("--retry-ms", default=topology.RETRY_MS, show_default=True, help="Wait in the retry queues.")
def apply(retry_ms: int) -> None:
    """Declare everything on the broker of AMQP_URL (or AMQP_URL_FILE)."""
    url = _url()
    try:
        topology.apply(url, retry_ms=retry_ms)
    except WrongTopology as error:
        raise click.ClickException(str(error)) from None
    except ChannelRefused as error:
        raise click.ClickException(f"the broker refused: {error}. This command needs the configure right.") from None
    except BrokerGone as error:
        raise click.ClickException(f"no connection to the broker of AMQP_URL: {error.reason}") from None
    click.echo(f"{len(topology.EXCHANGES)} exchanges, {len(topology.queues())} queues and their bindings are in place")


def _url() -> str:
    file = os.environ.get("AMQP_URL_FILE")
    url = Path(file).read_text(encoding="utf-8").strip() if file else os.environ.get("AMQP_URL", "")
    if not url:
        raise click.ClickException("AMQP_URL (or AMQP_URL_FILE) is not set")
    return url


if __name__ == "__main__":
    main(prog_name="python -m shared.messaging")
