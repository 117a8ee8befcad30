"""The partners that a local run makes for itself, added to the directory's list without fighting an editor."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from shared import durable

# These tokens never leave the machine they were made on; `make clean` ends them.
FAR = "2099-12-31"


@dataclass(frozen=True)
class Wanted:
    """`fresh`: the token was made in this run, so whatever hash an existing entry has is of a token nobody knows, and
    nobody can have taken its entry away."""

    id: str
    name: str
    unit: str
    scopes: tuple[str, ...]
    token_hash: str
    fresh: bool = False


def ensure(file: Path, wanted: list[Wanted]) -> None:
    """Adds whose token is fresh. An entry that is there stays as it is, edited or not, unless its token was lost; one
    that somebody took out stays out, because that is how a token is ended by hand."""
    from shared.directory import partners_file

    text = file.read_text(encoding="utf-8") if file.exists() else "partners: []\n"
    present = {entry.get("id"): entry for entry in partners_file.entries(text)}
    for partner in wanted:
        if not partner.fresh:
            continue
        if partner.id not in present:
            text = partners_file.added(text, _entry(partner))
        elif partner.token_hash not in present[partner.id].get("token_sha256", []):
            text = partners_file.changed(text, partner.id, token_sha256=[partner.token_hash])
    # The services reload this folder while they run.
    durable.write(file, text.encode(), 0o644)


def _entry(partner: Wanted) -> dict[str, object]:
    return {
        "id": partner.id,
        "name": partner.name,
        "unit": partner.unit,
        "expires": FAR,
        "scopes": list(partner.scopes),
        "token_sha256": [partner.token_hash],
    }
