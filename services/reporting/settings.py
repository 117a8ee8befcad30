"""Configuration of reporting, read once."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from shared.settings import Reader


@dataclass(frozen=True)
class Settings:
    """`sealing_private_dir` holds a `<key id>.pem` for each month's key; `dead_letter_dir` takes large dead bodies."""

    host: str
    port: int
    log_level: str
    directory: Path
    amqp_url: str = field(repr=False)
    mongo_url: str = field(repr=False)
    mongo_database: str
    sealing_private_dir: Path
    dead_letter_dir: Path
    threads: int
    batch_max: int


def read(env: Mapping[str, str]) -> Settings:
    """Raises `shared.settings.WrongSetting`."""
    reader = Reader(env)
    private_dir = reader.path("SEALING_PRIVATE_DIR", must_exist=True)
    return Settings(
        host=reader.text("HOST", "127.0.0.1"),
        port=reader.number("PORT", 8003, low=1, high=65535),
        log_level=reader.text("LOG_LEVEL", "INFO").upper(),
        directory=reader.path("LENTIENG_DIRECTORY", must_exist=True),
        amqp_url=reader.secret("AMQP_URL"),
        mongo_url=reader.secret("MONGO_URL"),
        mongo_database=reader.text("MONGO_DATABASE", "reporting"),
        sealing_private_dir=private_dir,
        dead_letter_dir=reader.path("DEAD_LETTER_DIR", str(private_dir.parent / "reporting-dead-letters")),
        threads=reader.number("THREADS", 16, low=1, high=256),
        batch_max=reader.number("BATCH_MAX", 500, low=1, high=5000),
    )
