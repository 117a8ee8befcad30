"""What somebody might send for a grant, and is none of ours."""

from __future__ import annotations

import jwt
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat, load_pem_private_key


def forged(stand, algorithm, key, *, kid):
    """A grant's claims under a signature of the forger's choice."""
    claims = jwt.decode(stand.grant(), options={"verify_signature": False})
    return jwt.encode(claims, key, algorithm, headers={"kid": kid, "typ": "lentieng-grant+jwt"})


def bad_grants(stand):
    ours = load_pem_private_key((stand.home / "ours.pem").read_bytes(), None)
    theirs = stand.signing_key("theirs", published=False)
    public = ours.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
    good = stand.grant()
    return {
        "missing": "",
        "no token": "x.y.z",
        "wrong kid": stand.grant(theirs),
        "our kid, their key": forged(
            stand, "EdDSA", load_pem_private_key((stand.home / "theirs.pem").read_bytes(), None), kid=stand.key.kid
        ),
        "alg none": forged(stand, "none", None, kid=stand.key.kid),
        "HS256 with the public key": forged(stand, "HS256", public.hex(), kid=stand.key.kid),
        "changed": good[:-4] + ("AAAA" if good[-4:] != "AAAA" else "BBBB"),
        "a session": stand.session()[1],
    }
