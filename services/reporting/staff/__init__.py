"""Pages for staff: signing in, accounts, delegation, the access log; cases and figures."""

from __future__ import annotations

from collections.abc import Sequence

from flask import Blueprint


def blueprints() -> Sequence[Blueprint]:
    """Every group of pages under /staff, as the application registers them."""
    from services.reporting.staff import signin

    return (signin.pages,)
