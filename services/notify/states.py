"""The words for where an alert and its deliveries stand. The list is the design."""

from __future__ import annotations

# --- a delivery: one alert, one contact, one channel --------------------------------------------------------------
PENDING = "pending"  # stored, nobody has tried yet
SENDING = "sending"  # claimed: the call may be on its way
UNKNOWN = "unknown"  # the call may have arrived; nobody can tell
ACCEPTED = "accepted"  # the provider or mail server took it over
DELIVERED = "delivered"  # the provider says that it arrived
FAILED_TEMPORARY = "failed_temporary"  # refused for now; will be tried again
FAILED_PERMANENT = "failed_permanent"  # refused for good
EXPIRED = "expired"  # not needed any more, or too old

WAITING = frozenset({PENDING, UNKNOWN, FAILED_TEMPORARY})  # for somebody to try; what is being sent is not
ARRIVED = frozenset({ACCEPTED, DELIVERED})

# --- an alert: one agency, one duty -------------------------------------------------------------------------------
RAISED = "raised"  # stored, nothing handed over yet
SENT = "sent"  # at least one message was taken over
ESCALATED = "escalated"  # nobody answered in time; more people were told
EXHAUSTED = "exhausted"  # nobody is left to tell; the operator knows
ACKNOWLEDGED = "acknowledged"  # somebody of the agency, or above it, has it in hand
WITHDRAWN = "withdrawn"  # the agency must not know any more; nothing is chased

SMS, EMAIL = "sms", "email"

# --- a notice ---------------------------------------------------------------------------------------------------------
ACCOUNT = "account"  # to the owner of an account; every other kind is to the operator
