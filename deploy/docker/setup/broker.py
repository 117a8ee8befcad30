"""RabbitMQ before the services come: its vhost, the topology, a user with the least rights for each service."""

from __future__ import annotations

import time
from pathlib import Path

from deploy.docker.setup.handout import VHOST, addresses
from deploy.docker.setup.place import Wrong
from deploy.local import broker
from deploy.local.engines.management import Management, ManagementError
from deploy.local.vault import Vault


def set_up(secrets: Path, patience: float = 120) -> None:
    """As often as one likes. Raises Wrong where the broker does not let us in, and what declaring raises."""
    vault = Vault(secrets)
    engines = addresses(vault)
    assert engines.management
    management = Management(engines.management)
    deadline = time.monotonic() + patience
    while True:
        try:
            management.create_vhost(VHOST)
            break
        except ManagementError as error:
            if " 401 " in str(error):
                raise Wrong("RabbitMQ was made with another administrator's password than the one of today") from None
            if time.monotonic() >= deadline:
                raise Wrong(f"RabbitMQ's management API: {error}") from None
            time.sleep(0.5)
    broker.prepare(engines, vault, owned=True)
