from __future__ import annotations

import pytest

from deploy.local import debian
from deploy.local.engines import NoEngine, docker, mongodb, rabbitmq, start, wheel
from deploy.local.engines.addresses import Addresses
from deploy.local.ports import Ports
from deploy.local.services import inherited


@pytest.fixture
def bare(monkeypatch, tmp_path):
    """A machine with nothing on it and no right to install anything."""
    monkeypatch.setattr(rabbitmq, "find_server", lambda: None)
    monkeypatch.setattr(mongodb, "find_server", lambda: None)
    monkeypatch.setattr(docker, "possible", lambda: False)
    monkeypatch.setattr(debian, "possible", lambda: False)
    monkeypatch.setattr(wheel, "possible", lambda: False)
    monkeypatch.setattr(wheel, "path", lambda: tmp_path / "not-downloaded")
    monkeypatch.setattr("deploy.local.ports._is_free", lambda port: True)


def test_where_nothing_fits_one_error_names_all_four_ways(bare, tmp_path):
    with pytest.raises(NoEngine) as error:
        start(tmp_path, Ports(), environment={})
    for way in ("AMQP_URL", "rabbitmq-server", "Docker", "root"):
        assert way in str(error.value)


def test_a_given_broker_does_not_stand_in_for_a_missing_database(bare, tmp_path):
    with pytest.raises(NoEngine, match="MONGO_URL"):
        start(tmp_path, Ports(), environment={"AMQP_URL": "amqp://elsewhere/"})


def test_given_engines_are_used_and_nothing_else_is_looked_for(bare, tmp_path):
    given = {"AMQP_URL": "amqp://u:p@elsewhere/v", "MONGO_URL": "mongodb://elsewhere"}
    engines = start(tmp_path, Ports(), environment=given)
    assert engines.addresses == Addresses(amqp=given["AMQP_URL"], mongo=given["MONGO_URL"], management=None)
    assert not engines.owns_broker


def test_an_address_for_another_user_and_vhost_is_escaped():
    addresses = Addresses(amqp="amqp://guest:guest@127.0.0.1:8005/", mongo="")
    assert addresses.vhost == "/"
    url = addresses.amqp_for(user="báo", password="a/b:c@d", vhost="x/y")
    assert url == "amqp://b%C3%A1o:a%2Fb%3Ac%40d@127.0.0.1:8005/x%2Fy"
    assert Addresses(amqp=url, mongo="").vhost == "x/y"


def test_a_wrapper_of_a_distribution_is_never_taken_for_the_server(tmp_path, monkeypatch):
    wrapper = tmp_path / "rabbitmq-server"
    wrapper.write_text("#!/bin/sh\n")
    monkeypatch.setattr(rabbitmq, "LIBRARY", tmp_path / "none")
    monkeypatch.setattr(rabbitmq.shutil, "which", lambda name: str(wrapper))
    assert rabbitmq.find_server() is None


def test_services_inherit_nobody_elses_broker(monkeypatch):
    monkeypatch.setenv("AMQP_URL", "amqp://machine")
    monkeypatch.setenv("RABBITMQ_MANAGEMENT_URL", "http://machine")
    monkeypatch.setenv("PIP_CERT", "/etc/ca.pem")
    environment = inherited()
    assert "AMQP_URL" not in environment
    assert "RABBITMQ_MANAGEMENT_URL" not in environment
    assert environment["PIP_CERT"] == "/etc/ca.pem"
