"""The keys of an installation, made on its first run: what is there stays, what is missing is made."""

from __future__ import annotations

from collections.abc import Callable

from deploy.local.place import Place
from deploy.local.vault import Vault, write_private

# 256 bits in hex each: receipts, links in messages, TOTP secrets and the throttle, case tokens, the keys of cases.
HEX_KEYS = ("receipt-key", "receipt-check-key", "link-key", "staff-key", "case-token-key", "case-key")


def make(place: Place, vault: Vault, say: Callable[[str], None], *, sandbox: bool = False) -> None:
    """As often as one likes; `say` gets a sentence where a person has to do something. Of a sandbox nobody has to lay
    anything in a safe.
    """
    from shared import sealing, signing

    place.secrets.mkdir(mode=0o700, parents=True, exist_ok=True)
    for name in HEX_KEYS:
        vault.key(name)
    if not list(place.sealing_private.glob("*.pem")) or not place.sealing_public.exists():
        sealing.generate(place.sealing_private, place.sealing_public)
    if place.session_key.exists():
        # Also where the public half was lost: it follows from the private one.
        signing.publish(place.session_key, place.session_public)
    else:
        signing.generate(place.session_key, place.session_public)
    if not place.envelope_public.exists():
        _envelope(place)
        say(
            f"Khóa mở bản sao lưu thử: {place.shown(place.envelope)}"
            if sandbox
            else f"Phong bì khóa: in {place.shown(place.envelope)}, cất bản in vào két, rồi xóa tệp đó. "
            "Mất máy mà không có phong bì thì không mở được bản sao lưu nào."
        )


def _envelope(place: Place) -> None:
    """The age key that opens every backup. The private half is for paper only: no service ever reads it."""
    from pyrage import x25519

    identity = x25519.Identity.generate()
    recipient = str(identity.to_public())
    write_private(place.envelope, _LETTER.format(recipient=recipient, identity=identity))
    # Last: a run that breaks off in between makes both again.
    place.envelope_public.write_text(recipient + "\n", encoding="utf-8")


# A file that `age --identity` takes as it is.
_LETTER = """\
# PHONG BÌ KHÓA của Lên Tiếng. In ra, cất vào két, xóa tệp này.
# Khóa dưới đây mở mọi bản sao lưu; ai có cả hai thì đọc được tên trẻ em.
# KEY ENVELOPE. Print it, lay it in a safe, delete this file. It opens every backup.
# public key: {recipient}
{identity}
"""
