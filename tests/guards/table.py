"""The guards, one row each."""

from __future__ import annotations

from tests.guards.authority import AUTHORITY
from tests.guards.cases import CASES
from tests.guards.door import DOOR
from tests.guards.intake import INTAKE
from tests.guards.keys import KEYS
from tests.guards.notify import NOTIFY
from tests.guards.signing_in import SIGNING_IN

GUARDS = (
    *AUTHORITY,
    *CASES,
    *DOOR,
    *INTAKE,
    *KEYS,
    *NOTIFY,
    *SIGNING_IN,
)
