"""Settings that a running engine is told: used before anybody is led to it, put back when left out, and said when refused."""

from collections.abc import Mapping

import pytest

from moorage.engines.livesettings import LiveSettings
from moorage.engines.member import EngineError


class Engine:
    """Begins each life with the same values, refuses what it is told to refuse, and makes ten at most of any number."""

    def __init__(self) -> None:
        self.values = {"a": "1", "b": "2"}
        self.refuses, self.answers, self.asked = "", True, 0

    async def read(self) -> Mapping[str, str]:
        self._ask()
        return dict(self.values)

    async def write(self, name: str, value: str) -> str:
        self._ask()
        if value == self.refuses or name not in self.values:
            return "no"
        self.values[name] = str(min(int(value), 10))
        return ""

    def _ask(self) -> None:
        self.asked += 1
        if not self.answers:
            raise EngineError("it does not answer")


@pytest.fixture
def engine() -> Engine:
    return Engine()


@pytest.fixture
def settings(engine: Engine) -> LiveSettings:
    return LiveSettings(engine.read, engine.write, lambda asked, found: asked == found)


async def used(settings: LiveSettings, **wanted: str) -> str:
    settings.wanted = wanted
    await settings.settle()
    return settings.why_not


async def test_what_is_asked_for_is_used_and_what_is_left_out_is_again_as_it_was(engine: Engine, settings: LiveSettings) -> None:
    assert await used(settings, a="5", b="6") == ""
    assert engine.values == {"a": "5", "b": "6"}
    assert await used(settings, b="7") == ""
    assert engine.values == {"a": "1", "b": "7"}
    assert await used(settings) == ""
    assert engine.values == {"a": "1", "b": "2"}


async def test_what_the_engine_refuses_or_makes_another_one_of_is_said_and_the_rest_is_used(
    engine: Engine, settings: LiveSettings
) -> None:
    engine.refuses = "5"
    assert await used(settings, a="5", b="11", c="1") == "does not use the new settings: a=5: no; b=11: it has 10; c=1: no"
    assert await used(settings, a="6", b="7") == ""
    assert engine.values == {"a": "6", "b": "7"}


async def test_what_a_setting_changed_besides_is_not_taken_for_what_the_engine_began_with(
    engine: Engine, settings: LiveSettings
) -> None:
    real = engine.write

    async def write(name: str, value: str) -> str:
        engine.values["b"] = "9" if name == "a" and value != "1" else "2"
        return await real(name, value)

    settings._write = write
    await used(settings, a="5")
    assert engine.values == {"a": "5", "b": "9"}
    await used(settings, b="6")
    await used(settings)
    assert engine.values == {"a": "1", "b": "2"}


async def test_an_engine_that_was_told_is_left_alone(engine: Engine, settings: LiveSettings) -> None:
    await settings.settle()
    assert engine.asked == 0, "there is nothing to tell"
    await used(settings, a="5")
    asked = engine.asked
    await settings.settle()
    assert engine.asked == asked


async def test_one_that_does_not_answer_is_told_once_it_does(engine: Engine, settings: LiveSettings) -> None:
    engine.answers = False
    with pytest.raises(EngineError):
        await used(settings, a="5")
    engine.answers = True
    await settings.settle()
    assert engine.values["a"] == "5"


async def test_a_new_life_is_told_anew(engine: Engine, settings: LiveSettings) -> None:
    await used(settings, a="5")
    engine.values = {"a": "3", "b": "2"}
    settings.engine_starts()
    await settings.settle()
    assert engine.values["a"] == "5"
    await used(settings)
    assert engine.values["a"] == "3", "as this life began"
