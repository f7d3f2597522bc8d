"""Finds the engines that are installed."""

from functools import cache
from importlib.metadata import entry_points
from typing import cast

from moorage.engines.contract import Engine

GROUP = "moorage.engines"


@cache
def load() -> dict[str, Engine]:
    """Every installed engine by name, sorted."""
    engines = (cast("Engine", point.load()) for point in entry_points(group=GROUP))
    return {engine.card.name: engine for engine in sorted(engines, key=lambda e: e.card.name)}
