"""Signing in at a provider (OpenID Connect): the code flow with PKCE. Nothing is kept here: one cookie is in the browser."""

import base64
import re
import secrets
import ssl
import time
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Any
from urllib.parse import quote_plus, urlencode

import httpx2
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from moorage.server.settings import Oidc

ALGORITHMS = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA"]
"""None that a key known to others could sign with (HS256, none)."""
LEEWAY_SECONDS = 60
TIMEOUT_SECONDS = 10.0
_NAME = re.compile(r"[\x21-\x7e]{1,200}")
"""What can stand in a header of a request to Kubernetes."""


class OidcError(Exception):
    """Nobody is signed in; the sentence says why."""


class NobodyError(OidcError):
    """Whom the provider let in cannot be named here."""


class ProviderError(OidcError):
    """The provider does not answer, or not as the standard says."""


@dataclass(frozen=True)
class Attempt:
    """One try to sign in. Everything is drawn from one secret, which only this browser's cookie holds."""

    secret: str

    @classmethod
    def new(cls) -> "Attempt":
        return cls(secrets.token_urlsafe(32))

    @property
    def state(self) -> str:
        return self._drawn("state")

    @property
    def nonce(self) -> str:
        return self._drawn("nonce")

    @property
    def verifier(self) -> str:
        return self._drawn("verifier")

    @property
    def challenge(self) -> str:
        return _base64url(sha256(self.verifier.encode()).digest())

    def _drawn(self, what: str) -> str:
        return _base64url(sha256(f"{what}:{self.secret}".encode()).digest())


@dataclass(frozen=True)
class Identity:
    """Whom the provider says it is."""

    name: str
    groups: list[str]


class Provider:
    """Asked anew at each sign-in, so that new keys are known at once."""

    def __init__(self, oidc: Oidc) -> None:
        self._oidc = oidc
        self._tls = ssl.create_default_context(cafile=oidc.ca_file)

    async def address(self, attempt: Attempt) -> str:
        """Where the browser goes to."""
        async with self._client() as client:
            found = await self._discover(client)
        query = {
            "response_type": "code",
            "client_id": self._oidc.client_id,
            "redirect_uri": self._oidc.redirect_url,
            "scope": "openid profile email",
            "state": attempt.state,
            "nonce": attempt.nonce,
            "code_challenge": attempt.challenge,
            "code_challenge_method": "S256",
        }
        address = _of(found, "authorization_endpoint")
        return f"{address}{'&' if '?' in address else '?'}{urlencode(query)}"

    async def identity(self, attempt: Attempt, code: str) -> Identity:
        """Who signed in; raises OidcError."""
        async with self._client() as client:
            found = await self._discover(client)
            answer = await self._exchange(client, found, attempt, code)
            keys = await _json(client, _of(found, "jwks_uri"))
        return identity_of(self._oidc, _of(answer, "id_token"), keys, attempt.nonce, int(time.time()))

    async def _discover(self, client: httpx2.AsyncClient) -> dict[str, Any]:
        found = await _json(client, f"{self._oidc.issuer}/.well-known/openid-configuration")
        if str(found.get("issuer")).rstrip("/") != self._oidc.issuer:
            raise ProviderError(f"{self._oidc.issuer} calls itself {found.get('issuer')}; set MOORAGE_OIDC_ISSUER to that")
        return found

    async def _exchange(
        self, client: httpx2.AsyncClient, found: Mapping[str, Any], attempt: Attempt, code: str
    ) -> dict[str, Any]:
        body = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": self._oidc.redirect_url,
            "code_verifier": attempt.verifier,
        }
        headers = {"Accept": "application/json"}
        if self._oidc.client_secret and "client_secret_basic" in found.get("token_endpoint_auth_methods_supported", [_BASIC]):
            pair = f"{quote_plus(self._oidc.client_id)}:{quote_plus(self._oidc.client_secret)}"
            headers["Authorization"] = f"Basic {base64.b64encode(pair.encode()).decode()}"
        else:
            body["client_id"] = self._oidc.client_id
            if self._oidc.client_secret:
                body["client_secret"] = self._oidc.client_secret
        try:
            answer = await client.post(_of(found, "token_endpoint"), data=body, headers=headers)
        except httpx2.HTTPError as error:
            raise ProviderError(f"the provider cannot be reached: {error!r}") from error
        if answer.status_code in (400, 401):
            raise OidcError("the provider does not take the code, which serves once and for some minutes; sign in again")
        return _read(answer)

    def _client(self) -> httpx2.AsyncClient:
        return httpx2.AsyncClient(verify=self._tls, timeout=TIMEOUT_SECONDS, follow_redirects=False)


_BASIC = "client_secret_basic"


def identity_of(oidc: Oidc, token: str, keys: Mapping[str, Any], nonce: str, now: int) -> Identity:
    """What the ID token says, once its signature and its claims hold. Pure; `now` in seconds since 1970."""
    issuers = [oidc.issuer, f"{oidc.issuer}/"]
    registry = jwt.JWTClaimsRegistry(
        now=now,
        leeway=LEEWAY_SECONDS,
        iss={"essential": True, "values": issuers},
        aud={"essential": True, "value": oidc.client_id},
        exp={"essential": True},
        nonce={"essential": True, "value": nonce},
    )
    try:
        claims = jwt.decode(token, KeySet.import_key_set({"keys": list(keys["keys"])}), algorithms=ALGORITHMS).claims
        registry.validate(claims)
    except (JoseError, ValueError, KeyError, TypeError) as error:
        raise OidcError(f"the provider's ID token does not hold: {error}") from error
    if claims.get("azp", oidc.client_id) != oidc.client_id:
        raise OidcError("the provider's ID token was made for another program")
    return Identity(name=_name(oidc, claims), groups=_groups(oidc, claims))


def _name(oidc: Oidc, claims: Mapping[str, Any]) -> str:
    name = claims.get(oidc.user_claim)
    if not isinstance(name, str) or not _NAME.fullmatch(name):
        raise NobodyError(
            f"the provider tells no '{oidc.user_claim}' that can be a name here: visible ASCII, at most 200 characters"
        )
    if oidc.user_claim == "email" and claims.get("email_verified", True) is not True:
        raise NobodyError(f"the provider has not verified the address {name}; verify it there, and sign in again")
    return name


def _groups(oidc: Oidc, claims: Mapping[str, Any]) -> list[str]:
    """Only those that count here: Kubernetes would refuse every request of a person in a group that it does not let us name."""
    told = claims.get(oidc.groups_claim) or []
    listed = [told] if isinstance(told, str) else told if isinstance(told, list) else []
    return [group for group in listed if group in oidc.groups]


async def _json(client: httpx2.AsyncClient, url: str) -> dict[str, Any]:
    try:
        return _read(await client.get(url, headers={"Accept": "application/json"}))
    except httpx2.HTTPError as error:
        raise ProviderError(f"the provider cannot be reached: {error!r}") from error


def _read(answer: httpx2.Response) -> dict[str, Any]:
    try:
        found = answer.json() if answer.status_code == 200 else None
    except ValueError:
        found = None
    if not isinstance(found, dict):
        raise ProviderError(f"the provider answered {answer.status_code} at {answer.url.path}, and no JSON object with 200")
    return found


def _of(found: Mapping[str, Any], key: str) -> str:
    value = found.get(key)
    if not isinstance(value, str) or not value:
        raise ProviderError(f"the provider's answer has no {key}")
    return value


def _base64url(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()
