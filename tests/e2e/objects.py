"""What the API server holds, asked from this process: a kubectl for each look of a wait costs a tenth of a second of a core."""

from functools import cache
from typing import NamedTuple

from devcluster.kube import ApiError, Client, Json


class Resource(NamedTuple):
    """Where objects of a kind are."""

    path: str
    plural: str
    is_namespaced: bool

    def at(self, namespace: str, name: str = "") -> str:
        inside = f"/namespaces/{namespace}" if self.is_namespaced else ""
        return f"{self.path}{inside}/{self.plural}{f'/{name}' if name else ''}"


def one(kind: str, name: str, namespace: str) -> Json | None:
    """None: it is not there. `kind`: as kubectl takes it. Raises AssertionError, as everything that fails in a test does."""
    try:
        return _client().get(_resource(kind).at(namespace, name))
    except ApiError as error:
        if error.status == 404:
            return None
        raise AssertionError(f"{kind} {namespace}/{name}: {error}") from error
    except (OSError, ValueError) as error:
        raise AssertionError(f"{kind} {namespace}/{name}: {error}") from error


def all_of(kind: str, namespace: str) -> list[Json]:
    """Raises AssertionError."""
    try:
        return list(_client().get(_resource(kind).at(namespace))["items"])
    except (OSError, ValueError) as error:
        raise AssertionError(f"{kind} of {namespace}: {error}") from error


def _resource(kind: str) -> Resource:
    found = _resources().get(kind.lower())
    if found is None:
        _resources.cache_clear()  # it may be there since
        found = _resources().get(kind.lower())
    assert found is not None, f"the API server has no kind '{kind}'"
    return found


@cache
def _client() -> Client:
    return Client()


@cache
def _resources() -> dict[str, Resource]:
    """By every name that kubectl takes; those of the core come first."""
    groups = _client().get("/apis")["groups"]
    found: dict[str, Resource] = {}
    for path in ("/api/v1", *(f"/apis/{group['preferredVersion']['groupVersion']}" for group in groups)):
        for kind in _client().get(path)["resources"]:
            if "/" in kind["name"]:
                continue
            resource = Resource(path, kind["name"], bool(kind["namespaced"]))
            for word in (kind["name"], kind["singularName"], kind["kind"].lower(), *kind.get("shortNames", ())):
                found.setdefault(word, resource)
    return found
