"""Finds the engines that are installed."""

from functools import cache
from importlib.metadata import entry_points
from typing import cast

from moorage.engines.contract import Engine

GROUP, BACKUPS = "moorage.engines", "moorage.backups"


@cache
def load() -> dict[str, Engine]:
    """Every installed engine by name, sorted."""
    engines = (cast("Engine", point.load()) for point in entry_points(group=GROUP))
    return {engine.card.name: engine for engine in sorted(engines, key=lambda e: e.card.name)}


@cache
def backed_up() -> frozenset[str]:
    """Names of those engines that can be backed up. Nothing of theirs is loaded: a worker does that."""
    return frozenset(point.name for point in entry_points(group=BACKUPS))
