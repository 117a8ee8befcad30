"""Who lets the reset, or the account, of somebody pass who sees cases."""

from __future__ import annotations

import pytest

from shared.authority.table import ROLES, reach, sees_cases, vouches


@pytest.mark.parametrize("role", ROLES)
def test_who_vouches_for_people_who_see_cases_sees_some_and_approves_resets(role: str) -> None:
    assert vouches({role}) == (role in {"committee", "chairman", "district", "province"})
    if vouches({role}):
        assert sees_cases(role)
        assert reach(role, "reset.approve").value == "unit"


def test_what_is_delegated_counts_and_an_unknown_role_does_not() -> None:
    assert vouches({"village", "chairman"})
    assert not vouches({"administrator", "police"})
    assert not vouches({"king"})
    assert not sees_cases("king")
