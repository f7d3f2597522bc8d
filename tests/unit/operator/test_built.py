"""Objects are built anew when, and only when, something that goes into them changed."""

from dataclasses import replace
from typing import Any

import pytest

from moorage.engines.registry import load
from moorage.operator.built import SERVICES_MAX, Built
from moorage.operator.manifests import Context, Objects, build
from tests.unit.build import TLS, service
from tests.unit.operator.test_manifests import INTERNAL

BARE = Context(service(), load()["mongodb"], "moorage:dev")


def _built(built: Built, context: Context = BARE) -> Objects:
    return built.objects(context, INTERNAL, TLS)


def test_what_is_built_is_the_same_as_without_remembering() -> None:
    assert _built(Built()) == build(BARE, INTERNAL, TLS)


def test_a_status_and_a_request_build_nothing_anew() -> None:
    built = Built()
    first = _built(built)
    asked = service(initialized=False, annotations={"moorage.dev/promote": "datanode1"})
    assert _built(built, replace(BARE, service=asked)) is first


@pytest.mark.parametrize(
    "change",
    [
        {"service": service(image="mongo:other")},
        {"external": "10.89.1.1"},
        {"replicas_wanted": 5},
        {"holds_data": True},
        {"agent_image": "moorage:next"},
    ],
    ids=["spec", "address", "size", "data", "agent"],
)
def test_whatever_goes_into_the_objects_builds_them_anew(change: dict[str, Any]) -> None:
    built, other = Built(), replace(BARE, **change)
    _built(built)
    assert _built(built, other) == build(other, INTERNAL, TLS)


def test_a_renewed_certificate_and_other_passwords_build_anew() -> None:
    built = Built()
    first = _built(built)
    assert built.objects(BARE, {**INTERNAL, "app-password": "another"}, TLS) is not first
    assert built.objects(BARE, INTERNAL, replace(TLS, certificate={**TLS.certificate, "tls.crt": "renewed"})) is not first


def test_only_the_services_that_were_looked_at_last_are_remembered() -> None:
    built = Built()
    first = _built(built)
    for number in range(SERVICES_MAX):
        meta = BARE.service.metadata.model_copy(update={"name": f"other{number}"})
        _built(built, replace(BARE, service=BARE.service.model_copy(update={"metadata": meta})))
    assert _built(built) is not first
