from __future__ import annotations

import pytest
import yaml

from deploy.local import run
from deploy.local.engines.management import ManagementError
from shared.directory import DirectoryError
from shared.messaging.errors import BrokerGone, WrongTopology


@pytest.mark.parametrize(
    "wrong",
    [
        BrokerGone("nobody answers"),
        WrongTopology("queue x exists with other arguments"),
        ManagementError("PUT /api/users/x: 401"),
        DirectoryError("partners.yaml", "line 3", "is not readable YAML"),
        yaml.YAMLError("agencies.yaml"),
    ],
)
def test_what_a_person_can_put_right_is_a_sentence(monkeypatch, capsys, wrong):
    class Quiet:
        hurry = False

        def gather(self):
            """No handler was set."""

    def start(_):
        raise wrong

    monkeypatch.setattr(run, "Signals", Quiet)
    monkeypatch.setattr(run.Run, "start", start)
    monkeypatch.setattr(run.Run, "stop", lambda *_: None)

    assert run.main() == 1
    assert str(wrong) in capsys.readouterr().err
