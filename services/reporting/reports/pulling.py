"""A reader takes a version: the bytes that are stored, and one receipt per reader and version."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from services.reporting.documents import Store, renderings, snapshots, translated
from services.reporting.exports import Copy, Format
from services.reporting.reports.telling import event_of
from services.reporting.telling import stored


def content_of(store: Store, snapshot: Mapping[str, Any], audience: str, form: Format, now: datetime) -> bytes:
    """Rendered by whoever asks first, the same bytes for everybody from then on. Raises `DependencyDown`."""
    key = snapshot["_id"]
    with translated():
        found = renderings.get(store.renderings, key, audience, form.name)
    if found is not None:
        return found
    content = form.render(Copy.of(snapshot, audience))
    with translated():
        return renderings.put(store.renderings, key, audience, form.name, content, now)


def receipt(store: Store, snapshot: Mapping[str, Any], reader: str, now: datetime) -> None:
    """Note that this reader has the version, and tell of it once. Raises `DependencyDown`."""
    if any(one["reader"] == reader for one in snapshot["pulled"]):
        return
    with translated():
        event = stored(event_of("pulled", snapshot, now, reader))
        snapshots.pulled(store.snapshots, snapshot["_id"], reader, now, event)
