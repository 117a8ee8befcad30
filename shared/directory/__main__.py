"""`python -m shared.directory partner new | rotate | revoke | list`: who may call the API, and with which token."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import click

from shared.calendar import local_date
from shared.directory.errors import DirectoryError
from shared.directory.model import Partner
from shared.directory.partner_changes import Desk, WrongPartner
from shared.directory.schemas import SCOPES

A_YEAR = timedelta(days=365)
_ID = click.argument("partner")


class _Day(click.ParamType[date]):
    name = "day"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> date:
        if isinstance(value, date):
            return value
        try:
            return date.fromisoformat(str(value))
        except ValueError:
            self.fail(f"{value} is not a day; write it as 2027-12-31", param, ctx)


@click.group()
def main() -> None:
    """The directory of Lên Tiếng."""


@main.group()
@click.option(
    "--directory",
    "folder",
    envvar="LENTIENG_DIRECTORY",
    required=True,
    type=click.Path(path_type=Path, exists=True, file_okay=False),
    help="The folder; default: LENTIENG_DIRECTORY.",
)
@click.pass_context
def partner(context: click.Context, folder: Path) -> None:
    """Partners that call the API. Services follow a change within a second; comments in the file stay."""
    context.obj = Desk(folder, _today())


@partner.command()
@_ID
@click.option("--name", required=True, help="As people call it: Tổng đài 111.")
@click.option("--unit", required=True, help="A unit of units.yaml: what it reports about, or whose figures it reads.")
@click.option("--scope", "scopes", multiple=True, required=True, type=click.Choice(SCOPES), help="Repeat for more.")
@click.option("--channel", "channels", multiple=True, help="The only channels it may name; none: every channel.")
@click.option("--expires", type=_Day(), help="The last day on which the token works; default: a year from now.")
@click.pass_obj
def new(
    desk: Desk, partner: str, name: str, unit: str, scopes: tuple[str, ...], channels: tuple[str, ...],
    expires: date | None,
) -> None:  # fmt: skip
    """Add a partner and show its token, once."""
    until = expires or _today() + A_YEAR
    with _said():
        token = desk.new(partner, name=name, unit=unit, scopes=scopes, channels=channels, expires=until)
    _show(token, f"{partner}: đến hết ngày {until:%d/%m/%Y}. It works up to {until}.")


@partner.command()
@_ID
@click.option("--expires", type=_Day(), help="The last day on which its tokens work; default: as it is.")
@click.pass_obj
def rotate(desk: Desk, partner: str, expires: date | None) -> None:
    """Show another token, once. The one before works until `revoke --old`."""
    with _said():
        token = desk.rotate(partner, expires=expires)
    _show(
        token,
        f"{partner}: mã cũ vẫn dùng được; đổi xong thì chạy lệnh revoke {partner} --old. "
        f"The old token still works; end it with: revoke {partner} --old.",
    )


@partner.command()
@_ID
@click.option("--old", "old_only", is_flag=True, help="Only the token from before the last rotate.")
@click.pass_obj
def revoke(desk: Desk, partner: str, old_only: bool) -> None:
    """End a partner's tokens at once."""
    with _said():
        desk.revoke(partner, old_only=old_only)
    which = "mã cũ đã hết hiệu lực. The old token has ended." if old_only else "mọi mã đã hết hiệu lực. All have ended."
    click.echo(f"{partner}: {which}", err=True)


@partner.command("list")
@click.pass_obj
def list_(desk: Desk) -> None:
    """Who there is, one a line; no token and no hash."""
    with _said():
        partners = desk.listed()
    for one in partners:
        click.echo(_line(one))


def _line(one: Partner) -> str:
    scopes, channels = ",".join(sorted(one.scopes)), ",".join(one.channels) or "-"
    state = "ended" if one.expires < _today() or not one.token_sha256 else "live"
    return "\t".join(
        [
            one.id,
            state,
            f"{len(one.token_sha256)} token(s)",
            one.expires.isoformat(),
            one.unit,
            scopes,
            channels,
            one.name,
        ]
    )


def _show(token: str, words: str) -> None:
    """The token alone on standard output, so that a script can take it; the words beside it."""
    click.echo(f"{words}\nMã truy cập, chỉ hiện một lần / token, shown only now:", err=True)
    click.echo(token)


@contextmanager
def _said() -> Iterator[None]:
    try:
        yield
    except (DirectoryError, WrongPartner) as error:
        raise click.ClickException(str(error)) from None
    except OSError as error:
        raise click.ClickException(f"the folder can't be written: {error.strerror}") from None


def _today() -> date:
    return local_date(datetime.now(UTC))


if __name__ == "__main__":
    main(prog_name="python -m shared.directory")
