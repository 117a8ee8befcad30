from __future__ import annotations

import pytest

from deploy.local.ports import OFFSETS, Ports, WrongPorts


def test_every_program_has_a_port_of_its_own():
    assert len(set(OFFSETS.values())) == len(OFFSETS)


def test_the_base_is_8000_unless_told_otherwise():
    assert Ports.from_environment({}).url("intake") == "http://127.0.0.1:8001"
    assert Ports.from_environment({"LENTIENG_PORT_BASE": "9000"}).of("intake2") == 9011


@pytest.mark.parametrize("wrong", ["", "http", "80", "65001", "-1", "9000.5"])
def test_a_base_that_leaves_no_room_is_refused_with_a_sentence(wrong):
    with pytest.raises(WrongPorts, match="LENTIENG_PORT_BASE"):
        Ports.from_environment({"LENTIENG_PORT_BASE": wrong})


def test_a_taken_port_is_named_with_what_to_set(monkeypatch):
    monkeypatch.setattr("deploy.local.ports._is_free", lambda port: port != 8006)
    with pytest.raises(WrongPorts, match=r"8006.*LENTIENG_PORT_BASE=9000"):
        Ports(8000).require_free()
