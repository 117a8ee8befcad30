"""In whose name an identity is erased or held: an account that may order it for this case, as everywhere else.

Whoever sits at the machine does it and decides nothing. The row says the account, and that a command did it.
"""

from __future__ import annotations

from datetime import datetime

from services.reporting.access_log import OPERATOR
from services.reporting.documents import Store, accounts, cases, rosters, translated
from services.reporting.keys.erasing import NoSuchCase, Who
from services.reporting.keys.refusal import Refused
from services.reporting.staff.entering import user_of
from services.reporting.staff.sight import Sight
from services.reporting.staff.viewers import viewer_of
from shared.directory import Directory

ERASE, HOLD = "case.erase", "case.hold"


def orders(store: Store, directory: Directory, case_id: str, user: str, endpoint: str, now: datetime) -> Who:
    """Raises `NoSuchCase`, `Refused` or `DependencyDown`."""
    with translated():
        found = store.cases.find_one({"_id": case_id}, {"incident_id": 1})
        if found is None:
            raise NoSuchCase("there is no case of this id")
        incident = cases.of_incident(store.cases, found["incident_id"])
        account = accounts.by_user(store.accounts, user_of(user))
        roster = rosters.everyone(store.rosters)
    if account is None or account["disabled_at"] is not None or account.get("unconfirmed"):
        raise Refused(
            "Không có tài khoản đang dùng nào mang tên đăng nhập này (--by).",
            "No account in use has this user name (--by).",
        )
    sight = Sight(viewer_of(store, account, now), directory, roster, now)
    case = next((one for one in sight.only(endpoint, incident) if one["_id"] == case_id), None)
    if case is None:
        raise Refused(
            "Tài khoản này không được quyết định việc đó cho trường hợp này: xóa và giữ là quyền của Chủ tịch xã "
            "(hoặc người đang được ủy quyền) được biết vụ việc.",
            "This account may not order that for this case: it takes the chairman of the commune, or a deputy, who "
            "may know of it.",
        )
    return Who(account=account["_id"], role=OPERATOR, unit=case["counted_in"])
