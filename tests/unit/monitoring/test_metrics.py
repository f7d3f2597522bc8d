"""Every field of a service's status is a metric; what is measured is called as Prometheus expects, and is bounded."""

from collections import Counter
from collections.abc import Iterator
from typing import Any, get_args, get_origin

import pytest
from prometheus_client.parser import text_string_to_metric_families
from pydantic import BaseModel
from pydantic.alias_generators import to_camel

from moorage.api.dataservice import MEMBERS_MAX, DataServiceStatus
from moorage.core.exposition import block, page
from moorage.core.metrics import Family, read
from moorage.monitoring.document import document
from moorage.monitoring.registry import groups
from moorage.monitoring.service_metrics import METRICS, UNMEASURED
from tests.unit.monitoring.full import service

ALL = [metric for group in groups() for metric in group.metrics]


def fields(model: type[BaseModel], prefix: str = "") -> Iterator[str]:
    """Every field as people write it; entries of lists are not told apart."""
    for name, field in model.model_fields.items():
        path, kind = f"{prefix}{to_camel(name)}", field.annotation
        kinds = get_args(kind) if get_origin(kind) is not dict else ()
        below = next((k for k in (*kinds, kind) if isinstance(k, type) and issubclass(k, BaseModel)), None)
        if get_origin(kind) is list or below is None:
            yield path
        else:
            yield from fields(below, f"{path}.")


MADE_OF = {"repairs": "repairs", "drill": "drills"}
"""Part of the document → the field that it is made of."""


def measured() -> set[str]:
    """Fields of the status that some metric is read from."""
    sources = [source for metric in METRICS for source in metric.sources]
    paths = {".".join(filter(None, (source.path, text))) for source in sources for text in (source.texts or ("",))}
    status = {path.removeprefix("service.status.").partition(".*")[0] for path in paths if path.startswith("service.status.")}
    return status | {MADE_OF[first] for path in paths if (first := path.partition(".")[0]) in MADE_OF}


def test_every_field_of_the_status_is_a_metric_or_says_why_not() -> None:
    known = measured()
    missing = {field for field in fields(DataServiceStatus) if field not in known and field not in UNMEASURED}
    assert missing == set()
    assert UNMEASURED.keys() & known == set(), "it is measured after all"


def test_every_name_follows_the_conventions() -> None:
    assert [why for metric in ALL if (why := metric.why_not_conventional()) is not None] == []


def test_no_two_metrics_have_one_name_or_one_label_twice() -> None:
    assert [name for name, count in Counter(metric.name for metric in ALL).items() if count > 1] == []
    for group in groups():
        for metric in group.metrics:
            labels = [*group.labels, *metric.labels]
            assert len(set(labels)) == len(labels), metric.name
            assert "le" not in labels


def test_every_source_gives_as_many_labels_as_its_metric_has() -> None:
    for metric in ALL:
        for source in metric.sources:
            by_state = 1 if source.how in ("state", "each state") else 0
            given = len(source.labels) + source.path.count("*") + len(source.texts) + by_state
            assert given == len(metric.labels), (metric.name, source)


@pytest.mark.parametrize("members", [1, 3, MEMBERS_MAX])
def test_a_service_says_everything_and_never_more_than_is_promised(members: int) -> None:
    item, backups, restores = service(members)
    pods = {f"datanode{i}": f"orders-g1-{i}" for i in range(members)}
    families = read(METRICS, document(item, pods, backups, restores, "2027-02-01T00:00:00+00:00"))
    silent = [family.metric.name for family in families if not family.samples]
    assert silent == []
    for family in families:
        assert len(family.samples) <= family.metric.series_max(members), family.metric.name
    said = page(METRICS, [block(families, {"namespace": "shop", "service": "orders"})])
    parsed = {s.name: s for found in text_string_to_metric_families(said) for s in found.samples}
    assert len(parsed) == len(METRICS)
    assert parsed["moorage_service_volume_size_bytes"].value == 20 * 2**30
    assert parsed["moorage_service_backup_retention_seconds"].value == 7 * 86_400
    assert parsed["moorage_service_backup_duration_seconds"].value == 90
    assert parsed["moorage_service_member_volume_used_ratio"].value == pytest.approx(0.83)


def values(families: list[Family], name: str) -> dict[tuple[str, ...], Any]:
    return {s.labels: s.value for family in families if family.metric.name == f"moorage_{name}" for s in family.samples}


def test_a_new_service_says_nothing_of_what_was_not_seen() -> None:
    bare = {"metadata": {"name": "orders", "namespace": "shop"}, "spec": {"engine": "mongodb"}}
    families = read(METRICS, document(bare, {}))
    assert values(families, "service_health") == {}
    assert values(families, "service_backup_last_success_timestamp_seconds") == {}
    assert values(families, "service_maintenance") == {(): 0.0}
    assert values(families, "service_info") == {("mongodb", "", "", ""): 1.0}


def test_a_colour_is_one_of_four_series_so_that_time_in_it_can_be_summed() -> None:
    item, *_ = service(3)
    families = read(METRICS, document(item, {}))
    assert values(families, "service_health") == {("green",): 0.0, ("yellow",): 1.0, ("red",): 0.0, ("unknown",): 0.0}
    assert values(families, "service_member_health")["datanode0", "red"] == 1.0


def test_backups_that_failed_are_counted_and_never_the_newest_good_one() -> None:
    item, backups, _ = service(1)
    made = document(item, {}, backups)["backups"]
    assert made["phases"] == {"Pending": 0, "Running": 0, "Verifying": 0, "Succeeded": 2, "Failed": 1, "Deleting": 0}
    assert made["newest"]["sizeBytes"] == 300
    assert made["storedBytes"] == 900
    assert made["restoreSeconds"] == 41.5


def test_a_backup_failed_until_another_one_is_good_and_not_only_until_another_one_runs() -> None:
    item, *_ = service(1)
    times = [f"2026-11-26T02:4{minute}:00Z" for minute in range(4)]

    def last_failed(*phases: str) -> Any:
        made = [
            {"metadata": {"creationTimestamp": at}, "status": {"phase": phase, **({"endTime": at} if phase in ENDED else {})}}
            for at, phase in zip(times, phases, strict=False)
        ]
        return values(read(METRICS, document(item, {}, made)), "service_backup_last_failed").get(())

    assert last_failed() is None
    assert last_failed("Running") is None
    assert last_failed("Succeeded", "Failed") == 1
    assert last_failed("Succeeded", "Failed", "Pending") == 1
    assert last_failed("Succeeded", "Failed", "Running") == 1
    assert last_failed("Failed", "Failed", "Verifying") == 0
    assert last_failed("Failed", "Succeeded", "Running") == 0


ENDED = ("Succeeded", "Verifying", "Failed")
