"""The files with which an operator's command runs as its service does."""

from __future__ import annotations

import subprocess

import pytest

from deploy.local import files, services
from deploy.local.engines.addresses import Addresses
from deploy.local.place import Place
from deploy.local.ports import Ports
from deploy.local.vault import Vault

ADDRESSES = Addresses("amqp://a:b@127.0.0.1:1/x", "http://127.0.0.1:2", "mongodb://127.0.0.1:3/?replicaSet=rs0")


@pytest.fixture
def parts(tmp_path):
    place = Place(tmp_path / "a folder")
    amqp = {user: f"amqp://{user}:pass@127.0.0.1:1/x" for user in services.USERS}
    return services.Parts(place, Ports(9000), Vault(place.secrets), ADDRESSES, amqp, 2)


def read(file):
    """As a shell reads it."""
    shell = 'set -a; . "$0"; set +a; exec env -0'
    ran = subprocess.run(["sh", "-c", shell, str(file)], env={"PATH": "/usr/bin:/bin"}, capture_output=True, check=True)
    return dict(line.split("=", 1) for line in ran.stdout.decode().split("\0") if line)


def test_each_service_has_a_file_that_a_shell_reads_and_nobody_else(parts):
    wanted = services.settings(parts)
    files.environments(parts.place, wanted)

    assert {path.name for path in parts.place.env.iterdir()} == {"intake", "intake-2", "notify", "reporting"}
    assert {path.stat().st_mode & 0o777 for path in parts.place.env.iterdir()} == {0o600}
    for service, values in wanted.items():
        assert values.items() <= read(parts.place.env / service).items()


def test_a_command_is_told_what_the_service_is_told_and_nothing_of_this_machine(parts):
    told = {service.name: service.env for service in services.services(parts)}
    wanted = services.settings(parts)

    for name, service in (
        ("intake", "intake-1"),
        ("intake-2", "intake-2"),
        ("notify", "notify"),
        ("reporting", "reporting"),
    ):
        assert wanted[name].items() <= told[service].items()
        assert "PATH" not in wanted[name]


def test_only_reporting_is_told_what_opens_names_and_signs_people_in(parts):
    wanted = services.settings(parts)

    assert {"SESSION_KEY_FILE", "CASE_KEY_FILE", "SEALING_PRIVATE_DIR"} <= wanted["reporting"].keys()
    for name in ("intake", "intake-2", "notify"):
        assert not {"SESSION_KEY_FILE", "CASE_KEY_FILE", "SEALING_PRIVATE_DIR"} & wanted[name].keys()
