"""What the broker is told before the services come: the topology, and one user with the least rights for each."""

from __future__ import annotations

from collections.abc import Mapping

from deploy.local.engines.addresses import Addresses
from deploy.local.engines.management import Management
from deploy.local.services import USERS
from deploy.local.vault import Vault


def prepare(addresses: Addresses, vault: Vault, owned: bool) -> Mapping[str, str]:
    """Declares everything and returns the AMQP URL of each service.

    Without the management API of a given broker there are no users to be made: the given URL serves all.
    """
    from shared.messaging import topology

    topology.apply(addresses.amqp)
    if addresses.management is None:
        return dict.fromkeys(USERS, addresses.amqp)
    management, urls = Management(addresses.management), {}
    for service in USERS:
        user, password = user_name(service, addresses.vhost, owned), vault.password(f"broker-{service}")
        rights = topology.PERMISSIONS[service]
        management.put_user(user, password)
        management.permit(addresses.vhost, user, (rights.configure, rights.write, rights.read))
        urls[service] = addresses.amqp_for(user=user, password=password)
    return urls


def user_name(service: str, vhost: str, owned: bool) -> str:
    """On somebody else's broker our users carry a name that collides with nobody's."""
    return service if owned else f"lentieng-{vhost.strip('/') or 'default'}-{service}"
