"""What somebody types beside a reason may hold a name, and the access log keeps every row for ever.

So the text is sealed under the key of the case, and the row has its token and the SHA-256 of what is sealed: it proves
which text was given as long as that exists, and is erased with the case without breaking the chain.
"""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from services.reporting import access_log
from services.reporting.documents import Store, sealed_parts, translated
from services.reporting.keys.keyring import Keyring, Unopened, text_of
from services.reporting.keys.making import keys_of
from services.reporting.keys.parts import open_part

NOTE = "note"


def seal_note(
    store: Store, keyring: Keyring, case_id: str, incident: str, text: str | None, at: datetime
) -> str | None:
    """Keep a text with its case and return what the row has of it; the text is durable by then.

    None where there is nothing, or where the case was erased: then it is not kept either. Raises `DependencyDown`.
    """
    if not text:
        return None
    token = secrets.token_hex(16)
    part = f"{NOTE}:{token}"
    with translated():
        key = keys_of(store, keyring, {case_id: incident}, at)[case_id]
        if key is None:
            return None
        blob = key.seal(part, text_of(text[: access_log.LONGEST_NOTE]))
        sealed_parts.add(store.sealed_parts, [sealed_parts.document_of(case_id, token, {part: blob})])
    return access_log.sealed(token, hashlib.sha256(blob).hexdigest())


def read_note(store: Store, keyring: Keyring, case_id: str, row: Mapping[str, Any]) -> str:
    """The text of a row of this case, empty where none was given. Only for whoever may open every part of the case.

    Raises `Unopened` where it is not the one that the row was written with, and what `open_part` raises.
    """
    found = access_log.sealed_in(row.get("note"))
    if found is None:
        return str(row.get("note") or "")
    token, digest = found
    part = f"{NOTE}:{token}"
    with translated():
        kept = sealed_parts.find(store.sealed_parts, case_id, token)
    if kept is not None and hashlib.sha256(kept.parts.get(part, b"")).hexdigest() != digest:
        raise Unopened("a note is not the one that the access log names")
    return str(open_part(store, keyring, case_id, part))
