"""Whether a service is well, for the health check of a container: exit status 0 or 1.

    python -m deploy.docker.health http://127.0.0.1:8002/readyz [check ...]

Without names the answer must be 200; with names only these checks of `/readyz` must be ok, whatever the others say.
Standard library only, because it starts every few seconds.
"""

from __future__ import annotations

import http.client
import json
import sys
from urllib.parse import urlsplit


def well(url: str, names: list[str]) -> bool:
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=5)
    try:
        connection.request("GET", parts.path)
        answer = connection.getresponse()
        if not names:
            return answer.status == 200
        checks = json.loads(answer.read()).get("checks", {})
    except (OSError, http.client.HTTPException, ValueError):
        return False
    finally:
        connection.close()
    return all(checks.get(name) == "ok" for name in names)


if __name__ == "__main__":
    sys.exit(0 if well(sys.argv[1], sys.argv[2:]) else 1)
