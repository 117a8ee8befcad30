"""The organisation tree changes; the numbers follow."""

from __future__ import annotations

import re

OLD = """  - code: cu
    level: COMMUNE
    vi: Cũ
    en: Old
    valid_to: 2025-06-30
    parents: [{unit: nhu-xuan, valid_to: 2025-06-30}]
"""
NEW = """  - code: xa-moi
    level: COMMUNE
    vi: Xã mới
    en: New commune
    parents:
      - {unit: nhu-xuan, valid_to: 2025-06-30}
      - {unit: ke-nhiem-nhu-xuan, valid_from: 2025-07-01}
"""
OTHER_AREA = """  - code: moi
    level: AREA
    vi: Mới
    en: New
    valid_from: 2025-07-01
    parents: [{unit: thanh-hoa, valid_from: 2025-07-01}]
"""


def edit(service, folder, change, committee_of=None, until=None):
    """Change units.yaml as a clerk would: a new commune needs a committee, an edit needs a higher version."""
    if committee_of is not None:
        agencies = folder / "agencies.yaml"
        text = agencies.read_text(encoding="utf-8")
        for kind in ("committee", "police"):
            text += f"  - {{code: {kind}-{committee_of}, kind: {kind}, unit: {committee_of}, vi: x, en: x, "
            text += f"valid_to: {until}, " if until else ""
            text += "superior: [{agency: te-thanh-hoa}]}\n"
        agencies.write_text(text, encoding="utf-8")
    units = folder / "units.yaml"
    units.write_text(change(units.read_text(encoding="utf-8")), encoding="utf-8")
    head = folder / "directory.yaml"
    text = head.read_text(encoding="utf-8")
    head.write_text(re.sub(r"^version: \d+", "version: 9", text, flags=re.MULTILINE), encoding="utf-8")
    service.folder.current()
    assert service.folder.error is None


def test_a_corrected_tree_moves_what_was_counted(service, folder, reports):
    """The commune turns out to have belonged to another district since July: no report comes in after the edit."""
    service.project(reports.report(received="2025-08-05T08:00:00+07:00"))
    service.clean()
    assert service.total("2025-08", "successor", unit="ke-nhiem-nhu-xuan") == 1
    edit(
        service,
        folder,
        lambda text: (
            text.replace("{unit: ke-nhiem-nhu-xuan, valid_from: 2025-07-01}", "{unit: moi, valid_from: 2025-07-01}")
            + OTHER_AREA
        ),
    )
    assert service.total("2025-08", "province", unit="moi") == 1
    assert service.total("2025-08", "successor", unit="ke-nhiem-nhu-xuan") == 0
    service.project(reports.report(received="2025-08-06T08:00:00+07:00"))
    service.clean()
    assert service.total("2025-08", "province", unit="moi") == 2
    assert service.total("2025-08", "province", unit="thanh-hoa") == 2
    service.no_old_numbers()


def test_a_late_report_about_an_ended_commune_stays_in_the_number_of_the_province(service, folder, reports):
    edit(service, folder, lambda text: text + OLD, committee_of="cu", until="2025-06-30")
    service.project(reports.report(commune="cu", received="2025-08-06T08:00:00+07:00"))
    assert service.store.cases.find_one()["counted_in"] == "cu"
    assert service.total("2025-08", "province", unit="thanh-hoa") == 1
    assert service.total("2025-08") == 0


def test_a_commune_that_the_directory_learns_later_gets_its_own_number(service, folder, reports):
    service.project(reports.report(commune="xa-moi"))
    assert service.total("2023-06") == 1
    edit(service, folder, lambda text: text + NEW, committee_of="xa-moi")
    assert service.projector.refold_incomplete() == 1
    service.clean()
    assert service.total("2023-06") == 0
    assert service.total("2023-06", "district", unit="xa-moi") == 1
    assert service.total("2023-06", "district", unit="nhu-xuan") == 1
    service.no_old_numbers()
