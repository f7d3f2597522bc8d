"""A small Kubernetes client by plain HTTPS: request, apply and watch, with the administrator's certificate."""

import http.client
import json
import ssl
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode, urlsplit

from devcluster.config import API_SERVER, PKI

Json = dict[str, Any]
FIELD_MANAGER = "devcluster"
WATCH_SECONDS = 30


class ApiError(OSError):
    """The API server answered with an error."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(f"{status} {message}")
        self.status = status


class Client:
    """Access to the API server. Each call has a connection of its own, so threads may share it; a broken one is an OSError."""

    def __init__(self, seconds: float = 10.0) -> None:
        self._seconds = seconds
        self._tls = ssl.create_default_context(cafile=str(PKI / "ca.crt"))
        self._tls.load_cert_chain(PKI / "admin.crt", PKI / "admin.key")

    def request(self, method: str, path: str, body: object = None, kind: str = "application/json") -> Json:
        """One call; its answer as JSON."""
        connection = self._connect(self._seconds)
        try:
            text = None if body is None else json.dumps(body)
            connection.request(method, path, body=text, headers={"Content-Type": kind, "Accept": "application/json"})
            answer: Json = json.loads(_checked(connection.getresponse()).read() or b"{}")
            return answer
        except http.client.HTTPException as error:
            raise OSError(f"the API server's answer broke off: {error!r}") from error
        finally:
            connection.close()

    def get(self, path: str) -> Json:
        return self.request("GET", path)

    def apply(self, path: str, body: Json) -> Json:
        """Server-side apply: create it or make it so."""
        query = urlencode({"fieldManager": FIELD_MANAGER, "force": "true"})
        return self.request("PATCH", f"{path}?{query}", body, "application/apply-patch+yaml")

    def patch(self, path: str, body: Json) -> Json:
        return self.request("PATCH", path, body, "application/merge-patch+json")

    def watch(self, path: str, version: str) -> Iterator[Json]:
        """Changes since a version, until the server ends the watch."""
        query = {"watch": "1", "resourceVersion": version, "timeoutSeconds": WATCH_SECONDS, "allowWatchBookmarks": "true"}
        connection = self._connect(WATCH_SECONDS + 30)
        try:
            connection.request("GET", f"{path}?{urlencode(query)}", headers={"Accept": "application/json"})
            for line in _checked(connection.getresponse()):
                yield json.loads(line)
        except http.client.HTTPException as error:
            raise OSError(f"the watch broke off: {error!r}") from error
        finally:
            connection.close()

    def healthy(self) -> bool:
        """Whether the API server calls itself ready."""
        connection = self._connect(2.0)
        try:
            connection.request("GET", "/readyz")
            return connection.getresponse().status == 200
        finally:
            connection.close()

    def _connect(self, seconds: float) -> http.client.HTTPSConnection:
        address = urlsplit(API_SERVER)
        return http.client.HTTPSConnection(str(address.hostname), address.port, timeout=seconds, context=self._tls)


def _checked(answer: http.client.HTTPResponse) -> http.client.HTTPResponse:
    if answer.status < 300:
        return answer
    text = answer.read().decode(errors="replace")
    try:
        message = str(json.loads(text).get("message", text))
    except ValueError:
        message = text
    raise ApiError(answer.status, message)
