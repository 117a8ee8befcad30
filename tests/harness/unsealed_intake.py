"""Intake with sealing switched off, so that a leak test can show that it would notice. Tests only."""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Mapping
from typing import Any

from services.intake import wiring
from services.intake.__main__ import main


class Glass(wiring.Sealer):
    """Writes the parts in base64, which looks sealed and is not."""

    def seal(self, incident_id: str, parts: Mapping[str, object], schema: int = 1) -> dict[str, Any]:
        shown = {
            name: b64encode(json.dumps(part, ensure_ascii=False).encode()).decode() for name, part in parts.items()
        }
        return {"schema": schema, "key_id": self.key_id, "wrapped": "AAAA", "parts": shown}


if __name__ == "__main__":
    wiring.Sealer = Glass  # type: ignore[misc]
    main()
