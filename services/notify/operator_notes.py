"""What other services want in the operator's mailbox: `operator.noted`."""

from __future__ import annotations

from services.notify.operator_notices import Notices
from shared.events import Event

ACCESS_LOG_HEAD, SEALED_TOO_LONG, APART_RESET = "ACCESS_LOG_HEAD", "SEALED_TOO_LONG", "APART_RESET"


class OperatorNotes:
    """One message for each event, however often it comes. What asks for somebody's hand rings; a record is a mail."""

    def __init__(self, notices: Notices) -> None:
        self._notices = notices

    def take(self, event: Event) -> None:
        """Raises `DependencyDown`."""
        topic, detail = str(event.data["topic"]), str(event.data["detail"])
        if topic == SEALED_TOO_LONG:
            self._notices.tell(
                "sealed_too_long",
                event.id,
                f"{detail} phần niêm phong đã quá 20 ngày chưa được bọc lại; khóa cũ sắp bị hủy. Hãy xem ngay.",
            )
            return
        if topic == APART_RESET:
            text = f"Tài khoản {detail} vừa được đặt lại mật khẩu. Hãy hỏi đúng người đó; không phải thì khóa ngay."
            self._notices.tell("apart_reset", event.id, text)
            return
        text = f"Ghi nhận {topic}: {detail}."
        if topic == ACCESS_LOG_HEAD:
            count, _, head = detail.partition(" ")
            text = f"Sổ truy cập có {count} dòng, mã băm cuối: {head}. Hãy giữ thư này để đối chiếu."
        self._notices.tell("noted", event.id, text, mail_only=True)
