"""Seals the parts of a case under its own key, and that key under the installation's (pure).

AES-256-GCM both times. What a part is bound to is its case, its name and its version, so none can be moved; what a key
is bound to is its case.
"""

from __future__ import annotations

import hmac
import json
import os
import secrets
from collections.abc import Mapping
from hashlib import sha256
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

SCHEMA = 1
_NONCE = 12
_LENGTH = 32
# Made once: `json.dumps` makes a new one for each call that has any option.
_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


class Unopened(Exception):
    """A key or a part does not open: another key, another case, or changed on the way. Never quotes content."""


def text_of(content: object) -> bytes:
    """The JSON of a value, lone surrogates included."""
    return _encode(content).encode("utf-8", "surrogatepass")


class CaseKey:
    """The opened key of one case. Held for the length of one question or one batch, never kept."""

    def __init__(self, case_id: str, key: bytes) -> None:
        self.case_id = case_id
        self.bytes = key
        self._cipher = AESGCM(key)

    def seal(self, part: str, text: bytes) -> bytes:
        """JSON, sealed as this part of this case."""
        nonce = os.urandom(_NONCE)
        return nonce + self._cipher.encrypt(nonce, text, self._bound_to(part))

    def open(self, part: str, blob: bytes) -> Any:
        """The JSON value of a part. Raises `Unopened`."""
        try:
            text = self._cipher.decrypt(blob[:_NONCE], blob[_NONCE:], self._bound_to(part))
            return json.loads(text.decode("utf-8", "surrogatepass"))
        except (InvalidTag, ValueError) as error:
            raise Unopened(f"a sealed part does not open: {type(error).__name__}") from None

    def share(self, incident: str, part: str) -> ShareKey:
        """For what is told of all children alike. The same each time it is asked of the same case."""
        text = f"lentieng/share-key/{incident}/{part}/{SCHEMA}".encode()
        return ShareKey(incident, part, hmac.digest(self.bytes, text, "sha256"))

    def seal_share(self, share: ShareKey) -> bytes:
        return self.seal(f"share:{share.where}", text_of(share.key.bytes.hex()))

    def open_share(self, where: str, part: str, blob: bytes) -> ShareKey:
        """Raises `Unopened`, also where it is the key of another text."""
        return ShareKey(where.partition("|")[0], part, bytes.fromhex(self.open(f"share:{where}", blob)))

    def _bound_to(self, part: str) -> bytes:
        return f"lentieng/case-part/{self.case_id}/{part}/{SCHEMA}".encode()


class ShareKey:
    """The key of one long text of an incident: made from the key of one of its cases, and kept under each of theirs.

    So whoever may open one case reads it, and nobody once the last of them is erased. `where` names the text and the
    key: a text under another key, made after the first case was erased, lies beside it.
    """

    def __init__(self, incident: str, part: str, key: bytes) -> None:
        self.key = CaseKey(incident, key)
        self._part = f"shared:{part}"
        self.where = f"{incident}|{part}|{sha256(b'lentieng/share-key/id/' + key).hexdigest()[:16]}"

    def seal(self, text: bytes) -> bytes:
        return self.key.seal(self._part, text)

    def open(self, blob: bytes) -> Any:
        """Raises `Unopened`."""
        return self.key.open(self._part, blob)


class Keyring:
    """The installation's key, under which the keys of all cases are wrapped. `id` is its fingerprint."""

    def __init__(self, key: bytes) -> None:
        """Raises `ValueError` for less than 256 bits."""
        if len(key) < _LENGTH:
            raise ValueError("the key of the case keys must be at least 32 bytes")
        # A longer secret is as good as one of the right length.
        self._key = key if len(key) == _LENGTH else sha256(key).digest()
        self._cipher = AESGCM(self._key)
        self.id = sha256(b"lentieng/case-key/id/" + self._key).hexdigest()[:16]

    def __repr__(self) -> str:
        return f"Keyring({self.id})"

    def secret(self) -> bytes:
        """For the keys file of a backup alone."""
        return self._key

    def make(self, case_id: str) -> CaseKey:
        return CaseKey(case_id, secrets.token_bytes(_LENGTH))

    def wrap(self, key: CaseKey) -> bytes:
        nonce = os.urandom(_NONCE)
        return nonce + self._cipher.encrypt(nonce, key.bytes, self._bound_to(key.case_id))

    def unwrap(self, document: Mapping[str, Any]) -> CaseKey:
        """From a document of `case_keys`. Raises `Unopened`."""
        case_id, blob = document["_id"], bytes(document["wrapped"])
        if document.get("under") != self.id:
            raise Unopened(f"the key of a case is wrapped under {document.get('under')}, and this key is {self.id}")
        try:
            return CaseKey(case_id, self._cipher.decrypt(blob[:_NONCE], blob[_NONCE:], self._bound_to(case_id)))
        except InvalidTag:
            raise Unopened("the key of a case does not open") from None

    @staticmethod
    def _bound_to(case_id: str) -> bytes:
        return f"lentieng/case-key/{case_id}".encode()
