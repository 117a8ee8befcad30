"""The forms of a page, as a browser would send them."""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser


@dataclass
class Form:
    """`fields` holds what is sent when nothing is changed; `choices` the values of each select and radio group."""

    action: str = ""
    method: str = "get"
    fields: dict[str, str] = field(default_factory=dict)
    choices: dict[str, list[str]] = field(default_factory=dict)


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.forms: list[Form] = []
        self._form: Form | None = None
        self._select = self._textarea = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        has = {name: value or "" for name, value in attrs}
        if tag == "form":
            self._form = Form(has.get("action", ""), has.get("method", "get").lower())
            self.forms.append(self._form)
        if self._form is None:
            return
        name = has.get("name", "")
        if tag == "input" and name:
            self._input(name, has, self._form)
        elif tag == "select":
            self._select = name
        elif tag == "option" and self._select:
            self._form.choices.setdefault(self._select, []).append(has.get("value", ""))
            if "selected" in has or self._select not in self._form.fields:
                self._form.fields[self._select] = has.get("value", "")
        elif tag == "textarea" and name:
            self._textarea = name
            self._form.fields[name] = ""

    def _input(self, name: str, has: dict[str, str], form: Form) -> None:
        kind = has.get("type", "text")
        if kind in {"radio", "checkbox"}:
            form.choices.setdefault(name, []).append(has.get("value", "on"))
            if "checked" not in has:
                return
        if kind not in {"submit", "button"}:
            form.fields[name] = has.get("value", "")

    def handle_data(self, data: str) -> None:
        if self._textarea and self._form is not None:
            self._form.fields[self._textarea] += data

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._form = None
        elif tag == "select":
            self._select = ""
        elif tag == "textarea":
            self._textarea = ""


def forms(html: str) -> list[Form]:
    reader = _Reader()
    reader.feed(html)
    return reader.forms


def form(html: str, *, action: str = "", having: str = "") -> Form:
    """The first form whose address contains `action` and that has a field `having`. AssertionError where none does."""
    found = [
        one
        for one in forms(html)
        if action in one.action and (not having or having in one.fields or having in one.choices)
    ]
    assert found, f"no form to {action or 'anywhere'} with {having or 'anything'} among {forms(html)}"
    return found[0]
