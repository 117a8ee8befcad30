"""Pages for staff: signing in, accounts, delegation, the access log; cases and figures."""

from __future__ import annotations

from collections.abc import Sequence

from flask import Blueprint


def blueprints() -> Sequence[Blueprint]:
    """Every group of pages under /staff, as the application registers them."""
    from services.reporting.staff import (
        accounts_pages,
        case_log_pages,
        cases_pages,
        delegation,
        figures_pages,
        log_pages,
        people,
        recovery,
        resets,
        search_pages,
        signin,
    )

    modules = (
        signin,
        recovery,
        resets,
        people,
        cases_pages,
        case_log_pages,
        search_pages,
        figures_pages,
        accounts_pages,
        delegation,
        log_pages,
    )
    return [module.pages for module in modules]
