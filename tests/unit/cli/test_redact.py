"""No secret leaves in a report."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from moorage.cli import redact
from moorage.cli.redact import REDACTED

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
    ],
)
@given(secret=WORDS)
def test_what_looks_like_a_secret_is_taken_out_of_a_log(line: str, secret: str) -> None:
    found = redact.text(line.replace("SECRET", secret))
    assert secret not in found.replace(REDACTED, "")
    assert REDACTED in found


def test_a_private_key_of_age_is_taken_out_wherever_it_stands() -> None:
    assert redact.text("AGE-SECRET-KEY-1QQPQ0ZZ was read") == f"{REDACTED} was read"


@pytest.mark.parametrize(
    "line", ["credentialsSecret: s3", '"identitySecret": "s3-identity"', "secretName: orders-app", "key: value"]
)
def test_the_name_of_a_secret_is_none(line: str) -> None:
    assert redact.text(line) == line


def test_values_of_the_environment_and_copies_of_manifests_are_taken_out() -> None:
    pod = {
        "metadata": {"annotations": {"kubectl.kubernetes.io/last-applied-configuration": "{}", "a": "b"}, "managedFields": []},
        "spec": {"env": [{"name": "DB_PASSWORD", "value": "x"}, {"name": "PORT", "value": "1"}], "identitySecret": "s3-identity"},
    }
    found = redact.manifest(pod)
    assert found["metadata"] == {"annotations": {"a": "b"}}
    assert found["spec"]["env"] == [{"name": "DB_PASSWORD", "value": REDACTED}, {"name": "PORT", "value": "1"}]
    assert found["spec"]["identitySecret"] == "s3-identity"
