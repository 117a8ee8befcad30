"""Who may import whom: the tree of the architecture, kept by a test."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PRODUCT = [path for folder in ("shared", "services") for path in sorted((ROOT / folder).rglob("*.py"))]
DOCUMENTS = ("services/notify/documents", "services/reporting/documents")
PURE = [
    "shared/authority",
    "shared/calendar",
    "shared/case_codes",
    "shared/case_steps",
    "shared/step_times",
    "shared/directory/partners_file",
    "services/notify/contact_changes",
    "services/notify/routing",
    "services/notify/escalation",
    "services/notify/clocks",
    "services/notify/merging",
    "services/notify/deliveries",
    "services/notify/incident",
    "services/notify/moments",
    "services/notify/standing",
    "services/notify/rosters",
    "services/notify/sms_text",
    "services/notify/louder",
    "services/reporting/cases",
    "services/reporting/lifecycle",
    "services/reporting/moments",
    "services/reporting/periods",
    "services/reporting/suppression",
    "services/reporting/staff/case_clocks",
    "services/reporting/staff/case_view",
    "services/reporting/staff/name_search",
    "services/reporting/staff/lists",
    "services/reporting/staff/own_figures",
    "services/reporting/staff/part_view",
    "services/reporting/staff/sight",
    "services/reporting/staff/wording",
    "services/reporting/telling",
    "services/reporting/keys/keyring",
    "services/reporting/keys/refusal",
    "services/reporting/reports/canonical",
    "services/reporting/reports/content",
    "services/reporting/reports/jointly",
    "services/reporting/reports/numbers",
    "services/reporting/reports/states",
    "services/reporting/reports/telling",
    "services/reporting/reports/withholding",
    "services/intake/identity",
    "services/intake/receipts",
    "services/intake/split",
    "services/intake/checks",
    "services/intake/lenient",
    "services/intake/steps/told",
    "services/intake/steps/rules",
    "services/intake/steps/author",
    "services/intake/steps/form_fields",
]


def imports_of(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def name_of(path: Path) -> str:
    return path.relative_to(ROOT).with_suffix("").as_posix()


def offenders(allowed: object, forbidden: tuple[str, ...], paths: list[Path]) -> list[str]:
    return [
        f"{name_of(path)} imports {name}"
        for path in paths
        if not allowed(name_of(path))  # type: ignore[operator]
        for name in imports_of(path)
        if name.split(".")[0] in forbidden or any(name == one or name.startswith(one + ".") for one in forbidden)
    ]


def test_there_is_something_to_check():
    assert len(PRODUCT) > 50


def test_shared_imports_no_service():
    assert offenders(lambda name: not name.startswith("shared/"), ("services",), PRODUCT) == []


@pytest.mark.parametrize("service", ["intake", "notify", "reporting"])
def test_no_service_imports_another(service):
    others = tuple(f"services.{one}" for one in ("intake", "notify", "reporting") if one != service)

    assert offenders(lambda name: not name.startswith(f"services/{service}/"), others, PRODUCT) == []


def test_only_messaging_imports_pika():
    assert offenders(lambda name: name.startswith("shared/messaging/"), ("pika",), PRODUCT) == []


def test_only_document_modules_import_mongoengine():
    assert offenders(lambda name: name.startswith(DOCUMENTS), ("mongoengine",), PRODUCT) == []


def test_decisions_know_no_engine_and_no_web():
    pure = [path for path in PRODUCT if name_of(path).startswith(tuple(PURE))]
    engines = ("pika", "mongoengine", "pymongo", "flask", "httpx", "smtplib", "socket", "threading", "sqlite3")

    assert len(pure) >= 10
    assert offenders(lambda name: False, engines, pure) == []


def test_the_product_imports_neither_tests_nor_deployment():
    assert offenders(lambda name: False, ("tests", "deploy"), PRODUCT) == []
