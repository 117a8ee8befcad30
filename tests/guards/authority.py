"""Guards of who may know: exclusion, the barrier around people, the table of roles, and where duties go instead."""

from __future__ import annotations

from tests.guards.conftest import Guard

_CONTACTS = ("tests/unit/authority/test_contacts.py",)
_EXCLUSION = ("tests/unit/authority/test_exclusion.py",)
_STAFF = ("tests/unit/authority/test_staff.py",)
_ROUTING = ("tests/unit/notify/test_routing.py",)
_ESCALATION = ("tests/unit/notify/test_escalation.py",)
_LADDER = ("tests/unit/authority/test_ladder.py",)

AUTHORITY = (
    Guard(
        "a person who must not know is barred in every agency",
        "shared/authority/contacts.py",
        "persons = frozenset(one.person for one in named if one.person)",
        "persons: frozenset[str] = frozenset()",
        _CONTACTS,
    ),
    Guard(
        "a number or mailbox that they read is barred",
        "shared/authority/contacts.py",
        "addresses = frozenset(address for one in theirs for address in _addresses(one))",
        "addresses: frozenset[str] = frozenset()",
        _CONTACTS,
    ),
    Guard(
        "the numbers of their other places are barred",
        "shared/authority/contacts.py",
        "theirs = [*named, *(one for one in everyone if one.person in persons)]",
        "theirs = named",
        _CONTACTS,
    ),
    Guard(
        "a contact withheld by name is barred",
        "shared/authority/contacts.py",
        "            or contact.id in self.contacts\n",
        "",
        _CONTACTS,
    ),
    Guard(
        "the person of a withheld contact is barred",
        "shared/authority/contacts.py",
        "if one.agency in excluded or one.id in withheld_contacts]",
        "if one.agency in excluded]",
        _CONTACTS,
    ),
    Guard(
        "the relation of the suspected person excludes agencies",
        "shared/authority/exclusion.py",
        'kinds.update(relation.listed("bars"))',
        "pass",
        _EXCLUSION,
    ),
    Guard(
        "at school an unclear relation excludes the school",
        "shared/authority/exclusion.py",
        "kinds.update(where.get(place, ()))",
        "pass",
        _EXCLUSION,
    ),
    Guard(
        "a unit that is withheld from is all its agencies",
        "shared/authority/exclusion.py",
        "found.update(agency.code for agency in directory.agencies(code))",
        "pass",
        _EXCLUSION,
    ),
    Guard(
        "a kind of agency that is withheld from is all of that kind",
        "shared/authority/exclusion.py",
        "found.update(agency.code for agency in directory.all_agencies.values() if agency.kind == code)",
        "pass",
        _EXCLUSION,
    ),
    Guard(
        "a release never lifts what somebody asked for",
        "shared/authority/exclusion.py",
        "return _somebody_is_told(asked | by_relation, clear",
        "return _somebody_is_told((asked | by_relation) - expanded(clear.released, directory), clear",
        _EXCLUSION,
    ),
    Guard(
        "exclusions never leave nobody",
        "shared/authority/exclusion.py",
        "return excluded - {agency.code for agency in last_resort(top, directory)}",
        "return excluded",
        _EXCLUSION,
    ),
    Guard(
        "a conflict declared later withholds from agencies",
        "shared/authority/facts.py",
        "withhold_from=self.withhold_from | frozenset(codes),",
        "withhold_from=self.withhold_from,",
        _EXCLUSION,
    ),
    Guard(
        "a conflict declared later withholds from people",
        "shared/authority/facts.py",
        "withheld_contacts=self.withheld_contacts | frozenset(contacts),",
        "withheld_contacts=self.withheld_contacts,",
        _STAFF,
    ),
    Guard(
        "who must not know sees no case",
        "shared/authority/staff.py",
        "excluded = excluded_agencies(case.clear, directory, at)",
        "excluded: frozenset[str] = frozenset()",
        _STAFF,
    ),
    Guard(
        "the barrier holds on the staff's pages too",
        "shared/authority/staff.py",
        "return not Barrier.around(excluded, roster, case.clear.withheld_contacts).bars(contact)",
        "return contact.agency not in excluded",
        _STAFF,
    ),
    Guard(
        "a role reaches as far as the table says",
        "shared/authority/staff.py",
        "if not any(_fits(how, viewer, contact.agency, case, directory, at) for how in reaches):",
        "if False:",
        _STAFF,
    ),
    Guard(
        "an account's contact is one of its own agency",
        "shared/authority/staff.py",
        "if one.id == viewer.contact and one.agency == viewer.agency)",
        "if one.id == viewer.contact)",
        _STAFF,
    ),
    Guard(
        "a committee has the cases of its own commune",
        "shared/authority/staff.py",
        "return directory.commune_of(case.clear.commune, at) == viewer.unit",
        "return True",
        _STAFF,
    ),
    Guard(
        "a school has its own pupil's case alone",
        "shared/authority/staff.py",
        "if agency in case.involved and not per_child:",
        "if agency in case.involved:",
        _STAFF,
    ),
    Guard(
        "no delegation shows a case to the administrator",
        "shared/authority/staff.py",
        "if viewer.role in APART else",
        "if False else",
        _STAFF,
    ),
    Guard(
        "what is delegated is not delegated on",
        "shared/authority/staff.py",
        'if endpoint == "delegate" else',
        "if False else",
        _STAFF,
    ),
    Guard(
        "a figure counts only what its reader may see",
        "shared/authority/staff.py",
        'return case is None or endpoint != "figures.visible" or',
        "return True or",
        _STAFF,
    ),
    Guard(
        "another unit is another unit",
        "shared/authority/staff.py",
        "return unit is None or unit == viewer.unit or",
        "return True or",
        _STAFF,
    ),
    Guard(
        "an agency that must not know is given no duty",
        "services/notify/routing.py",
        "if agency.code not in barrier.agencies:",
        "if True:",
        _ROUTING,
    ),
    Guard(
        "an agency of which nobody may be reached is given no duty",
        "services/notify/routing.py",
        "silenced = _silenced(contacts, barrier)",
        "silenced: frozenset[str] = frozenset()",
        _ROUTING,
    ),
    Guard(
        "no duty falls on who was withheld though nobody else is left",
        "services/notify/routing.py",
        "if top <= excluded | silenced:",
        "if False:",
        _ROUTING,
    ),
    Guard(
        "a duty that moves up finds somebody",
        "services/notify/routing.py",
        "next((code for code in rungs if code in told), rungs[0])",
        "rungs[0]",
        _ROUTING,
    ),
    Guard(
        "no message goes to who is barred",
        "services/notify/escalation.py",
        "if contact.agency != agency or contact.order != order or barrier.bars(contact):",
        "if contact.agency != agency or contact.order != order:",
        _ESCALATION,
    ),
    Guard(
        "the second in line is asked where the first may not be",
        "services/notify/escalation.py",
        "return FIRST if targets(contacts, agency, FIRST, barrier, ()) else SECOND",
        "return FIRST",
        _ESCALATION,
    ),
    Guard(
        "the ladder leaves out who must not know",
        "shared/authority/ladder.py",
        "found = tuple(code for code in rungs if code != agency and code not in excluded)",
        "found = tuple(code for code in rungs if code != agency)",
        _LADDER,
    ),
)
