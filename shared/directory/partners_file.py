"""partners.yaml as people keep it: entries are added and changed as text, so that comments and order stay (pure).

Where the file is written in a way in which that can't be done safely, it is written anew with the comment at its top.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import yaml

Entry = dict[str, Any]


def entries(text: str) -> list[Entry]:
    """The partners as the file says them. Raises yaml.YAMLError."""
    # Days stay texts, as they do for the directory: BaseLoader makes nothing else of them.
    content = yaml.load(text, Loader=yaml.BaseLoader)  # noqa: S506 - makes only texts, lists and mappings
    return list((content if isinstance(content, dict) else {}).get("partners") or [])


def added(text: str, entry: Mapping[str, Any]) -> str:
    """The text with one more partner at the end of the list."""
    text = _ended(text)
    return _checked(text, [*entries(text), dict(entry)], lambda: _append(text, entry))


def changed(text: str, partner: str, **values: Any) -> str:
    """The text with other values of a partner, such as `expires` or `token_sha256`; texts or lists of texts."""
    text = _ended(text)
    wanted = [{**one, **values} if one.get("id") == partner else one for one in entries(text)]

    def edit() -> str:
        result = text
        for key, value in values.items():
            result = _set(result, partner, key, value)
        return result

    return _checked(text, wanted, edit)


def _checked(text: str, wanted: list[Entry], edit: Callable[[], str]) -> str:
    """What the edit makes, if it reads as wanted and nothing else has changed; else the file written anew."""
    try:
        result = edit()
        if entries(result) == wanted:
            return result
    except (yaml.YAMLError, LookupError):
        pass
    return _anew(text, wanted)


def _anew(text: str, wanted: list[Entry]) -> str:
    lines = text.splitlines(keepends=True)
    head = lines[: next((number for number, line in enumerate(lines) if not line.startswith("#")), len(lines))]
    listed = "".join(_block(entry, "  ") for entry in wanted)
    return "".join(head) + ("partners:\n" + listed if wanted else "partners: []\n")


def _append(text: str, entry: Mapping[str, Any]) -> str:
    listed = _value(_root(text), "partners")
    if not isinstance(listed, yaml.SequenceNode):  # "partners:" with nothing behind it
        return _anew(text, [*entries(text), dict(entry)])
    start, end = listed.start_mark.index, listed.end_mark.index
    if not listed.flow_style:
        after = _end_of_line(text, _last_index(listed))
        return text[:after] + _block(entry, " " * listed.start_mark.column) + text[after:]
    if listed.value:
        return f"{text[: end - 1].rstrip().rstrip(',')}, {_flow(dict(entry))}{text[end - 1 :]}"
    after = _end_of_line(text, end)
    return f"{text[:start].rstrip(' ')}{text[end:after].rstrip()}\n{_block(entry, '  ')}{text[after:]}"


def _set(text: str, partner: str, key: str, value: Any) -> str:
    entry = _entry(text, partner)
    try:
        name, node = _pair(entry, key)
    except LookupError:
        # As a line of its own after the one with the id, which every entry has.
        at = _value(entry, "id")
        if entry.flow_style:
            return f"{text[: at.end_mark.index]}, {key}: {_flow(value)}{text[at.end_mark.index :]}"
        after = _end_of_line(text, at.end_mark.index)
        return f"{text[:after]}{' ' * entry.start_mark.column}{key}: {_flow(value)}\n{text[after:]}"
    if isinstance(node, yaml.SequenceNode) and not node.flow_style:
        return _set_lines(text, name, node, list(value))
    return text[: node.start_mark.index] + _flow(value) + text[node.end_mark.index :]


def _set_lines(text: str, name: yaml.Node, node: yaml.SequenceNode, value: Sequence[str]) -> str:
    """A list with one item a line: kept items keep their lines, with what is noted beside them."""
    first = _start_of_line(text, node.start_mark.index)
    last = _end_of_line(text, node.value[-1].end_mark.index)
    if not value:
        colon = text.index(":", name.end_mark.index) + 1
        return f"{text[:colon]} []{text[colon:first]}{text[last:]}"
    indent = " " * node.start_mark.column
    lines = {
        item.value: text[_start_of_line(text, item.start_mark.index) : _end_of_line(text, item.end_mark.index)]
        for item in node.value
    }
    return text[:first] + "".join(lines.get(one, f"{indent}- {_flow(one)}\n") for one in value) + text[last:]


def _root(text: str) -> yaml.MappingNode:
    root = yaml.compose(text, Loader=yaml.BaseLoader)
    if not isinstance(root, yaml.MappingNode):
        raise LookupError("partners")
    return root


def _entry(text: str, partner: str) -> yaml.MappingNode:
    listed = _value(_root(text), "partners")
    for entry in listed.value:
        if isinstance(entry, yaml.MappingNode) and _value(entry, "id").value == partner:
            return entry
    raise LookupError(partner)


def _pair(node: yaml.MappingNode, key: str) -> tuple[yaml.Node, Any]:
    for name, value in node.value:
        if name.value == key:
            return name, value
    raise LookupError(key)


def _value(node: yaml.MappingNode, key: str) -> Any:
    return _pair(node, key)[1]


def _last_index(node: yaml.Node) -> int:
    """Where the last word of a node ends; a block's own end mark lies beyond the comments that follow it."""
    if isinstance(node, yaml.SequenceNode) and node.value and not node.flow_style:
        return _last_index(node.value[-1])
    if isinstance(node, yaml.MappingNode) and node.value and not node.flow_style:
        return _last_index(node.value[-1][1])
    return int(node.end_mark.index)


def _start_of_line(text: str, index: int) -> int:
    return text.rfind("\n", 0, index) + 1


def _end_of_line(text: str, index: int) -> int:
    return text.index("\n", index) + 1


def _ended(text: str) -> str:
    return text if text.endswith("\n") else text + "\n"


def _block(entry: Mapping[str, Any], indent: str) -> str:
    lines = []
    for key, value in entry.items():
        if isinstance(value, list) and key == "token_sha256" and value:
            lines.append(f"{key}:")
            lines += [f'  - "{one}"' for one in value]
        else:
            lines.append(f"{key}: {_flow(value)}")
    return "".join(f"{indent}{'- ' if number == 0 else '  '}{line}\n" for number, line in enumerate(lines))


def _flow(value: Any) -> str:
    """JSON is YAML, and a text in quotes is a text whatever it says."""
    return json.dumps(value, ensure_ascii=False)
