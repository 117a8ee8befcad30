"""Configuration is read once, at start, into a frozen object; a wrong value stops the process with a sentence."""

from __future__ import annotations

import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import NoReturn, TypeVar
from urllib.parse import urlsplit

T = TypeVar("T")

LEVELS = ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL")


class WrongSetting(Exception):
    """A setting is missing or cannot be used; the text says which one and what it should be."""


class Reader:
    """Reads settings from an environment mapping.

    A secret is `NAME` itself or the content of the file that `NAME_FILE` names; a named file that cannot be read is an
    error, because falling back to nothing would start a service that looks healthy and is not.
    """

    def __init__(self, env: Mapping[str, str]) -> None:
        self._env = env

    def text(self, name: str, default: str | None = None) -> str:
        value = self._env.get(name, "").strip()
        if value:
            return value
        if default is None:
            raise WrongSetting(f"{name} is not set")
        return default

    def secret(self, name: str, default: str | None = None) -> str:
        file = self._env.get(f"{name}_FILE", "").strip()
        if not file:
            return self.text(name, default)
        try:
            found = Path(file).read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError) as error:
            raise WrongSetting(f"{name}_FILE names {file}, which cannot be read: {type(error).__name__}") from None
        if not found and default is None:
            raise WrongSetting(f"{name}_FILE names {file}, which is empty")
        return found or default or ""

    def number(self, name: str, default: int | None = None, *, low: int = 0, high: int = 2**31) -> int:
        raw = self.text(name, None if default is None else str(default))
        try:
            value = int(raw)
        except ValueError:
            raise WrongSetting(f"{name} must be a whole number, not {raw!r}") from None
        if not low <= value <= high:
            raise WrongSetting(f"{name} must be between {low} and {high}, not {value}")
        return value

    def flag(self, name: str, *, default: bool = False) -> bool:
        raw = self.text(name, "1" if default else "0").lower()
        if raw in {"1", "true", "yes"}:
            return True
        if raw in {"0", "false", "no"}:
            return False
        raise WrongSetting(f"{name} must be 1 or 0, not {raw!r}")

    def path(self, name: str, default: str | None = None, *, must_exist: bool = False) -> Path:
        value = Path(self.text(name, default))
        if must_exist and not value.exists():
            raise WrongSetting(f"{name} names {value}, which does not exist")
        return value

    def address(self, name: str, default: str | None = None) -> str:
        """An http(s) URL without a slash at its end."""
        value = self.text(name, default).rstrip("/")
        parts = urlsplit(value)
        if parts.scheme not in {"http", "https"} or not parts.netloc:
            raise WrongSetting(f"{name} must be an address such as https://lentieng.example, not {value!r}")
        return value

    def optional_path(self, name: str) -> Path | None:
        value = self._env.get(name, "").strip()
        return Path(value) if value else None

    def log_level(self) -> str:
        level = self.text("LOG_LEVEL", "INFO").upper()
        if level not in LEVELS:
            raise WrongSetting(f"LOG_LEVEL must be one of {', '.join(LEVELS)}, not {level!r}")
        return level

    def hex_key(self, name: str) -> bytes:
        """A secret of 32 bytes or more, written in hex."""
        try:
            key = bytes.fromhex(self.secret(name))
        except ValueError:
            raise WrongSetting(f"{name} must be written in hex") from None
        if len(key) < 32:
            raise WrongSetting(f"{name} must be at least 32 bytes (64 hex characters)")
        return key


def read_or_exit(read: Callable[[Mapping[str, str]], T], env: Mapping[str, str]) -> T:
    """The settings, or the process ends with status 78 (EX_CONFIG) and one sentence on stderr."""
    try:
        return read(env)
    except WrongSetting as wrong:
        _stop(str(wrong))


def _stop(sentence: str) -> NoReturn:
    sys.stderr.write(f"cấu hình sai / wrong setting: {sentence}\n")
    raise SystemExit(78)
