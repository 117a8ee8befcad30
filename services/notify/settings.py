"""Configuration of notify, read once from the environment."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from shared.settings import Reader, WrongSetting

# A link of /a/ and 16 characters follows the base; more than this and no room is left for anything else in 160.
_LONGEST_LINK_BASE = 64


@dataclass(frozen=True)
class Settings:
    directory: Path
    host: str
    port: int
    log_level: str
    amqp_url: str = field(repr=False)
    public_url: str
    staff_url: str
    session_public_dir: Path | None
    mongo_url: str = field(repr=False)
    mongo_database: str
    contacts_seed_file: Path | None
    smtp_host: str
    smtp_port: int
    smtp_from: str
    smtp_user: str
    smtp_password: str = field(repr=False)
    smtp_tls: str
    sms_gateway_file: Path
    link_base_url: str
    link_key: bytes = field(repr=False)
    operator_phone: str
    operator_mail: str
    sandbox: bool
    sender_threads: int


def read(env: Mapping[str, str]) -> Settings:
    """Raises `WrongSetting`."""
    reader = Reader(env)
    public_url = reader.address("PUBLIC_URL")
    tls = reader.text("SMTP_TLS", "none")
    if tls not in {"none", "starttls", "tls"}:
        raise WrongSetting("SMTP_TLS must be none, starttls or tls")
    return Settings(
        directory=reader.path("LENTIENG_DIRECTORY", must_exist=True),
        host=reader.text("HOST", "127.0.0.1"),
        port=reader.number("PORT", 8002, low=1, high=65535),
        log_level=reader.log_level(),
        amqp_url=reader.secret("AMQP_URL"),
        public_url=public_url,
        staff_url=_short_address(reader, "STAFF_URL", public_url),
        session_public_dir=reader.optional_path("SESSION_PUBLIC_DIR"),
        mongo_url=reader.secret("MONGO_URL"),
        mongo_database=reader.text("MONGO_DATABASE", "notify"),
        contacts_seed_file=reader.optional_path("CONTACTS_SEED_FILE"),
        smtp_host=reader.text("SMTP_HOST"),
        smtp_port=reader.number("SMTP_PORT", 25, low=1, high=65535),
        smtp_from=reader.text("SMTP_FROM"),
        smtp_user=reader.text("SMTP_USER", ""),
        smtp_password=reader.secret("SMTP_PASSWORD", ""),
        smtp_tls=tls,
        sms_gateway_file=reader.path("SMS_GATEWAY_FILE", must_exist=True),
        link_base_url=_short_address(reader, "LINK_BASE_URL"),
        link_key=reader.hex_key("LINK_KEY"),
        operator_phone=reader.text("OPERATOR_PHONE", ""),
        operator_mail=reader.text("OPERATOR_MAIL", ""),
        sandbox=reader.flag("SANDBOX"),
        sender_threads=reader.number("SENDER_THREADS", 16, low=1, high=128),
    )


def _short_address(reader: Reader, name: str, default: str | None = None) -> str:
    value = reader.address(name, default)
    if len(value) > _LONGEST_LINK_BASE or not value.isascii() or set(value) & set("^{}[]~\\|`"):
        raise WrongSetting(f"{name} must be at most {_LONGEST_LINK_BASE} plain characters: it has to fit into an SMS")
    return value
