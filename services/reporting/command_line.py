"""What every command has at hand: its settings, the store for its own length, and failures as a sentence."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager

import click

from services.reporting import settings as reporting_settings
from services.reporting.documents import Store, translated
from services.reporting.settings import Settings
from shared import logs
from shared.failures import Temporary
from shared.settings import read_or_exit


def at_hand(read: Callable[[Mapping[str, str]], Settings] = reporting_settings.read) -> Settings:
    """The settings, the log set up by them; or the process ends as `read_or_exit` says."""
    settings = read_or_exit(read, os.environ)
    logs.configure("reporting", settings.log_level)
    return settings


@contextmanager
def opened(settings: Settings) -> Iterator[Store]:
    """An engine that does not answer, or a file that cannot be used, ends the command with a sentence."""
    store = Store(settings.mongo_url, settings.mongo_database)
    try:
        with translated():
            yield store
    except Temporary as failure:
        raise click.ClickException(str(failure)) from None
    except OSError as error:
        raise click.ClickException(f"{error.filename}: {error.strerror}") from None
    finally:
        store.close()
