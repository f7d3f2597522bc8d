"""Whom a secondary copies from: the primary, so that the death of another secondary costs nobody anything."""

from typing import Any

import pytest

from moorage.engines.mongodb.chaining import detour


def status(source: str, *states: int, mine: int = 2, silent: int | None = None) -> Any:
    members = [{"name": f"m{n}:27017", "state": state, "health": 0 if n == silent else 1} for n, state in enumerate(states)]
    return {"myState": mine, "syncSourceHost": source, "members": members}


@pytest.mark.parametrize(
    ("seen", "found"),
    [
        (status("m1:27017", 1, 2, 2), ("m1:27017", "m0:27017")),
        (status("m0:27017", 1, 2, 2), ("", "")),
        (status("", 1, 2, 2), ("", "")),
        (status("m1:27017", 2, 2, 2), ("", "")),
        (status("m1:27017", 1, 2, 2, silent=0), ("", "")),
        (status("m1:27017", 1, 2, 2, mine=3), ("", "")),
        (status("", 1, 2, 2, mine=1), ("", "")),
    ],
    ids=["by another one", "from the primary", "from nobody", "no primary", "primary is silent", "recovering", "is the primary"],
)
def test_a_detour_is_a_source_that_is_not_the_primary_while_there_is_one(seen: Any, found: tuple[str, str]) -> None:
    assert detour(seen) == found
