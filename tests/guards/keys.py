"""Guards of sealed identities: what is sealed stays where it belongs, and what was erased stays away."""

from __future__ import annotations

from tests.guards.conftest import Guard

_KEYRING = ("tests/unit/reporting/test_keyring.py",)
_ROTATION = ("tests/unit/reporting/test_rotation.py",)
_KEYS = ("tests/integration/reporting/test_keys.py",)
_ERASING = ("tests/integration/reporting/test_erasing.py",)
_BACKUP = ("tests/integration/reporting/test_backup.py",)
_LONG = ("tests/integration/reporting/test_long_stories.py",)
_NOTES = ("tests/integration/reporting/test_case_notes.py",)
_PEOPLE = ("tests/integration/reporting/test_restored_people.py",)
_EXCLUDED = ("tests/integration/reporting/test_restored_exclusions.py",)
_ORDERING = ("tests/integration/reporting/test_ordering.py",)
_FORM = ("tests/integration/intake/test_door.py",)
_NOTE = "services/reporting/keys/notes.py"
_RING = "services/reporting/keys/keyring.py"
_REWRAP = "services/reporting/keys/rewrap.py"
_ERASE = "services/reporting/keys/erasing.py"
_RESTORE = "services/reporting/keys/restore.py"
_DRAIN = "services/reporting/keys/bundle.py"

