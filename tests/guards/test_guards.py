"""Each guard is worth what its tests are: taken away, at least one of them must fail.

A row names the guard, the text that makes it, what stands there without it, and the tests that must notice. pytest's
status 1 says "a test failed"; anything else (an import that breaks, no test found) proves nothing.
"""

from __future__ import annotations

import pytest

from tests.guards.conftest import Copy, Guard
from tests.guards.table import GUARDS

FAILED = 1


@pytest.mark.timeout(330)
@pytest.mark.parametrize("guard", GUARDS, ids=lambda guard: guard.name.replace(" ", "-"))
def test_a_guard_that_is_taken_away_is_missed(copy: Copy, guard: Guard):
    with copy.without(guard):
        done = copy.run(guard.tests)

    said = f"{done.stdout[-2000:]}{done.stderr[-1000:]}"
    assert done.returncode == FAILED, f"{guard.name}: nobody noticed ({done.returncode}): {said}"


def test_with_every_guard_in_place_the_same_tests_pass(copy: Copy):
    tests = tuple(dict.fromkeys(test for guard in GUARDS for test in guard.tests))

    done = copy.run(tests)

    assert done.returncode == 0, done.stdout[-3000:]
