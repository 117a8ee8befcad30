"""In whose name an identity is erased or held: whoever may order it for this very case, and nobody else."""

from __future__ import annotations

import pytest

from services.reporting.keys.erasing import NoSuchCase
from services.reporting.keys.ordering import ERASE, HOLD, orders
from services.reporting.keys.refusal import Refused
from tests.integration.reporting.case_files import conflict
from tests.integration.reporting.made import case_id


@pytest.fixture
def event(report):
    return report()


def ordered(office, event, user, endpoint=ERASE):
    return orders(office.store, office.folder.current(), case_id(event), user, endpoint, office.clock())


def test_only_who_may_order_it_for_this_case_has_it_done(office, service, event):
    for endpoint in (ERASE, HOLD):
        assert ordered(office, event, " Chairman", endpoint).account == "acc-chairman"
        for user in ("committee", "police", "district", "auditor", "administrator"):
            with pytest.raises(Refused, match="may not order"):
                ordered(office, event, user, endpoint)
    service.project(conflict(event, withhold_contacts=["bvte-2"]))
    with pytest.raises(Refused, match="may not order"):
        ordered(office, event, "chairman")


def test_any_words_are_nobody(office, event):
    office.store.accounts.update_one({"_id": "acc-police"}, {"$set": {"disabled_at": office.clock()}})
    for user in ("operator", "Vi Văn Mẫu", "police"):
        with pytest.raises(Refused, match="No account in use"):
            ordered(office, event, user)
    with pytest.raises(NoSuchCase):
        orders(office.store, office.folder.current(), "none", "chairman", ERASE, office.clock())


def test_the_row_is_read_by_the_auditor_of_whoever_counts_the_case(office, report):
    """A commune that nobody knows is counted by the home commune, and has no auditor."""
    who = ordered(office, report(commune="khong-ai-biet"), "chairman")
    assert (who.role, who.unit) == ("operator", "binh-luong")
