"""Gives each container its own secrets and no others: one volume each, brought into the state it should have.

Files of the host belong to whoever runs `docker compose`, containers run as somebody else. So root copies, once, before
anything starts, and no container needs to be root to read what is its own.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path

from deploy.docker.setup.making import DATABASES
from deploy.docker.setup.place import Installation
from deploy.local.engines.addresses import Addresses
from deploy.local.services import USERS
from deploy.local.vault import Vault
from shared import durable

# The user of our own image. The engines' users have other numbers in other images, so their entrypoints read as root.
SERVICE_UID = 10001
ROOT_READS = ("rabbitmq", "mongo")
VHOST, ADMIN = "lentieng", "lentieng-admin"

Files = Mapping[str, str]


def addresses(vault: Vault) -> Addresses:
    """The engines, for an administrator."""
    password = vault.password("broker-admin")
    return Addresses(
        amqp=Addresses(amqp="amqp://rabbitmq:5672", mongo="").amqp_for(user=ADMIN, password=password, vhost=VHOST),
        mongo="mongodb://127.0.0.1:27017",  # within the network of its container
        management=f"http://{ADMIN}:{password}@rabbitmq:15672",
    )


def wanted(place: Installation) -> dict[str, Files]:
    """Content by file name, by the volume it goes into."""
    vault = Vault(place.secrets)
    engines = addresses(vault)

    def kept(*names: str) -> dict[str, str]:
        return {name: (place.secrets / name).read_text(encoding="utf-8") for name in names}

    def urls(service: str) -> dict[str, str]:
        found = {"amqp-url": engines.amqp_for(user=service, password=vault.password(f"broker-{service}"))}
        if service in DATABASES:
            login = f"{service}:{vault.password(f'mongo-{service}')}"
            found["mongo-url"] = f"mongodb://{login}@mongo:27017/?replicaSet=rs0&authSource={service}"
        return found

    gateway = {place.gateway.name: place.gateway.read_text(encoding="utf-8")}
    private = {f"sealing-private/{pem.name}": pem.read_text() for pem in place.sealing_private.glob("*.pem")}
    signed = {f"session-public/{pem.name}": pem.read_text() for pem in place.session_public.glob("*.pem")}
    envelope = {place.envelope_public.name: place.envelope_public.read_text(encoding="utf-8")}
    password = vault.password("broker-admin")
    return {
        # Before intake: who opens has a new key before anything is sealed with it.
        "reporting": urls("reporting") | private | signed | envelope | kept("case-key", place.sealing_public.name),
        "intake": urls("intake") | gateway | signed
        | kept("receipt-key", "receipt-check-key", "case-token-key", place.sealing_public.name),
        "notify": urls("notify") | gateway | signed | kept("link-key", "smtp-password")
        | {place.seed.name: place.seed.read_text(encoding="utf-8")},
        # What signs people in is none of the worker's business.
        "reporting-web": kept(place.session_key.name, "staff-key", "case-token-key"),
        "accounts": kept(place.accounts.name) if place.providers == "sandbox" else {},
        "rabbitmq": {"login.conf": f"default_user = {ADMIN}\ndefault_pass = {password}\ndefault_vhost = {VHOST}\n"},
        "mongo": {"keyfile": vault.key("mongo-keyfile").read_text()},
        "topology": kept(*(f"broker-{name}" for name in ("admin", *USERS))),
        "mongo-init": kept(*(f"mongo-{name}" for name in ("admin", *DATABASES))),
    }  # fmt: skip


def hand_out(place: Installation, volumes: Path) -> None:
    for name, content in wanted(place).items():
        _bring(volumes / name, content, 0 if name in ROOT_READS else SERVICE_UID)


def _bring(volume: Path, content: Files, owner: int) -> None:
    """Exactly these files. One that is right is not touched: a service may be reading it."""
    for old in [path for path in volume.rglob("*") if path.is_file()]:
        if str(old.relative_to(volume)) not in content:
            old.unlink()
    for name, text in content.items():
        file = volume / name
        if file.exists() and file.read_text(encoding="utf-8") == text:
            continue
        file.parent.mkdir(exist_ok=True)
        durable.write(file, text.encode(), 0o400, (owner, owner))
    for folder in (volume, *(path for path in volume.rglob("*") if path.is_dir())):
        folder.chmod(0o500)
        os.chown(folder, owner, owner)
