"""The directory: organisation tree in time, agencies, duties, clocks, codes, indicators, partners; from YAML files."""

from __future__ import annotations

from shared.directory.directory import Directory
from shared.directory.errors import DirectoryError
from shared.directory.folder import DirectoryFolder, load
from shared.directory.limits import Limit, parse_limit
from shared.directory.model import AgeBand, Agency, Clock, Code, Duty, Indicator, Link, Partner, Report, Unit
from shared.directory.version import is_older, serial_of

__all__ = [
    "AgeBand",
    "Agency",
    "Clock",
    "Code",
    "Directory",
    "DirectoryError",
    "DirectoryFolder",
    "Duty",
    "Indicator",
    "Limit",
    "Link",
    "Partner",
    "Report",
    "Unit",
    "is_older",
    "load",
    "parse_limit",
    "serial_of",
]
