"""The guards, one row each."""

from __future__ import annotations

from tests.guards.access_log import ACCESS_LOG
from tests.guards.accounts import ACCOUNTS
from tests.guards.authority import AUTHORITY
from tests.guards.cases import CASES
from tests.guards.door import DOOR
from tests.guards.intake import INTAKE
from tests.guards.keys import KEYS
from tests.guards.notify import NOTIFY
from tests.guards.second_person import SECOND_PERSON
from tests.guards.signing_in import SIGNING_IN

GUARDS = (
    *ACCESS_LOG,
    *ACCOUNTS,
    *AUTHORITY,
    *CASES,
    *DOOR,
    *INTAKE,
    *KEYS,
    *NOTIFY,
    *SECOND_PERSON,
    *SIGNING_IN,
)
