"""No secret leaves in a report."""

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from moorage.cli.redact import REDACTED, Redactor, known_in

WORDS = st.text("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_", min_size=8, max_size=40)


@pytest.mark.parametrize(
    "line",
    [
        "connecting to mongodb://app:SECRET@orders:27017/app",
        'password="SECRET"',
        "MOORAGE_PASSWORD=SECRET next=1",
        '{"secretAccessKey": "SECRET", "bucket": "b"}',
        "Authorization: Bearer SECRET",
        "adminPassword: 'SECRET'",
        "sessionToken=SECRET",
        r'{"command": "{\"pwd\": \"SECRET\"}"}',
        "redis://:SECRET@cache:6379",
        "password: 'SECRET'\nafter",
    ],
)
@given(secret=WORDS)
def test_what_looks_like_a_secret_is_taken_out_of_a_log(line: str, secret: str) -> None:
    assume(secret not in line)  # a password that is "password" is no secret
    found = Redactor().text(line.replace("SECRET", secret))
    assert secret not in found.replace(REDACTED, "")
    assert REDACTED in found


def test_a_private_key_of_age_is_taken_out_wherever_it_stands() -> None:
    assert Redactor().text("AGE-SECRET-KEY-1QQPQ0ZZ was read") == f"{REDACTED} was read"


@pytest.mark.parametrize(
    "line",
    [
        "credentialsSecret: s3",
        '"identitySecret": "s3-identity"',
        "secretName: orders-app",
        "key: value",
        "keyFile: /run/key",
        "identity=moorage-0",
    ],
)
def test_the_name_of_a_secret_is_none(line: str) -> None:
    assert Redactor().text(line) == line


def test_values_of_the_environment_and_copies_of_manifests_are_taken_out() -> None:
    pod = {
        "metadata": {"annotations": {"kubectl.kubernetes.io/last-applied-configuration": "{}", "a": "b"}, "managedFields": []},
        "spec": {"env": [{"name": "DB_PASSWORD", "value": "x"}, {"name": "PORT", "value": "1"}], "identitySecret": "s3-identity"},
    }
    found = Redactor().manifest(pod)
    assert found["metadata"] == {"annotations": {"a": "b"}}
    assert found["spec"]["env"] == [{"name": "DB_PASSWORD", "value": REDACTED}, {"name": "PORT", "value": "1"}]
    assert found["spec"]["identitySecret"] == "s3-identity"


@given(secret=st.text("abcdefghijklmnopqrstuvwxyz0123456789+/=@:%", min_size=8, max_size=40), around=st.text(max_size=20))
def test_a_value_that_is_known_is_taken_out_wherever_it_stands_and_in_every_form(secret: str, around: str) -> None:
    known = known_in({"password": secret})
    redactor = Redactor.of(known)
    for form in known:
        assert form not in redactor.text(f"{around} {form} {around}").replace(REDACTED, "").replace(around, "")
    assert secret not in str(redactor.manifest({"spec": {"args": [f"--at={secret}"]}}))


def test_what_everybody_may_know_of_a_secret_stays() -> None:
    known = known_in(
        {"username": "application", "host": "orders.shop.svc", "ca.crt": "-----BEGIN CERTIFICATE-----", "password": "short"}
    )
    assert known == set()


def test_of_a_key_in_several_lines_each_is_known() -> None:
    key = "-----BEGIN EC PRIVATE KEY-----\n" + "A" * 64 + "\n" + "B" * 40 + "\n-----END EC PRIVATE KEY-----\n"
    redactor = Redactor.of(known_in({"tls.key": key}))
    assert redactor.text("read " + "B" * 40) == f"read {REDACTED}"
    assert Redactor().text(f"x {key} y") == f"x {REDACTED}\n y"
