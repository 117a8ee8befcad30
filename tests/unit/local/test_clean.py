from __future__ import annotations

import subprocess

from deploy.local import clean


def test_volumes_of_this_folder_go_and_no_others(tmp_path, monkeypatch):
    ran = []
    monkeypatch.setattr(clean, "REPO", tmp_path)
    monkeypatch.setattr(clean.shutil, "which", lambda name: f"/usr/bin/{name}")
    monkeypatch.setattr(subprocess, "run", lambda command, **_: ran.append(command))
    for engine in ("rabbitmq", "mongo"):
        (tmp_path / ".local" / engine).mkdir(parents=True)
        (tmp_path / ".local" / engine / "volume").write_text(f"lentieng-0a1b2c3d-{engine}\n")

    assert clean.main() == 0
    assert ran == [["docker", "volume", "rm", "lentieng-0a1b2c3d-mongo", "lentieng-0a1b2c3d-rabbitmq"]]
    assert not (tmp_path / ".local").exists()

    assert clean.main() == 0
    assert len(ran) == 1
