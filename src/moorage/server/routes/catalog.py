"""The app market: static data inside the server, so it works whenever the server does."""

from typing import Annotated

from fastapi import APIRouter, Path

from moorage.engines.contract import Category, EngineCard
from moorage.engines.registry import load
from moorage.server.caller import SignedIn
from moorage.server.model import Given
from moorage.server.problem import not_found
from moorage.server.sizes import SIZES, Size

router = APIRouter(tags=["catalog"])


class VersionOption(Given):
    version: str
    image: str


class ParameterOption(Given):
    name: str
    description: str
    allowed: str
    """In words."""
    pattern: str
    """What the API server checks values by."""
    is_live: bool
    """Whether the running engine can be told; else a change restarts one member after the other."""


class Card(Given):
    """An engine of the market."""

    name: str
    title: str
    summary: str
    categories: list[Category]
    versions: list[VersionOption]
    """Oldest first."""
    default_version: str
    members_default: int
    members_allowed: list[int]
    supports_arbiter: bool
    storage_min: str
    memory_min: str
    port: int
    parameters: list[ParameterOption]
    sizes: list[Size]
    """Presets; S first."""


def card_of(found: EngineCard) -> Card:
    return Card(
        name=found.name,
        title=found.title,
        summary=found.summary,
        categories=list(found.categories),
        versions=[VersionOption(version=v.version, image=v.image) for v in found.versions],
        default_version=found.default_version,
        members_default=found.members_default,
        members_allowed=list(found.members_allowed),
        supports_arbiter=found.supports_arbiter,
        storage_min=found.storage_min,
        memory_min=found.memory_min,
        port=found.port,
        parameters=[
            ParameterOption(name=p.name, description=p.description, allowed=p.allowed, pattern=p.pattern, is_live=p.is_live)
            for p in found.parameters
        ],
        sizes=list(SIZES),
    )


@router.get("/catalog")
async def list_catalog(caller: SignedIn) -> list[Card]:
    """Every engine that can be deployed."""
    del caller
    return [card_of(engine.card) for engine in load().values()]


@router.get("/catalog/{engine}")
async def get_card(engine: Annotated[str, Path(max_length=30)], caller: SignedIn) -> Card:
    del caller
    engines = load()
    if engine not in engines:
        raise not_found("engine", engine)
    return card_of(engines[engine].card)
