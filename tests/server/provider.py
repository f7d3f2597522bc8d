"""A provider of identities on the loopback: a real one for tests, and what it lacks: it holds clients to PKCE (RFC 7636)."""

import base64
import hashlib
import threading
from collections.abc import Callable, Iterable
from io import BytesIO
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx2
import oidc_provider_mock
from werkzeug.serving import make_server

Environ = dict[str, Any]


class Pkce:
    """Around the provider: a code is exchanged only by whoever knows what the challenge was made of."""

    def __init__(self, app: Any) -> None:
        self._app = app
        self._challenges: dict[str, str] = {}

    def __call__(self, environ: Environ, start: Callable[..., Any]) -> Iterable[bytes]:
        path = environ["PATH_INFO"]
        if path == "/oauth2/token":
            length = int(environ.get("CONTENT_LENGTH") or 0)
            sent = environ["wsgi.input"].read(length)
            environ["wsgi.input"] = BytesIO(sent)
            if not self._knows(parse_qs(sent.decode())):
                start("400 Bad Request", [("Content-Type", "application/json")])
                return [b'{"error": "invalid_grant"}']
        if path == "/oauth2/authorize" and environ["REQUEST_METHOD"] == "POST":
            query = parse_qs(environ["QUERY_STRING"])
            assert query["code_challenge_method"] == ["S256"], query

            def starts(status: str, headers: list[tuple[str, str]], *more: Any) -> Any:
                location = dict(headers).get("Location", "")
                for code in parse_qs(urlsplit(location).query).get("code", []):
                    self._challenges[code] = query["code_challenge"][0]
                return start(status, headers, *more)

            found: Iterable[bytes] = self._app(environ, starts)
            return found
        answer: Iterable[bytes] = self._app(environ, start)
        return answer

    def _knows(self, sent: dict[str, list[str]]) -> bool:
        digest = hashlib.sha256(sent.get("code_verifier", [""])[0].encode()).digest()
        challenge = base64.urlsafe_b64encode(digest).rstrip(b"=").decode()
        return self._challenges.pop(sent.get("code", [""])[0], None) == challenge


class Provider:
    """With people in it."""

    def __init__(self, people: dict[str, dict[str, object]]) -> None:
        users = [oidc_provider_mock.User(sub=sub, claims=claims) for sub, claims in people.items()]
        app = oidc_provider_mock.app(require_client_registration=True, require_nonce=True, user_claims=users)
        self._server = make_server("127.0.0.1", 0, Pkce(app), threaded=True)
        self._thread = threading.Thread(target=self._server.serve_forever)
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._server.shutdown()
        self._thread.join()
        self._server.server_close()

    def register(self, redirect_url: str) -> tuple[str, str]:
        """The client's name and secret."""
        body = {"redirect_uris": [redirect_url], "token_endpoint_auth_method": "client_secret_basic"}
        made = httpx2.post(f"{self.url}/oauth2/clients", json=body).raise_for_status().json()
        return made["client_id"], made["client_secret"]

    def agree(self, address: str, person: str) -> str:
        """The person signs in and agrees; where the browser is sent back to."""
        answer = httpx2.post(address, data={"sub": person})
        assert answer.status_code == 302, answer.text[:500]
        return answer.headers["location"]
