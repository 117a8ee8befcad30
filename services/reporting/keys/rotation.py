"""A new pair of sealing keys each month; an old private key is destroyed when nothing is sealed under it any more."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from pathlib import Path

from services.reporting.documents import Store
from services.reporting.keys.originals import Originals, originals, tell_of_old
from shared import durable, logs, sealing

# After its successor came: what an intake, a broker or a dead letter may still hold is older by then.
KEPT = timedelta(days=35)
MONTH = timedelta(days=31)

log = logs.get(__name__)


@dataclass(frozen=True)
class Key:
    """`since`: when its successor came, None of the one in use. `originals`: what is still sealed under it."""

    file: sealing.PrivateFile
    since: datetime | None
    originals: Originals | None


@dataclass(frozen=True)
class Rotated:
    """`kept`: due to be destroyed, but something is still sealed under them."""

    made: str
    destroyed: tuple[str, ...]
    kept: tuple[str, ...]
    too_long: int


def keys(private_dir: Path, held: Mapping[str, Originals]) -> list[Key]:
    """The oldest first. Raises `ValueError` or `OSError`."""
    files = sealing.private_files(private_dir)
    ends: list[datetime | None] = [newer.made for _, newer in pairwise(files)]
    return [Key(file, end, held.get(file.key_id)) for file, end in zip(files, [*ends, None], strict=True)]


def rotate(
    store: Store,
    private_dir: Path,
    public_file: Path,
    now: datetime,
    *,
    give_up: Collection[str] = (),
) -> Rotated:
    """Make a pair, then destroy what is due. `give_up` names keys that are destroyed although something is lost by it.

    Raises `DependencyDown` before anything is made, or `OSError`.
    """
    held = originals(store)
    made = sealing.generate(private_dir, public_file, now)
    due = [key for key in keys(private_dir, held) if key.since is not None and now - key.since >= KEPT]
    destroyed, kept = [], []
    for key in due:
        key_id = key.file.key_id
        if key.originals is not None and key_id not in give_up:
            log.error("a sealing key is kept: something is still sealed under it", key_id=key_id)
            kept.append(key_id)
            continue
        key.file.path.unlink(missing_ok=True)
        destroyed.append(key_id)
    durable.entries(private_dir)
    log.info("sealing keys rotated", key_id=made, dropped=len(destroyed), held=len(kept))
    return Rotated(made, tuple(destroyed), tuple(kept), tell_of_old(store, now))
