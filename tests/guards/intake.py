"""The guards of steps: who may write, and that nothing that was typed gets lost or seen."""

from __future__ import annotations

from tests.guards.conftest import Guard

_KEPT = ("tests/unit/intake/test_step_page.py",)
_BACK = ("tests/unit/intake/test_step_page_comes_back.py",)
_REFUSED = ("tests/unit/intake/test_step_page_refused.py",)
_API = ("tests/unit/intake/test_step_api.py",)
_RULES = ("tests/unit/intake/test_step_rules.py",)
_DOOR = "shared/web/staff.py"
_FORM = "services/intake/steps/page.py"
_AUTHOR = "services/intake/steps/author.py"

_WITHHOLDING = ("tests/unit/intake/test_step_withholding.py",)
_WITHHOLDING_FILE = "services/intake/steps/withholding.py"

INTAKE = (
    Guard(
        "a school and a clerk keep out their own agency alone",
        _WITHHOLDING_FILE,
        "if for_themselves and any(",
        "if False and any(",
        _WITHHOLDING,
    ),
    Guard(
        "a partner keeps out agencies of its own unit alone",
        _WITHHOLDING_FILE,
        "    if any(agency is None or agency.unit != author.unit for agency in agencies):\n",
        "    if False:\n",
        _WITHHOLDING,
    ),
    Guard(
        "a partner declares no person",
        _WITHHOLDING_FILE,
        "    if told.withhold_contacts:\n",
        "    if False:\n",
        _WITHHOLDING,
    ),
    Guard(
        "nobody names a person whom the grant does not",
        _WITHHOLDING_FILE,
        "    if not {*told.withhold_contacts} <= {*author.people, author.contact}:\n",
        "    if False:\n",
        _WITHHOLDING,
    ),
    Guard(
        "beside a kind stand its agencies",
        _WITHHOLDING_FILE,
        "return [*named, *more[: max(0, _MOST_CODES - len(named))]]",
        "return named",
        _WITHHOLDING,
    ),
    Guard(
        "a form is asked whom its author may keep out",
        _FORM,
        "        *withholding.findings(reading.told, author, directory),\n",
        "",
        _REFUSED,
    ),
    Guard(
        "a call is asked whom its author may keep out",
        "services/intake/api/steps.py",
        "        *withholding.findings(told, author, directory),\n",
        "",
        _API,
    ),
    Guard(
        "a step carries every hat of its author",
        "services/intake/steps/door.py",
        '"hats": list(author.hats),',
        '"hats": [],',
        _KEPT,
    ),
    Guard(
        "a step writes out the kinds it names",
        "services/intake/steps/door.py",
        '"withhold_from": written_out(told.withhold_from, author.commune, directory),',
        '"withhold_from": list(told.withhold_from),',
        _KEPT,
    ),
    Guard(
        "a form comes from a page of ours",
        _DOOR,
        'if request.headers.get("Origin") not in self._own:',
        "if False:",
        _REFUSED,
    ),
    Guard(
        "a form carries its session's token",
        _DOOR,
        'if not hmac.compare_digest(given.encode("utf-8", "replace"), session.csrf.encode()):',
        "if False:",
        _REFUSED,
    ),
    Guard(
        "a session is its own browser's",
        _DOOR,
        'if not hmac.compare_digest(session.browser, sessions.browser_of(request.headers.get("User-Agent", ""))):',
        "if False:",
        _REFUSED,
    ),
    Guard(
        "what another site sent is not shown under our name",
        _FORM,
        "        if post.session is None:\n            return make_response(",
        "        if False:\n            return make_response(",
        _REFUSED,
    ),
    Guard(
        "a form that is not ours is answered with nothing to send again",
        _FORM,
        'trouble="FOREIGN", sendable=False)',
        'trouble="FOREIGN")',
        _REFUSED,
    ),
    Guard(
        "a form without a grant of ours writes nothing",
        _FORM,
        "    if post.grant_refused is not None:",
        "    if False:",
        _REFUSED,
    ),
    Guard(
        "an API call needs the session's token as well",
        "services/intake/api/steps.py",
        "        intake.staff.of_this_session(session)\n",
        "",
        _API,
    ),
    Guard("a grant is one account's", _AUTHOR, "if grant.account != session.account:", "if False:", _REFUSED),
    Guard("a grant is for one case", _AUTHOR, "if grant.case != case:", "if False:", _REFUSED),
    Guard("a step must be granted", _AUTHOR, "if step not in self.steps:", "if False:", _REFUSED),
    Guard(
        "a case token is one partner's",
        _AUTHOR,
        "if token is None or token.client != partner.id:",
        "if token is None:",
        _API,
    ),
    Guard(
        "a case token is for one incident's children",
        _AUTHOR,
        "number = number_of(token.incident, case, token.cases)",
        "number: int | None = 1",
        _API,
    ),
    Guard(
        "a partner approves, releases and merges nothing",
        _AUTHOR,
        "steps=frozenset(known) - NOT_FOR_PARTNERS,",
        "steps=frozenset(known),",
        _API,
    ),
    Guard(
        "a partner needs the scope",
        "services/intake/api/steps.py",
        'return bearer(intake.directory.current(), "step:write", intake.clock())',
        "from shared.web.auth import known; return known(intake.directory.current(), intake.clock())",
        _API,
    ),
    Guard(
        "a note is sealed",
        "services/intake/steps/door.py",
        '"sealed": self._sealed(told, author)},',
        '"sealed": self._sealed(told, author), "note": told.note},',
        _KEPT,
    ),
    Guard(
        "a declared conflict is urgent",
        "services/intake/steps/door.py",
        "told.step == CONFLICT and not author.drill",
        "False",
        _KEPT,
    ),
    Guard(
        "whom a newer page withholds from stays out",
        "services/intake/steps/rules.py",
        "if not _known(code, directory) and (strict or not _CODE.fullmatch(code)):",
        "if not _known(code, directory):",
        _RULES,
    ),
    Guard(
        "what belongs to another step is not dropped in silence",
        "services/intake/steps/rules.py",
        "if getattr(told, field) and told.step != step:",
        "if False:",
        _RULES,
    ),
    Guard(
        "what ends a clock or a case says why",
        "services/intake/steps/rules.py",
        "if told.step in WORDS_NEEDED and not told.note:",
        "if False:",
        _API,
    ),
    Guard(
        "names that a page showed are not kept",
        "services/intake/steps/form_fields.py",
        "_NOT_TOLD = (*PROOFS, SHOWN)",
        "_NOT_TOLD = PROOFS",
        _KEPT,
    ),
    Guard(
        "names that a page showed are bounded",
        "services/intake/steps/form_fields.py",
        " and 0 < len(label) <= _LONGEST_NAME",
        " and label",
        _BACK,
    ),
    Guard(
        "a refusal names no field that could be content",
        "services/intake/api/body.py",
        'itertools.takewhile(_is_a_name, error["pointer"].split("/")[1:])',
        'error["pointer"].split("/")[1:]',
        _API,
    ),
    Guard(
        "a sealing key that is broken changes nothing",
        "services/intake/sealing_key.py",
        "except (OSError, ValueError) as error:",
        "except ZeroDivisionError as error:",
        ("tests/unit/intake/test_sealing_key.py",),
    ),
)
