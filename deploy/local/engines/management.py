"""The few calls of RabbitMQ's management API that the local run and the tests need."""

from __future__ import annotations

import base64
import json
import time
import urllib.error
import urllib.request
from urllib.parse import quote, unquote, urlsplit, urlunsplit


class ManagementError(RuntimeError):
    """RabbitMQ's management API refused a call or could not be reached."""


class Management:
    """`url` carries user and password: http://user:password@127.0.0.1:8007."""

    def __init__(self, url: str, timeout: float = 15) -> None:
        parts = urlsplit(url)
        self.user = unquote(parts.username or "guest")
        login = f"{self.user}:{unquote(parts.password or 'guest')}".encode()
        self._authorization = "Basic " + base64.b64encode(login).decode()
        place = parts.netloc.rpartition("@")[2]
        self._base = urlunsplit((parts.scheme, place, parts.path.rstrip("/"), "", ""))
        self._timeout = timeout
        # Loopback: a proxy of the environment must never see these calls.
        self._open = urllib.request.build_opener(urllib.request.ProxyHandler({})).open

    def call(self, method: str, path: str, body: object = None) -> object:
        """One call below /api. Returns the decoded JSON, None where there is none. Raises ManagementError."""
        headers = {"Authorization": self._authorization, "Content-Type": "application/json"}
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(f"{self._base}/api{path}", data=data, headers=headers, method=method)
        try:
            with self._open(request, timeout=self._timeout) as answer:
                text = answer.read()
        except urllib.error.HTTPError as error:
            with error:
                detail = error.read(300).decode(errors="replace")
            raise ManagementError(f"{method} {path}: {error.code} {detail}") from None
        except OSError as error:
            raise ManagementError(f"{method} {path}: {error}") from None
        return json.loads(text) if text else None

    def version(self) -> str:
        overview = self.call("GET", "/overview")
        return str(overview.get("rabbitmq_version", "")) if isinstance(overview, dict) else ""

    def create_vhost(self, name: str, patience: float = 30) -> None:
        """A vhost that its creator may use at once, with every right in it."""
        self.call("PUT", f"/vhosts/{quote(name, safe='')}", {})
        self.permit(name, self.user, (".*", ".*", ".*"))
        # The call returns when the vhost is written down, a moment before its process runs; who connects in between
        # is refused.
        deadline = time.monotonic() + patience
        while time.monotonic() < deadline:
            state = self.call("GET", f"/vhosts/{quote(name, safe='')}")
            nodes = state.get("cluster_state", {}) if isinstance(state, dict) else {}
            if nodes and all(value == "running" for value in nodes.values()):
                return
            time.sleep(0.05)
        raise ManagementError(f"vhost {name} does not run after {patience:g} s")

    def delete_vhost(self, name: str) -> None:
        self.call("DELETE", f"/vhosts/{quote(name, safe='')}")

    def put_user(self, name: str, password: str, tags: str = "") -> None:
        self.call("PUT", f"/users/{quote(name, safe='')}", {"password": password, "tags": tags})

    def delete_user(self, name: str) -> None:
        self.call("DELETE", f"/users/{quote(name, safe='')}")

    def permit(self, vhost: str, user: str, rights: tuple[str, str, str]) -> None:
        """`rights` are the patterns of what the user may configure, write and read in the vhost."""
        configure, write, read = rights
        path = f"/permissions/{quote(vhost, safe='')}/{quote(user, safe='')}"
        self.call("PUT", path, {"configure": configure, "write": write, "read": read})
