"""What the pages for staff share, made once after the fork."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime

from services.reporting.documents import Store
from services.reporting.keys import Keyring
from services.reporting.settings import Web
from services.reporting.staff.passwords import Passwords
from services.reporting.staff.second_factor import Vault
from services.reporting.staff.throttle import Throttle
from shared.signing import PublicKeys, SigningKey
from shared.web.staff import StaffDoor


@dataclass(frozen=True)
class Desk:
    """`signing_key` signs sessions and grants; `keyring` opens what is sealed of cases."""

    web: Web
    door: StaffDoor
    signing_key: SigningKey
    vault: Vault
    passwords: Passwords
    throttle: Throttle
    keyring: Keyring

    @classmethod
    def of(
        cls,
        web: Web,
        store: Store,
        case_key: bytes,
        *,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        passwords: Passwords | None = None,
    ) -> Desk:
        """Raises what `SigningKey.load` raises; reading the settings has tried it."""
        vault = Vault(web.staff_key)
        return cls(
            web=web,
            door=StaffDoor(PublicKeys(web.session_public_dir), web.addresses, clock=now),
            signing_key=SigningKey.load(web.session_key_file),
            vault=vault,
            passwords=passwords or Passwords(),
            throttle=Throttle(store, vault.mark),
            keyring=Keyring(case_key),
        )
