"""How full volumes are, as a person sees it in a terminal."""

import json
from typing import Any

from tests.unit.cli.conftest import Moorage
from tests.unit.cli.fake import service

GROWS: Any = {"storage": {"size": "10Gi", "autoGrow": {"step": "20%", "max": "100Gi"}}}
SEEN: Any = {
    "healthCluster": "yellow",
    "volumeSize": "12Gi",
    "volumes": {
        "datanode0": {"sizeMib": 11968, "usedPercent": 86, "level": "nearly-full", "fullInHours": 6},
        "datanode1": {"sizeMib": 11968, "usedPercent": 80, "level": "ok"},
    },
}


def test_status_tells_how_full_each_volume_is_and_how_soon_it_will_be_full(moorage: Moorage) -> None:
    said = " ".join(moorage("status", "orders", having=[service(status=SEEN, **GROWS)]).out.split())
    assert "used: datanode0 86 %, datanode1 80 %; full in about 6 h" in said
    assert "10Gi volume, grown to 12Gi; grows 20% at a time, up to 100Gi" in said


def test_what_is_measured_is_in_the_json_and_nothing_is_said_of_what_was_not(moorage: Moorage) -> None:
    view = json.loads(moorage("status", "orders", "-o", "json", having=[service(status=SEEN, **GROWS)]).out)
    assert view["volumes"]["datanode0"]["fullInHours"] == 6
    assert "used:" not in moorage("status", "orders", having=[service(status={"healthCluster": "green"})]).out
