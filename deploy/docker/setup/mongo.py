"""MongoDB before the services come: a replica set of one, and a user for each service that sees its own database only.

Runs within the network of mongod's container: as long as there is no user, mongod lets in who comes over loopback.
"""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import pymongo
from pymongo.database import Database
from pymongo.errors import OperationFailure, PyMongoError

from deploy.docker.setup.handout import ADMIN
from deploy.docker.setup.making import DATABASES
from deploy.docker.setup.place import Wrong
from deploy.local.engines.mongodb import NOT_YET_INITIALIZED, SET
from deploy.local.vault import Vault

HOST = "mongo:27017"  # by which the services know it
_NOT_ALLOWED, _WRONG_LOGIN, _ALREADY = 13, 18, 23


def set_up(secrets: Path, patience: float = 120) -> None:
    """As often as one likes. Raises Wrong where mongod does not let us in or never becomes primary."""
    vault = Vault(secrets)
    url, password = "mongodb://127.0.0.1:27017", vault.password("mongo-admin")
    deadline = time.monotonic() + patience
    while not _primary(url, password):
        if time.monotonic() >= deadline:
            raise Wrong(f"MongoDB is not primary after {patience:g} s")
        time.sleep(0.2)
    with _client(url) as anybody:
        _first_user(anybody.admin, password)
    with _client(url, username=ADMIN, password=password) as admin:
        for service in DATABASES:
            _user(admin[service], service, vault.password(f"mongo-{service}"))


def _client(url: str, **login: str) -> pymongo.MongoClient[dict[str, Any]]:
    return pymongo.MongoClient(url, directConnection=True, timeoutMS=10_000, **login)


def _primary(url: str, password: str) -> bool:
    """Makes the set where there is none."""
    with _client(url) as anybody:
        try:
            hello = anybody.admin.command("hello")
            if not hello.get("setName"):
                anybody.admin.command("replSetInitiate", {"_id": SET, "members": [{"_id": 0, "host": HOST}]})
        except OperationFailure as error:
            if error.code not in {_ALREADY, _NOT_ALLOWED, NOT_YET_INITIALIZED}:
                raise
        except PyMongoError:
            return False
        else:
            return bool(hello.get("isWritablePrimary"))
    return False


def _first_user(admin: Database[dict[str, Any]], password: str) -> None:
    """The administrator; who may only be made by a stranger while there is nobody."""
    roles = ["userAdminAnyDatabase", "clusterAdmin"]
    try:
        admin.command("createUser", ADMIN, pwd=password, roles=roles)
    except OperationFailure as error:
        if error.code != _NOT_ALLOWED:
            raise


def _user(database: Database[dict[str, Any]], name: str, password: str) -> None:
    wanted = {"pwd": password, "roles": [{"role": "readWrite", "db": database.name}]}
    try:
        known = database.command("usersInfo", name)["users"]
    except OperationFailure as error:
        if error.code == _WRONG_LOGIN:
            raise Wrong("MongoDB was made with another administrator's password than the one of today") from None
        raise
    database.command("updateUser" if known else "createUser", name, **wanted)
