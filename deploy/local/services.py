"""Which processes a local run consists of, and what each is told: every one has its own environment and no more."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass

from deploy.local.engines.addresses import Addresses
from deploy.local.place import REPO, Place
from deploy.local.ports import Ports
from deploy.local.vault import Vault

# Nobody can have such a number or such a mailbox.
OPERATOR_PHONE = "+84000000199"
OPERATOR_MAIL = "van-hanh@lentieng.example.invalid"
# What is ours or the broker's own business, and no service should inherit by accident.
NOT_INHERITED = ("AMQP_URL", "MONGO_URL", "RABBITMQ_", "LENTIENG_", "MAKE", "MFLAGS", "PORT", "HOST", "PYTHONPATH")
USERS = ("intake", "notify", "reporting")


@dataclass(frozen=True)
class Service:
    """`url` is where it answers, None for a worker; `queue` is what a worker consumes once it is ready."""

    name: str
    label: str
    command: tuple[str, ...]
    env: Mapping[str, str]
    url: str | None = None
    queue: str | None = None


@dataclass(frozen=True)
class Parts:
    """What the environments are made of. `amqp` is a URL per service user."""

    place: Place
    ports: Ports
    vault: Vault
    addresses: Addresses
    amqp: Mapping[str, str]
    intakes: int
    mongo_prefix: str = ""


def inherited() -> dict[str, str]:
    environment = {name: value for name, value in os.environ.items() if not name.startswith(NOT_INHERITED)}
    return environment | {"PYTHONPATH": str(REPO), "PYTHONUNBUFFERED": "1", "TZ": "UTC"}


def sandbox(parts: Parts) -> Service:
    place, ports = parts.place, parts.ports
    links = {"Trang báo tin": ports.url("intake"), "Trang cán bộ": f"{ports.url('reporting')}/staff"}
    env = inherited() | {
        "SANDBOX_PORT": str(ports.of("sandbox")),
        "SANDBOX_SMTP_PORT": str(ports.of("smtp")),
        "SANDBOX_FILE": str(place.root / "sandbox" / "messages.jsonl"),
        "SANDBOX_LINKS": json.dumps(links),
        "SANDBOX_ACCOUNTS_FILE": str(place.accounts),
        "SANDBOX_OPERATOR": f"{OPERATOR_PHONE},{OPERATOR_MAIL}",
        "CONTACTS_SEED_FILE": str(place.seed),
        "LENTIENG_DIRECTORY": str(place.directory),
    }
    command = (sys.executable, "-m", "deploy.local.sandbox")
    return Service("sandbox", "Hộp thử", command, env, ports.url("sandbox"))


def services(parts: Parts) -> list[Service]:
    """In the order they are shown. Intake first: it takes reports while everything else is still coming up."""
    found = [_intake(parts, number) for number in range(1, parts.intakes + 1)]
    base = inherited()
    for name, label, queue, env, web in (
        ("notify", "Cảnh báo", "notify.events", _notify(parts), {}),
        ("reporting", "Hồ sơ và số liệu", "reporting.events", _reporting(parts), staff_keys(parts)),
    ):
        module = (sys.executable, "-m", f"services.{name}")
        own = base | env | web | {"PORT": str(parts.ports.of(name))}
        found.append(Service(name, label, (*module, "app", "run"), own, parts.ports.url(name)))
        worker = (f"{name}-worker", f"  người làm ({name})", (*module, "worker", "run"), base | env)
        found.append(Service(*worker, queue=queue))
    return found


def _common(parts: Parts, user: str) -> dict[str, str]:
    return {
        "LENTIENG_DIRECTORY": str(parts.place.directory),
        "HOST": "127.0.0.1",
        "LOG_LEVEL": os.environ.get("LOG_LEVEL", "INFO"),
        "AMQP_URL": parts.amqp[user],
        "PUBLIC_URL": parts.ports.url("intake"),
        "STAFF_URL": parts.ports.url("reporting"),
        "SESSION_PUBLIC_DIR": str(parts.place.session_public),
        "SANDBOX": "1",
    }


def _intake(parts: Parts, number: int) -> Service:
    (parts.place.root / "spool").mkdir(parents=True, exist_ok=True)
    port, node = _node(number)
    env = inherited() | _intake_settings(parts, number)
    label = "Tiếp nhận" if number == 1 else f"Tiếp nhận {number}"
    return Service(node, label, (sys.executable, "-m", "services.intake", "app", "run"), env, parts.ports.url(port))


def _node(number: int) -> tuple[str, str]:
    return ("intake", "intake-1") if number == 1 else ("intake2", f"intake-{number}")


def _intake_settings(parts: Parts, number: int) -> dict[str, str]:
    port, node = _node(number)
    return _common(parts, "intake") | {
        "PORT": str(parts.ports.of(port)),
        "NODE_NAME": node,
        "SPOOL_FILE": str(parts.place.root / "spool" / f"{node}.db"),
        "SEALING_PUBLIC_KEY_FILE": str(parts.place.sealing_public),
        "RECEIPT_KEY_FILE": str(parts.vault.key("receipt-key")),
        "RECEIPT_CHECK_KEY_FILE": str(parts.vault.key("receipt-check-key")),
        "CASE_TOKEN_KEY_FILE": str(parts.vault.key("case-token-key")),
        "ALARM_GATEWAY_FILE": str(parts.place.gateway),
        "ALARM_TO": OPERATOR_PHONE,
    }


def _notify(parts: Parts) -> dict[str, str]:
    return _common(parts, "notify") | {
        "MONGO_URL": parts.addresses.mongo,
        "MONGO_DATABASE": f"{parts.mongo_prefix}notify",
        "CONTACTS_SEED_FILE": str(parts.place.seed),
        "SMTP_HOST": "127.0.0.1",
        "SMTP_PORT": str(parts.ports.of("smtp")),
        "SMTP_FROM": "lentieng@lentieng.example.invalid",
        "SMS_GATEWAY_FILE": str(parts.place.gateway),
        "LINK_BASE_URL": parts.ports.url("notify"),
        "LINK_KEY_FILE": str(parts.vault.key("link-key")),
        "OPERATOR_PHONE": OPERATOR_PHONE,
        "OPERATOR_MAIL": OPERATOR_MAIL,
    }


def _reporting(parts: Parts) -> dict[str, str]:
    return _common(parts, "reporting") | {
        "PUBLIC_URL": parts.ports.url("reporting"),
        "INTAKE_URL": parts.ports.url("intake"),
        "NOTIFY_URL": parts.ports.url("notify"),
        "MONGO_URL": parts.addresses.mongo,
        "MONGO_DATABASE": f"{parts.mongo_prefix}reporting",
        "SEALING_PRIVATE_DIR": str(parts.place.sealing_private),
        "SEALING_PUBLIC_KEY_FILE": str(parts.place.sealing_public),
        "CASE_KEY_FILE": str(parts.vault.key("case-key")),
        "ENVELOPE_PUBLIC_FILE": str(parts.place.envelope_public),
        "DEAD_LETTER_DIR": str(parts.place.root / "reporting-dead-letters"),
    }


def staff_keys(parts: Parts) -> dict[str, str]:
    """What signs people in: for reporting's web process and its commands, not for its worker."""
    return {
        "SESSION_KEY_FILE": str(parts.place.session_key),
        "STAFF_KEY_FILE": str(parts.vault.key("staff-key")),
        "CASE_TOKEN_KEY_FILE": str(parts.vault.key("case-token-key")),
    }


def settings(parts: Parts) -> dict[str, dict[str, str]]:
    """By service what an operator's command needs, as the service itself reads it; nothing of our own environment."""
    intakes = {
        "intake" if number == 1 else f"intake-{number}": _intake_settings(parts, number)
        for number in range(1, parts.intakes + 1)
    }
    return intakes | {"notify": _notify(parts), "reporting": _reporting(parts) | staff_keys(parts)}


def commands(parts: Parts) -> dict[str, str]:
    """The environment of a command of reporting that deals with accounts."""
    return inherited() | settings(parts)["reporting"]
