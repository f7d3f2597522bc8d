"""Which versions of MySQL a service may have one after the other."""

import pytest

from moorage.api.dataservice import DataService
from moorage.engines.mysql.catalog import CARD


def service(version: str | None, image: str | None) -> DataService:
    spec = {"engine": "mysql", "version": version, "image": image, "storage": {"size": "10Gi"}, "resources": {"memory": "2Gi"}}
    return DataService.model_validate({"metadata": {"name": "orders", "namespace": "shop"}, "spec": spec})


@pytest.mark.parametrize(
    ("data", "asked", "image", "refused"),
    [
        ("8.4", "8.4", None, None),
        ("8.4", "9.7", None, None),
        ("8.4", None, None, None),
        ("9.7", "9.7", None, None),
        ("", "8.4", None, None),
        ("9.7", "8.4", None, "version '8.4' cannot open data of version 9.7; allowed: 9.7"),
        ("9.7", "8.4", "mysql:own", None),
    ],
)
def test_data_of_8_4_goes_up_to_9_7_and_never_back(data: str, asked: str | None, image: str | None, refused: str | None) -> None:
    assert CARD.why_version_refused(service(asked, image), data) == refused


def test_no_version_between_two_is_left_out() -> None:
    versions = tuple(v.version for v in CARD.versions)
    rule = CARD.rule()
    for at, version in enumerate(versions):
        assert rule.versions_after(version) == versions[at : at + 2]
        assert CARD.versions_before(version) == versions[:at]
    assert versions == tuple(sorted(versions, key=lambda v: tuple(map(int, v.split("."))))), "the oldest stands first"


def test_each_version_has_an_image_of_its_own() -> None:
    assert [CARD.image(service(v.version, None)).rpartition(":")[2] for v in CARD.versions] == [v.version for v in CARD.versions]
