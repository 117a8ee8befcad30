"""What the owner of an account must hear of at once, by whoever it was done: `account.changed`."""

from __future__ import annotations

from services.notify import states
from services.notify.operator_notices import Notices
from services.notify.store import contacts
from shared.calendar import LOCAL
from shared.events import Event

_WHAT = {
    "PASSWORD_RESET": "Mật khẩu tài khoản của bạn vừa được đặt lại",
    "ACCOUNT_SET_UP": "Một tài khoản đứng tên bạn vừa được kích hoạt",
    "CODE_WRONG_OFTEN": "Có người gõ đúng mật khẩu của bạn mà nhiều lần sai mã",
}
_LATER = "Tài khoản của bạn vừa được thay đổi"


class AccountNotices:
    """One message for each event to the contact that the account had, on every number and mailbox of theirs."""

    def __init__(self, notices: Notices) -> None:
        self._notices = notices

    def take(self, event: Event) -> None:
        """Where the lists have no such contact, or no way to reach it, the operator hears. Raises `DependencyDown`."""
        what = _WHAT.get(str(event.data["what"]), _LATER)
        owner = [one for one in contacts.everyone() if one.id == event.data["contact"]]
        at = event.time.astimezone(LOCAL).strftime("%H:%M %d/%m")
        if any(one.phones or one.mailboxes for one in owner):
            text = f"{what} lúc {at}. Nếu không phải bạn, hãy báo ngay chủ tịch và người quản trị."
            self._notices.tell(states.ACCOUNT, event.id, text, also=owner, operator=False)
        else:
            text = f"Không báo được chủ tài khoản {event.data['contact']} về thay đổi lúc {at}. Hãy gọi người đó."
            self._notices.tell("account_untold", event.id, text)
