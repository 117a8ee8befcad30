from __future__ import annotations

from dataclasses import replace

import yaml

from deploy.local import files
from deploy.local.partners import Wanted, ensure
from deploy.local.place import Place
from deploy.local.vault import Vault

COMMENTED = "# Đối tác\n#   - id: mẫu\npartners: []\n"
KEY = Wanted("local-partner", "Báo thử", "binh-luong", ("incident:write", "drill:write"), "a" * 64, fresh=True)
READER = Wanted("local-district", "Huyện", "nhu-xuan", ("report:read",), "b" * 64, fresh=True)


def entries(file):
    return {entry["id"]: entry for entry in yaml.safe_load(file.read_text(encoding="utf-8"))["partners"]}


def test_partners_are_added_below_the_comments(tmp_path):
    file = tmp_path / "partners.yaml"
    file.write_text(COMMENTED, encoding="utf-8")
    ensure(file, [KEY, READER])
    assert file.read_text(encoding="utf-8").startswith("# Đối tác\n#   - id: mẫu\npartners:\n")
    assert list(entries(file)) == ["local-partner", "local-district"]
    assert entries(file)["local-partner"]["token_sha256"] == ["a" * 64]


def test_a_second_time_changes_nothing_even_where_an_operator_changed_ours(tmp_path):
    file = tmp_path / "partners.yaml"
    file.write_text(COMMENTED, encoding="utf-8")
    ensure(file, [KEY])
    edited = file.read_text(encoding="utf-8").replace("drill:write", "report:read") + "  # ghi chú của người vận hành\n"
    file.write_text(edited, encoding="utf-8")
    ensure(file, [KEY])
    assert file.read_text(encoding="utf-8") == edited


def test_a_partner_that_somebody_took_out_stays_out(tmp_path):
    file = tmp_path / "partners.yaml"
    ensure(file, [KEY, READER])
    file.write_text("partners: []\n", encoding="utf-8")
    ensure(file, [replace(KEY, fresh=False), replace(READER, fresh=False)])
    assert entries(file) == {}


def test_of_a_list_that_was_lost_whole_our_partners_come_back(tmp_path):
    place = Place(tmp_path)
    tokens = files.keys_and_partners(place, Vault(place.secrets), str, sandbox=True)
    (place.directory / "partners.yaml").unlink()
    assert files.keys_and_partners(place, Vault(place.secrets), str, sandbox=True) == tokens
    assert len(entries(place.directory / "partners.yaml")) == len(files.PARTNERS)


def test_an_operators_own_partner_stays(tmp_path):
    file = tmp_path / "partners.yaml"
    own = "partners:\n  - id: tong-dai\n    name: Tổng đài\n    token_sha256: [cc]\n"
    file.write_text(own, encoding="utf-8")
    ensure(file, [KEY])
    assert list(entries(file)) == ["tong-dai", "local-partner"]


def test_a_list_written_in_another_shape_is_kept_too(tmp_path):
    file = tmp_path / "partners.yaml"
    file.write_text("partners: [{id: tong-dai, name: T}]\nnote: sau\n", encoding="utf-8")
    ensure(file, [KEY])
    assert list(entries(file)) == ["tong-dai", "local-partner"]


def test_a_token_made_anew_replaces_the_hash_of_the_lost_one(tmp_path):
    file = tmp_path / "partners.yaml"
    ensure(file, [KEY])
    again = Wanted(KEY.id, KEY.name, KEY.unit, KEY.scopes, "d" * 64, fresh=True)
    ensure(file, [again])
    assert entries(file)["local-partner"]["token_sha256"] == ["d" * 64]


def test_of_the_tokens_of_a_local_run_the_operators_alone_makes_reports():
    makers = {key: unit for key, _, unit, scopes in files.PARTNERS if "report:make" in scopes}
    assert makers == {"operator_token": "thanh-hoa"}
