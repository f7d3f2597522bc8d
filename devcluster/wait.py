"""Waiting for a condition, with a deadline: never for an amount of time."""

import time
from collections.abc import Callable

from devcluster.shell import CommandError

LOOK_AGAIN_SECONDS = 0.1


def until(what: str, holds: Callable[[], object], seconds: float) -> None:
    """Return as soon as `holds()` is true; after `seconds`, say what was waited for and what stood in the way."""
    deadline = time.monotonic() + seconds
    hindrance = ""
    while True:
        try:
            if holds():
                return
        except (OSError, CommandError) as error:
            hindrance = f" (last: {error})"
        if time.monotonic() > deadline:
            raise TimeoutError(f"waited {seconds:.0f} s for {what}, in vain{hindrance}")
        time.sleep(LOOK_AGAIN_SECONDS)
