from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from shared.directory import Limit, parse_limit


@pytest.mark.parametrize(
    ("written", "limit"),
    [
        ("PT5M", Limit(wall=timedelta(minutes=5))),
        ("PT12H", Limit(wall=timedelta(hours=12))),
        ("P15D", Limit(wall=timedelta(days=15))),
        ("P1DT2H30M", Limit(wall=timedelta(days=1, hours=2, minutes=30))),
        ({"minutes": 5}, Limit(wall=timedelta(minutes=5))),
        ({"hours": 1, "minutes": 30}, Limit(wall=timedelta(minutes=90))),
        ({"working_days": 5}, Limit(working_days=5)),
    ],
)
def test_both_ways_of_writing_a_length(written: Any, limit: Limit) -> None:
    assert parse_limit(written) == limit


@pytest.mark.parametrize(
    "written",
    ["", "P", "PT", "5M", "P5", "PT5", "12h", 5, None, {}, [], {"minutes": "5"}, {"minutes": True}, {"weeks": 1},
     {"working_days": 5, "hours": 1}, {"working_days": 0}, {"minutes": -5}, "PT0S", {"minutes": 1.5},
     {"days": 10_001}, {"working_days": 1_001}, {"hours": 10**400}, "P99999999999D"],
)  # fmt: skip
def test_what_is_no_length_is_refused_with_a_sentence(written: Any) -> None:
    with pytest.raises(ValueError, match=r"length of time|longer than nothing|at most 1000"):
        parse_limit(written)
