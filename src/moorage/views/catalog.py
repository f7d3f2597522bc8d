"""An engine's card as people and programs see it. Pure."""

from typing import Any

from moorage.engines.contract import EngineCard


def entry(found: EngineCard) -> dict[str, Any]:
    """The catalogue entry as people and programs see it."""
    return {
        "name": found.name,
        "title": found.title,
        "summary": found.summary,
        "categories": list(found.categories),
        "versions": [{"version": v.version, "image": v.image} for v in found.versions],
        "defaultVersion": found.default_version,
        "members": {"default": found.members_default, "allowed": list(found.members_allowed)},
        "arbiter": found.supports_arbiter,
        "storageMin": found.storage_min,
        "memoryMin": found.memory_min,
        "port": found.port,
        "parameters": [{"name": p.name, "description": p.description, "allowed": p.allowed} for p in found.parameters],
    }