KEYS = (
    Guard("a part is one case's", _RING, "{self.case_id}/{part}/{SCHEMA}", "{part}/{SCHEMA}", _KEYRING),
    Guard("a part has one name", _RING, "{self.case_id}/{part}/{SCHEMA}", "{self.case_id}/{SCHEMA}", _KEYRING),
    Guard("a part has one version", _RING, "{self.case_id}/{part}/{SCHEMA}", "{self.case_id}/{part}", _KEYRING),
    Guard("a key is one case's", _RING, "lentieng/case-key/{case_id}", "lentieng/case-key", _KEYRING),
    Guard(
        "a key that something is sealed under is kept",
        "services/reporting/keys/rotation.py",
        "if key.originals is not None and key_id not in give_up:",
        "if False:",
        _ROTATION,
    ),
    Guard(
        "a key lives for 35 days after its successor",
        "services/reporting/keys/rotation.py",
        "key.since is not None and now - key.since >= KEPT",
        "key.since is not None",
        _ROTATION,
    ),
    Guard(
        "a child's case has its own child only",
        _REWRAP,
        'isinstance(one, dict) and one.get("case_id") == case',
        "isinstance(one, dict)",
        _KEYS,
    ),
    Guard("a fact keeps no original", _REWRAP, "            if opened.whole:\n", "            if False:\n", _KEYS),
    Guard(
        "a fact keeps nothing but what is counted",
        "services/reporting/opening.py",
        "{name: one[name] for name in _COUNTED if name in one}",
        "dict(one)",
        _KEYS,
    ),
    Guard(
        "an unread copy displaces none that was read",
        "services/reporting/documents/facts.py",
        "{_UNREAD if unread else ''}{order_of",
        "{order_of",
        _KEYS,
    ),
    Guard(
        "the worker knows its own key",
        "services/reporting/keys/checking.py",
        "if under is not None and under != keyring.id:",
        "if False:",
        _KEYS,
    ),
    Guard(
        "a stone keeps parts out",
        "services/reporting/keys/making.py",
        'keyring.unwrap(document) if "wrapped" in document else None',
        'keyring.unwrap(document) if "wrapped" in document else made[case]',
        _ERASING,
    ),
    Guard(
        "erasing destroys the key",
        "services/reporting/documents/case_keys.py",
        '{"$set": stone, "$unset": {"wrapped": "", "under": ""}}',
        '{"$set": stone}',
        _ERASING,
    ),
    Guard(
        "a hold forbids it, also when it comes in between",
        "services/reporting/documents/case_keys.py",
        '"hold": {"$exists": False}, "erased_at"',
        '"erased_at"',
        _ERASING,
    ),
    Guard("an erasure is in the log first", _ERASE, '    if "erased_at" not in found:\n', "    if False:\n", _ERASING),
    Guard("copies that died are emptied", _ERASE, "        if body is not None:\n", "        if False:\n", _ERASING),
    Guard("older keys are refused", _RESTORE, "    if serial < newest or not", "    if not", _BACKUP),
    Guard(
        "keys without a known erasure are refused",
        _RESTORE,
        "if serial < newest or not in_data.erased <= in_keys.erased:",
        "if serial < newest:",
        _BACKUP,
    ),
    Guard("nothing is restored over anything", _RESTORE, "    if occupied:\n", "    if False:\n", _BACKUP),
    Guard("a file has its end", _DRAIN, "or self._end != self._records", "", _BACKUP),
    Guard("a long story lies once for all children", _REWRAP, "if len(text) > _LONG and", "if False and", _LONG),
    Guard(
        "it goes with the last child",
        _ERASE,
        "[case_id, incident] if alone else [case_id]",
        "[case_id]",
        _LONG,
    ),
    Guard(
        "a write has its bounds",
        "services/reporting/documents/writes.py",
        "if call and total + length > most:",
        "if False:",
        _LONG,
    ),
    Guard(
        "a batch is taken in goes",
        "services/reporting/projector.py",
        "for go in in_calls(deliveries, lambda one: len(one.message.body)):",
        "for go in [deliveries]:",
        _LONG,
    ),
    Guard(
        "a batch of long messages ends sooner",
        "shared/messaging/worker.py",
        " and size < _MOST_BYTES:",
        ":",
        ("tests/unit/messaging/test_worker.py",),
    ),
    Guard(
        "originals are opened a few at a time",
        "services/reporting/documents/facts.py",
        'next(in_calls(found, lambda document: document["size"]), [])',
        "list(found)",
        _LONG,
    ),
    Guard(
        "a form has its bounds",
        "services/intake/sent_fields.py",
        "    if _length(fields) > _MOST_TEXT:\n",
        "    if False:\n",
        _FORM,
    ),
    Guard("a note is the one of its row", _NOTE, "hexdigest() != digest:", "hexdigest() is None:", _NOTES),
    Guard("a note is not kept in the log", _NOTE, "return access_log.sealed(", "return text or str(", _NOTES),
    Guard("an erased case takes no note", _NOTE, "        if key is None:\n", "        if False:\n", _NOTES),
    Guard(
        "the log of a case is for whoever may open all of it",
        "services/reporting/staff/case_log_pages.py",
        "    if not sight.may_open(STEP_PART, found):\n",
        "    if False:\n",
        _NOTES,
    ),
    Guard(
        "older data bring nobody back", _RESTORE, "if name in NEWEST_ONLY or name in FLEETING:", "if False:", _PEOPLE
    ),
    Guard(
        "an account's sessions end with a restore",
        _RESTORE,
        'int(known.get("generation") or 0) + 1',
        'int(known.get("generation") or 0)',
        _PEOPLE,
    ),
    Guard("a session ends with a restore", _RESTORE, 'known.get("ended_at") or at', 'known.get("ended_at")', _PEOPLE),
    Guard(
        "a code that was handed out is not restored",
        "services/reporting/keys/backup.py",
        '{"heartbeats", "throttles", "enrolments", "rosters"}',
        '{"heartbeats", "throttles", "rosters"}',
        _PEOPLE,
    ),
    Guard(
        "an old list of contacts is not restored",
        "services/reporting/keys/backup.py",
        '{"heartbeats", "throttles", "enrolments", "rosters"}',
        '{"heartbeats", "throttles", "enrolments"}',
        (f"{_EXCLUDED[0]}::test_who_sits_where_is_not_restored_from_any_data",),
    ),
    Guard(
        "older data let nobody back in",
        _RESTORE,
        "        facts.put_missing(store.facts, found_keys.exclusions)\n",
        "",
        _EXCLUDED,
    ),
    Guard(
        "who may not know a case does not have it erased",
        "services/reporting/keys/ordering.py",
        "sight.only(endpoint, incident) if",
        "incident if",
        (f"{_ORDERING[0]}::test_only_who_may_order_it_for_this_case_has_it_done",),
    ),
    Guard("a restore is in the log", _RESTORE, '    for unit in units or ["-"]:\n', "    for unit in []:\n", _PEOPLE),
)
