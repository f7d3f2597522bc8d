"""Whom an ID token makes somebody, and when it makes nobody."""

from typing import Any

import pytest
from joserfc import jwt
from joserfc.jwk import ECKey, KeySet, OctKey

from moorage.server.people.oidc import LEEWAY_SECONDS, Attempt, Identity, OidcError, identity_of
from moorage.server.settings import Oidc

NOW = 1_800_000_000
KEY = ECKey.generate_key("P-256", {"kid": "1"})
KEYS = KeySet([KEY]).as_dict(private=False)
OIDC = Oidc("https://id.example", "console", "secret", "https://db.example/api/v1/oidc/callback", groups=frozenset({"dba"}))
CLAIMS: dict[str, Any] = {
    "iss": "https://id.example",
    "aud": "console",
    "exp": NOW + 300,
    "iat": NOW,
    "nonce": "n",
    "email": "li@example.com",
    "groups": ["dba", "everybody"],
}


def token(key: Any = KEY, algorithm: str = "ES256", **changed: Any) -> str:
    claims = {k: v for k, v in (CLAIMS | changed).items() if v is not None}
    return jwt.encode({"alg": algorithm, "kid": "1"}, claims, key, algorithms=[algorithm])


def identify(text: str, oidc: Oidc = OIDC) -> Identity:
    return identity_of(oidc, text, KEYS, "n", NOW)


def test_a_token_that_holds_names_the_person_and_the_groups_that_count() -> None:
    assert identify(token()) == Identity("li@example.com", ["dba"])
    assert identify(token(groups="dba")) == Identity("li@example.com", ["dba"])
    assert identify(token(groups=None)) == Identity("li@example.com", [])
    assert identify(token(groups=[{"a": 1}.__str__(), 7])) == Identity("li@example.com", [])


@pytest.mark.parametrize(
    "changed",
    [
        {"iss": "https://evil.example"},
        {"aud": "another"},
        {"aud": None},
        {"exp": NOW - LEEWAY_SECONDS - 1},
        {"exp": None},
        {"nonce": "of another try"},
        {"nonce": None},
        {"azp": "another"},
        {"email": None},
        {"email": "li\r\nImpersonate-Group: system:masters"},
        {"email": "李@example.com"},
        {"email": ["li@example.com"]},
        {"email_verified": False},
        {"email_verified": "false"},
    ],
    ids=str,
)
def test_a_token_with_one_wrong_claim_is_nobodys(changed: dict[str, Any]) -> None:
    with pytest.raises(OidcError):
        identify(token(**changed))


def test_a_token_of_another_key_is_nobodys() -> None:
    with pytest.raises(OidcError):
        identify(token(ECKey.generate_key("P-256", {"kid": "1"})))


def test_a_token_signed_by_what_everybody_knows_is_nobodys() -> None:
    public = KEY.as_pem(private=False)
    with pytest.raises(OidcError):
        identify(token(OctKey.import_key(public.replace(b"PUBLIC", b"public")), "HS256"))
    unsigned = token().rsplit(".", 1)[0] + "."
    with pytest.raises(OidcError):
        identify(unsigned)


@pytest.mark.parametrize("text", ["", "a.b.c", "no token"])
def test_what_is_no_token_is_nobodys(text: str) -> None:
    with pytest.raises(OidcError):
        identify(text)


def test_what_an_attempt_sends_tells_nothing_of_its_secret_and_differs() -> None:
    attempt, other = Attempt.new(), Attempt.new()
    drawn = {attempt.secret, attempt.state, attempt.nonce, attempt.verifier, attempt.challenge, other.state}
    assert len(drawn) == 6
    assert 43 <= len(attempt.verifier) <= 128, "RFC 7636"
