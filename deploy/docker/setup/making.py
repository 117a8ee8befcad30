"""Makes the secrets of an installation: what is there stays as it is, so it may run before every start."""

from __future__ import annotations

import filecmp
import json
import os
from collections.abc import Callable, Mapping
from pathlib import Path

from deploy.docker.setup.place import Installation, Wrong
from deploy.local import files, staff
from deploy.local.place import SAMPLE_CONTACTS, SEED
from deploy.local.services import USERS
from deploy.local.vault import Vault, write_private

# As the containers reach it.
SANDBOX_URL = "http://sandbox:8004"
# Services with a database of their own, named like them.
DATABASES = ("notify", "reporting")


def make(place: Installation, environment: Mapping[str, str], say: Callable[[str], None]) -> None:
    """Raises Wrong where real providers were chosen and something that only the operator knows is missing."""
    place.root.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    place.root.parent.chmod(0o700)
    place.root.mkdir(mode=0o700, exist_ok=True)
    vault = Vault(place.secrets)
    for name in ("admin", *USERS):
        vault.password(f"broker-{name}")
    for name in ("admin", *DATABASES):
        vault.password(f"mongo-{name}")
    vault.key("mongo-keyfile")
    tokens = files.keys_and_partners(place, vault, say, sandbox=place.providers == "sandbox")
    if place.providers == "sandbox":
        files.sandbox_gateway(place, SANDBOX_URL)
        # mode 0600 like everything else that lies here
        write_private(place.gateway, place.gateway.read_text(encoding="utf-8"))
        write_private(place.smtp_password, "")
        write_private(place.accounts, staff.listed(vault))
    public = (environment.get("LENTIENG_PUBLIC_URL") or "http://localhost:8080").rstrip("/")
    ready = {"intake": public, "intake_replicas": [public], "notify": public, "reporting": public}
    if place.providers == "sandbox":
        ready["sandbox"] = environment.get("LENTIENG_SANDBOX_URL") or "http://localhost:8081"
    # A real installation's accounts are made by hand, each by the person it is for (docs/administrator.md).
    accounts = staff.ready(vault) if place.providers == "sandbox" else {}
    write_private(place.ready, json.dumps({**ready, **tokens, "staff": accounts}, indent=2) + "\n")
    give_to_owner(place.root)
    if place.providers == "real":
        _what_only_the_operator_knows(place)


def _what_only_the_operator_knows(place: Installation) -> None:
    missing = [file.name for file in (place.gateway, place.smtp_password) if not file.exists()]
    if missing:
        raise Wrong(f"{place.root.name}: {' and '.join(missing)} must be laid there first (docs/deploy.md)")
    if SANDBOX_URL in place.gateway.read_text(encoding="utf-8"):
        raise Wrong(f"{place.gateway.name} names the sandbox, which no real installation may reach")
    if filecmp.cmp(place.seed, SAMPLE_CONTACTS / SEED, shallow=False):
        raise Wrong(f"contacts/{SEED} still holds the invented people of the sample")


def give_to_owner(root: Path) -> None:
    """Made by root in a container, the files still belong to whoever owns the folder above. The directory is no secret
    and is read by every service; all else is closed."""
    for path in (root, *root.rglob("*")):
        open_to_read = path.relative_to(root).parts[:1] == ("directory",)
        path.chmod((0o755 if open_to_read else 0o700) if path.is_dir() else 0o644 if open_to_read else 0o600)
    if os.geteuid() != 0:
        return
    owner = root.parent.stat()
    for path in (root, *root.rglob("*")):
        os.chown(path, owner.st_uid, owner.st_gid)
