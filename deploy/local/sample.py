"""The sample directory and contacts, copied where an operator may edit them, and kept up to date where nobody did."""

from __future__ import annotations

import filecmp
import shutil
from pathlib import Path


def copy(source: Path, target: Path, once: tuple[str, ...] = ()) -> list[str]:
    """Copies what is new or was changed in the source since the last copy. Returns the names that were left alone
    although the source has changed, because somebody edited the copy.

    Beside the target lies what was copied last (`<target>.as-copied`), so that an edit can be told from an old copy.
    Files named in `once` are copied when they are not there, and never again.
    """
    as_copied = target.with_name(f"{target.name}.as-copied")
    kept = []
    for file in sorted(path for path in source.rglob("*") if path.is_file()):
        name = str(file.relative_to(source))
        mine, last = target / name, as_copied / name
        if mine.exists():
            if name in once or filecmp.cmp(mine, file, shallow=False):
                continue
            untouched = last.exists() and filecmp.cmp(mine, last, shallow=False)
            if not untouched:
                if not last.exists() or not filecmp.cmp(last, file, shallow=False):
                    kept.append(name)
                continue
        for place in (mine, last):
            place.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(file, place)
    return kept
