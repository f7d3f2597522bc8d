"""What a Pod says of settings reaches its member, with and without the API server."""

import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any, cast

import pytest

from moorage.agent.livesettings import LiveSettings
from moorage.agent.settings import from_environment
from moorage.core import names
from moorage.engines.member import Member
from moorage.kube.reflector import Store
from tests.unit.agent.test_orders import SETTINGS


class Engine:
    def __init__(self) -> None:
        self.told: list[dict[str, str]] = []

    def use_settings(self, settings: Mapping[str, str]) -> None:
        self.told.append(dict(settings))


class World:
    """A member whose Pod said `at_start` when its container started."""

    def __init__(self, at_start: str = "") -> None:
        self.engine, self.pod = Engine(), Store()
        self.settings = LiveSettings(replace(SETTINGS, live_settings=at_start), self.pod, cast("Member", self.engine))

    def says(self, text: str | None, version: int) -> None:
        marks = {} if text is None else {names.ANNOTATION_SETTINGS: text}
        meta = {"name": SETTINGS.pod_name, "namespace": "shop", "annotations": marks, "resourceVersion": str(version)}
        self.pod.listed([{"kind": "Pod", "metadata": meta}], str(version))

    def told(self) -> list[dict[str, str]]:
        self.settings.look()
        return self.engine.told


def test_a_change_reaches_the_member_once() -> None:
    world = World()
    world.says('{"a": "1"}', 1)
    assert world.told() == [{"a": "1"}]
    assert world.told() == [{"a": "1"}]
    world.says(None, 2)
    assert world.told() == [{"a": "1"}, {}]


def test_without_the_api_server_counts_what_the_pod_said_when_the_container_started() -> None:
    world = World('{"a": "1"}')
    assert world.told() == [{"a": "1"}]
    world.says('{"a": "2"}', 1)
    assert world.told() == [{"a": "1"}, {"a": "2"}]


@pytest.mark.parametrize("text", ["{", "7", "[1]"])
def test_what_nobody_can_read_changes_nothing(text: str) -> None:
    world = World('{"a": "1"}')
    world.told()
    world.says(text, 1)
    assert world.told() == [{"a": "1"}]


def test_a_container_finds_it_in_its_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    given: dict[str, Any] = {"POD_NAME": "x", "POD_UID": "u", "POD_IP": "1", "NODE_NAME": "n", "POD_NAMESPACE": "shop"}
    given |= {"MOORAGE_SERVICE": "orders", "MOORAGE_ENGINE": "mysql", "MOORAGE_ENGINE_ARGUMENTS": json.dumps([])}
    for name, value in given.items():
        monkeypatch.setenv(name, value)
    assert from_environment().live_settings == ""
    monkeypatch.setenv("MOORAGE_LIVE_SETTINGS", '{"a": "1"}')
    assert from_environment().live_settings == '{"a": "1"}'
