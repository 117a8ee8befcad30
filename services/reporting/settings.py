"""Configuration of reporting, read once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from shared.settings import Reader, WrongSetting
from shared.signing import SigningKey


@dataclass(frozen=True)
class Web:
    """What the web process and the commands about accounts are told, and the worker is not.

    `session_key_file` signs sessions and grants; `session_public_dir` has the public halves. `staff_key` seals the
    second factors and keys what is looked up by hash. `proxies`: how many trusted ones stand in front.
    """

    session_key_file: Path
    session_public_dir: Path
    staff_key: bytes = field(repr=False)
    case_token_key: bytes = field(repr=False)
    public_url: str
    intake_url: str
    notify_url: str
    proxies: int
    sandbox: bool

    @property
    def addresses(self) -> tuple[str, ...]:
        """Under which people reach our services, this one first."""
        return tuple(dict.fromkeys((self.public_url, self.intake_url, self.notify_url)))


@dataclass(frozen=True)
class Settings:
    """`sealing_private_dir` holds a `<key id>.pem` for each month's key.

    `dead_letter_dir` takes large dead bodies. `case_key` wraps the keys of the cases; `envelope_public_file` is whom
    backups are encrypted to.
    """

    host: str
    port: int
    log_level: str
    directory: Path
    amqp_url: str = field(repr=False)
    mongo_url: str = field(repr=False)
    mongo_database: str
    sealing_private_dir: Path
    dead_letter_dir: Path
    case_key: bytes = field(repr=False)
    envelope_public_file: Path | None
    threads: int
    batch_max: int
    web: Web | None


def read(env: Mapping[str, str]) -> Settings:
    """Raises `shared.settings.WrongSetting`."""
    return _read(env, None)


def read_web(env: Mapping[str, str]) -> Settings:
    """The same, with what the pages for staff need. Raises `shared.settings.WrongSetting`."""
    return _read(env, _web(Reader(env)))


def web_of(settings: Settings) -> Web:
    """Raises `shared.settings.WrongSetting` where only the worker's settings were read."""
    if settings.web is None:
        raise WrongSetting("SESSION_KEY_FILE is not set: this process has no settings for the pages of staff")
    return settings.web


def _read(env: Mapping[str, str], web: Web | None) -> Settings:
    reader = Reader(env)
    private_dir = reader.path("SEALING_PRIVATE_DIR", must_exist=True)
    return Settings(
        host=reader.text("HOST", "127.0.0.1"),
        port=reader.number("PORT", 8003, low=1, high=65535),
        log_level=reader.log_level(),
        directory=reader.path("LENTIENG_DIRECTORY", must_exist=True),
        amqp_url=reader.secret("AMQP_URL"),
        mongo_url=reader.secret("MONGO_URL"),
        mongo_database=reader.text("MONGO_DATABASE", "reporting"),
        sealing_private_dir=private_dir,
        dead_letter_dir=reader.path("DEAD_LETTER_DIR", str(private_dir.parent / "reporting-dead-letters")),
        case_key=reader.hex_key("CASE_KEY"),
        envelope_public_file=reader.optional_path("ENVELOPE_PUBLIC_FILE"),
        threads=reader.number("THREADS", 16, low=1, high=256),
        batch_max=reader.number("BATCH_MAX", 500, low=1, high=5000),
        web=web,
    )


def _web(reader: Reader) -> Web:
    public_url = reader.address("PUBLIC_URL")
    return Web(
        session_key_file=_signing_key(reader),
        session_public_dir=reader.path("SESSION_PUBLIC_DIR", must_exist=True),
        staff_key=reader.hex_key("STAFF_KEY"),
        case_token_key=reader.hex_key("CASE_TOKEN_KEY"),
        public_url=public_url,
        intake_url=reader.address("INTAKE_URL", public_url),
        notify_url=reader.address("NOTIFY_URL", public_url),
        proxies=reader.number("PROXIES", 0, high=8),
        sandbox=reader.flag("SANDBOX"),
    )


def _signing_key(reader: Reader) -> Path:
    file = reader.path("SESSION_KEY_FILE", must_exist=True)
    try:
        SigningKey.load(file)
    except (OSError, ValueError) as error:
        raise WrongSetting(f"SESSION_KEY_FILE names {file}, which is no key: {type(error).__name__}") from None
    return file
