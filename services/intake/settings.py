"""Configuration of intake, read once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from shared.settings import Reader, WrongSetting


@dataclass(frozen=True)
class Settings:
    """`receipt_key`, `receipt_check_key` and `case_token_key` are shared by all replicas: the same report gets the same
    answer. `staff_url` is where staff sign in and see cases.
    """

    host: str
    port: int
    log_level: str
    directory: Path
    amqp_url: str
    public_url: str
    staff_url: str
    node: str
    spool_file: Path
    sealing_public_key: Path
    receipt_key: bytes
    receipt_check_key: bytes
    case_token_key: bytes
    session_public_dir: Path
    alarm_gateway: Path | None
    alarm_to: tuple[str, ...]
    sandbox: bool
    threads: int


def read(env: Mapping[str, str]) -> Settings:
    """Raises `shared.settings.WrongSetting`."""
    reader = Reader(env)
    public_url = reader.text("PUBLIC_URL").rstrip("/")
    gateway, phones = _alarm(reader)
    return Settings(
        host=reader.text("HOST", "127.0.0.1"),
        port=reader.number("PORT", 8001, low=1, high=65535),
        log_level=reader.log_level(),
        directory=reader.path("LENTIENG_DIRECTORY", must_exist=True),
        amqp_url=reader.secret("AMQP_URL"),
        public_url=public_url,
        staff_url=reader.text("STAFF_URL", public_url).rstrip("/"),
        node=reader.text("NODE_NAME"),
        spool_file=reader.path("SPOOL_FILE"),
        sealing_public_key=reader.path("SEALING_PUBLIC_KEY_FILE", must_exist=True),
        receipt_key=reader.hex_key("RECEIPT_KEY"),
        receipt_check_key=reader.hex_key("RECEIPT_CHECK_KEY"),
        case_token_key=reader.hex_key("CASE_TOKEN_KEY"),
        session_public_dir=reader.path("SESSION_PUBLIC_DIR", must_exist=True),
        alarm_gateway=gateway,
        alarm_to=phones,
        sandbox=reader.flag("SANDBOX"),
        threads=reader.number("THREADS", 32, low=1, high=256),
    )


def _alarm(reader: Reader) -> tuple[Path | None, tuple[str, ...]]:
    """The gateway and the phones of intake's own alarm. A gateway without a phone would fail in the worst minute."""
    gateway, told = reader.optional_path("ALARM_GATEWAY_FILE"), reader.text("ALARM_TO", "")
    phones = tuple(number for number in told.replace(",", " ").split() if number != "-")
    if gateway is not None and not told:
        raise WrongSetting("ALARM_TO must name the phones that intake's own alarm calls, or - for none")
    return (gateway if phones else None), phones
