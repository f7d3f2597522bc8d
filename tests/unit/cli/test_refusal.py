"""What the API server refuses becomes sentences that people read."""

from typing import Any

import pytest

from moorage.cli.errors import ExitCode
from moorage.cli.refusal import from_status

OURS = "metadata.name 'Shop_1' is not usable: allowed are at most 40 characters"


def invalid(*causes: tuple[str, str]) -> dict[str, Any]:
    return {"code": 422, "reason": "Invalid", "details": {"causes": [{"field": f, "message": m} for f, m in causes]}}


@pytest.mark.parametrize(
    ("cause", "sentence"),
    [
        (
            ("spec.members", "Invalid value: 9: spec.members in body should be less than or equal to 7"),
            "spec.members: 9 is not possible; allowed: less than or equal to 7",
        ),
        (
            ("spec.engine", "Invalid value: \"object\": engine 'oracle' is not in the catalogue; allowed: mongodb"),
            "spec.engine: engine 'oracle' is not in the catalogue; allowed: mongodb",
        ),
    ],
)
def test_the_sentence_names_field_value_and_what_is_allowed(cause: tuple[str, str], sentence: str) -> None:
    error = from_status(invalid(cause))
    assert (str(error), error.code) == (sentence, ExitCode.USAGE)


def test_of_two_sentences_about_a_name_people_read_the_one_without_a_regular_expression() -> None:
    kubernetes = ("metadata.name", 'Invalid value: "Shop_1": a lowercase RFC 1123 subdomain must consist of … regex …')
    error = from_status(invalid(kubernetes, ("<nil>", f'Invalid value: "object": {OURS}')))
    assert str(error) == OURS
