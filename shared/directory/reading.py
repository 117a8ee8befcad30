"""YAML as clerks write it: no surprise types, no key twice, and errors that name the line."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml

from shared.directory.errors import DirectoryError

# libyaml where the wheel has it: a reload happens in the thread of some request, and is ten times shorter with it.
if TYPE_CHECKING:
    _Loader = yaml.SafeLoader
else:
    _Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class _PlainLoader(_Loader):
    """Without YAML 1.1's surprises: NO stays a text; 2025-06-30 is parsed by the schema, which can name its place."""


def _resolvers() -> dict[str, list[tuple[str, Any]]]:
    unwanted = {"tag:yaml.org,2002:timestamp", "tag:yaml.org,2002:bool", "tag:yaml.org,2002:merge"}
    return {
        first: [(tag, pattern) for tag, pattern in pairs if tag not in unwanted]
        for first, pairs in yaml.SafeLoader.yaml_implicit_resolvers.items()
    }


_PlainLoader.yaml_implicit_resolvers = _resolvers()
_PlainLoader.add_implicit_resolver("tag:yaml.org,2002:bool", re.compile(r"true|false"), ["t", "f"])


def _mapping(loader: _PlainLoader, node: yaml.MappingNode) -> dict[Any, Any]:
    found: dict[Any, Any] = {}
    for key_node, value_node in node.value:
        key = loader.construct_object(key_node, deep=True)
        if not isinstance(key, str | int):
            raise yaml.constructor.ConstructorError(None, None, "a key must be a text", key_node.start_mark)
        if key in found:
            # Plain PyYAML keeps the last one in silence; the clerk's other entry would be lost.
            raise yaml.constructor.ConstructorError(None, None, f'"{key}" is there twice', key_node.start_mark)
        found[key] = loader.construct_object(value_node, deep=True)
    return found


_PlainLoader.add_constructor(yaml.resolver.BaseResolver.DEFAULT_MAPPING_TAG, _mapping)


def parse(name: str, content: bytes) -> Any:
    """The content of one file. Numbers, null, true and false are typed; all else, dates too, stays text."""
    try:
        return yaml.load(content.decode("utf-8"), Loader=_PlainLoader)  # noqa: S506 - a SafeLoader with fewer types
    except UnicodeDecodeError:
        raise DirectoryError(name, "", "is not UTF-8; save it as UTF-8") from None
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark
        where = f"line {mark.line + 1}, column {mark.column + 1}" if mark else ""
        raise DirectoryError(name, where, f"is not readable YAML: {error.problem}; look at this line") from None
    except yaml.YAMLError:
        raise DirectoryError(name, "", "is not readable YAML") from None
    except RecursionError:
        raise DirectoryError(name, "", "is nested too deeply") from None


def read_folder(folder: Path, names: tuple[str, ...], optional: tuple[str, ...] = ()) -> dict[str, bytes]:
    """The bytes of each file. Raises DirectoryError for one that is missing, unless optional, or unreadable."""
    contents = {}
    for name in (*names, *optional):
        try:
            contents[name] = (folder / name).read_bytes()
        except FileNotFoundError:
            if name in optional:
                continue
            raise DirectoryError(name, "", f"is missing in {folder}; the folder needs {', '.join(names)}") from None
        except OSError as error:
            raise DirectoryError(name, "", f"can't be read: {error.strerror}") from None
    return contents
