"""What the commands about keys share."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import click

from services.reporting.keys.backup import Places
from services.reporting.keys.checking import WrongKey
from services.reporting.keys.erasing import Held, NoSuchCase
from services.reporting.keys.keyring import Keyring
from services.reporting.keys.parts import Erased
from services.reporting.keys.refusal import Refused
from services.reporting.settings import Settings

FOLDER = click.Path(file_okay=False, path_type=Path)
FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
# Without these a restored database would know nobody's second factor, and no partner's case.
_OTHERS = {"staff-key": "STAFF_KEY_FILE", "case-token-key": "CASE_TOKEN_KEY_FILE"}


def other_secrets(function: Callable[..., None]) -> Callable[..., None]:
    for name, variable in _OTHERS.items():
        option = click.option(f"--{name}", envvar=variable, type=click.Path(dir_okay=False, path_type=Path))
        function = option(function)
    return function


def places_of(settings: Settings, others: Mapping[str, Path | None]) -> Places:
    named = {name: others.get(name.replace("-", "_")) for name in _OTHERS}
    return Places(
        Keyring(settings.case_key),
        settings.sealing_private_dir,
        settings.dead_letter_dir,
        {name: path for name, path in named.items() if path is not None},
    )


@contextmanager
def refusals() -> Iterator[None]:
    try:
        yield
    except (Refused, WrongKey) as refused:
        raise click.ClickException(str(refused)) from None
    except Held:
        raise click.ClickException(
            "Trường hợp đang được giữ theo yêu cầu pháp luật; thôi giữ trước: hold --release. / A legal hold forbids it"
        ) from None
    except NoSuchCase:
        raise click.ClickException("Không có trường hợp nào mang mã này / there is no case of this id") from None
    except Erased:
        raise click.ClickException("Danh tính đã bị xóa / the identity was erased") from None
