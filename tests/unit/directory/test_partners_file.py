"""Edits of partners.yaml leave everything else as the clerk wrote it, in whatever way it is written."""

from __future__ import annotations

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from shared.directory.partners_file import added, changed, entries

NEW = {
    "id": "moi",
    "name": 'Trạm y tế: "xã" # 1',
    "unit": "binh-luong",
    "scopes": ["incident:write"],
    "expires": "2027-12-31",
    "token_sha256": ["c" * 64],
}
BLOCK = f"""# Đầu tệp
partners:
  # Tổng đài
  - id: app            # đừng đổi mã này
    name: Ứng dụng
    unit: binh-luong
    expires: 2027-12-31   # hợp đồng
    scopes:
      - incident:write
    token_sha256:
      # mã cũ, đổi tháng 6
      - "{"a" * 64}"
      - "{"b" * 64}"   # mã mới
  # Hết hợp đồng
  - {{id: cu, name: Cũ, unit: binh-luong, scopes: [operator], expires: 2024-01-01, token_sha256: ["{"d" * 64}"]}}
# Cuối tệp
"""
FLOW = f'partners: [{{id: app, name: A, expires: 2027-12-31, token_sha256: ["{"a" * 64}", "{"b" * 64}"]}}] # một dòng\n'
EMPTY = "# Đầu tệp\npartners: []   # chưa có ai\n# Cuối tệp\n"
SHAPES = {
    "block": BLOCK,
    "flow": FLOW,
    "empty": EMPTY,
    "nothing": "partners:\n",
    "no newline": FLOW.partition(" #")[0],
    "dashes at the margin": BLOCK.replace("\n  ", "\n"),
    "no newline in a block": BLOCK.partition("  # Hết hợp đồng")[0].rstrip(),
}


def comments(text: str) -> set[str]:
    return {line[line.rindex("#") :] for line in text.splitlines() if "#" in line}


@pytest.mark.parametrize("text", SHAPES.values(), ids=SHAPES)
def test_a_partner_is_added_and_nothing_else_changes(text: str) -> None:
    result = added(text, NEW)
    assert entries(result) == [*entries(text), NEW]
    assert comments(text) <= comments(result)
    assert entries(added(result, {**NEW, "id": "nua"}))[-1]["id"] == "nua"


def test_an_entry_is_added_as_people_write_it() -> None:
    assert added(EMPTY, NEW) == (
        "# Đầu tệp\npartners:   # chưa có ai\n"
        "  - id: \"moi\"\n"
        '    name: "Trạm y tế: \\"xã\\" # 1"\n'
        '    unit: "binh-luong"\n'
        '    scopes: ["incident:write"]\n'
        '    expires: "2027-12-31"\n'
        f'    token_sha256:\n      - "{"c" * 64}"\n'
        "# Cuối tệp\n"
    )  # fmt: skip


@pytest.mark.parametrize("shape", ["block", "flow", "no newline", "dashes at the margin", "no newline in a block"])
@pytest.mark.parametrize("hashes", [["b" * 64, "c" * 64], ["b" * 64], [], ["c" * 64], ["a" * 64, "b" * 64]])
def test_the_tokens_of_a_partner_change_and_nothing_else(shape: str, hashes: list[str]) -> None:
    text = SHAPES[shape]
    result = changed(text, "app", token_sha256=hashes, expires="2030-01-01")
    first, *others = entries(text)
    assert entries(result) == [{**first, "token_sha256": hashes, "expires": "2030-01-01"}, *others]
    # What is noted beside a token goes with the token.
    assert comments(text) - comments(result) <= {"# mã cũ, đổi tháng 6", "# mã mới"}
    if "b" * 64 in hashes and "# mã mới" in text:
        assert "# mã mới" in result
    # From none to one again.
    again = changed(result, "app", token_sha256=["e" * 64])
    assert entries(again)[0]["token_sha256"] == ["e" * 64]


def test_a_value_that_was_not_there_is_added() -> None:
    for text in (BLOCK, FLOW):
        result = changed(text, "app", channels=["SMS"])
        assert entries(result)[0]["channels"] == ["SMS"]
        assert comments(text) == comments(result)


@pytest.mark.parametrize(
    "text",
    [
        "# Đầu\npartners: &all\n  - &one {id: app, token_sha256: [x]}\nothers: *all\n",
        '# Đầu\n{"partners": [{"id": "app", "token_sha256": ["x"]}]}\n',
        "# Đầu\npartners:\n- id: app\n  token_sha256: [\n    x,\n    ]\n",
        "# Đầu\npartners:\n  - token_sha256:\n    - x\n    id: app\n",
    ],
)
def test_in_an_odd_file_the_edit_still_says_what_was_meant(text: str) -> None:
    assert entries(added(text, NEW)) == [*entries(text), NEW]
    [app] = entries(text)
    assert entries(changed(text, "app", token_sha256=["y", "z"])) == [{**app, "token_sha256": ["y", "z"]}]
    assert added(text, NEW).startswith("# Đầu\n")


WORDS = st.text(st.characters(codec="utf-8", exclude_categories=["C"]), max_size=12)


@settings(max_examples=200, deadline=None, database=None, derandomize=True)
@given(st.lists(st.tuples(WORDS, st.booleans()), max_size=4), WORDS)
def test_whatever_names_there_are_they_read_back(others: list[tuple[str, bool]], name: str) -> None:
    text = "partners: []\n"
    for number, (word, flow) in enumerate(others):
        entry = {"id": f"p-{number}", "name": word, "token_sha256": ["a"]}
        text = yaml.safe_dump({"partners": [*entries(text), entry]}, allow_unicode=True, default_flow_style=flow)
    before = entries(text)
    assert entries(added(text, {"id": "x", "name": name})) == [*before, {"id": "x", "name": name}]
