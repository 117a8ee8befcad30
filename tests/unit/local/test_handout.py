"""Which container is given which secret."""

from __future__ import annotations

import json

import pytest
import yaml

from deploy.docker.setup import handout, making
from deploy.docker.setup.place import Installation, Wrong, told
from deploy.local.place import REPO


@pytest.fixture
def place(tmp_path):
    place = Installation(tmp_path / "secrets" / "sandbox", "sandbox")
    making.make(place, {}, lambda _: None)
    return place


def test_who_signs_people_in_is_the_web_process_alone(place):
    wanted = handout.wanted(place)

    holders = {volume for volume, content in wanted.items() if {"session-key.pem", "staff-key"} & set(content)}
    assert holders == {"reporting-web"}


def test_identities_are_opened_by_reporting_alone_and_the_envelope_by_nobody(place):
    wanted = handout.wanted(place)
    envelope = place.envelope.read_text(encoding="utf-8").splitlines()[-1]

    opens = {
        volume
        for volume, content in wanted.items()
        if "case-key" in content or any(name.startswith("sealing-private/") for name in content)
    }
    assert opens == {"reporting"}
    assert envelope.startswith("AGE-SECRET-KEY-")
    assert not [volume for volume, content in wanted.items() if any(envelope in text for text in content.values())]


def test_everybody_who_reads_sessions_has_the_public_half(place):
    wanted = handout.wanted(place)
    (public,) = place.session_public.iterdir()

    for volume in ("intake", "notify", "reporting"):
        assert wanted[volume][f"session-public/{public.name}"] == public.read_text()


def test_invented_accounts_are_made_for_the_sandbox_only(place, tmp_path):
    real = Installation(tmp_path / "secrets" / "real", "real")
    with pytest.raises(Exception, match=r"sms-gateway\.yaml"):
        making.make(real, {}, lambda _: None)
    real.gateway.write_text("url: https://sms.example.invalid")
    real.smtp_password.write_text("")

    assert json.loads(place.ready.read_text())["staff"]
    assert json.loads(real.ready.read_text())["staff"] == {}
    assert handout.wanted(place)["accounts"]
    assert handout.wanted(real)["accounts"] == {}


def test_a_real_installation_has_no_partner_and_no_token_but_its_operators(tmp_path):
    real = Installation(tmp_path / "secrets" / "real", "real")
    with pytest.raises(Wrong):
        making.make(real, {}, lambda _: None)

    listed = yaml.safe_load((real.directory / "partners.yaml").read_text(encoding="utf-8"))["partners"]
    assert listed == []
    assert [name for name in json.loads(real.ready.read_text()) if "token" in name or "key" in name] == []
    assert not (real.secrets / "operator-token").exists()


def test_each_volume_of_the_compose_file_is_handed_out_and_mounted_by_its_owner(place):
    services = yaml.safe_load((REPO / "docker-compose.yml").read_text(encoding="utf-8"))["services"]
    handed = {volume.split(":")[0] for volume in services["secrets"]["volumes"] if volume.startswith("keys-")}

    assert handed == {f"keys-{name}" for name in handout.wanted(place)}


def test_the_settings_of_the_compose_file_name_files_that_are_handed_out(place):
    services = yaml.safe_load((REPO / "docker-compose.yml").read_text(encoding="utf-8"))["services"]
    wanted = handout.wanted(place)
    for name in ("intake", "notify", "notify-worker", "reporting", "reporting-worker", "accounts"):
        paths = [str(value) for value in services[name]["environment"].values() if str(value).startswith("/run/")]
        files = set(_files(services[name]["volumes"], wanted))
        assert paths
        assert [path for path in paths if path not in files] == []


def _files(volumes, wanted):
    """Every file that a container sees of its secrets, and the folders they lie in."""
    for volume in volumes:
        source, target = volume.split(":")[:2]
        for file in wanted.get(source.removeprefix("keys-"), {}) if source.startswith("keys-") else ():
            yield f"{target}/{file}"
            if "/" in file:
                yield f"{target}/{file.rpartition('/')[0]}"


def test_make_secrets_is_told_what_docker_compose_is_told(tmp_path):
    file = tmp_path / ".env"
    file.write_text(
        "# LENTIENG_PUBLIC_URL=https://old.example.invalid\nLENTIENG_PROVIDERS=real\n"
        f'LENTIENG_SECRETS="{tmp_path}/elsewhere"\nLENTIENG_PUBLIC_URL=https://bao.example.invalid\n'
    )
    environment = told({"LENTIENG_PROVIDERS": "sandbox", "LENTIENG_SECRETS": ""}, file)

    assert Installation.from_environment(environment).root == tmp_path / "elsewhere" / "sandbox"
    assert environment["LENTIENG_PUBLIC_URL"] == "https://bao.example.invalid"
    assert told({"A": "1"}, tmp_path / "none") == {"A": "1"}
