"""How a version of a report leaves: JSON, CSV, XLSX. Each format is a pure function of what the snapshot holds."""

from __future__ import annotations

from services.reporting.exports.copy import Copy
from services.reporting.exports.formats import FORMATS, Format

__all__ = ["FORMATS", "Copy", "Format"]
