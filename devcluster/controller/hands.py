"""Steps that are carried out side by side, one at a time for each thing: a file system that takes long stops no other volume."""

import sys
import threading
import time
import traceback
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

HANDS = 8
RETRY_SECONDS = 1.0
LONG_SECONDS = 5.0
"""A step that took longer is written down: whoever waited for the volume wants to know."""


class Hands:
    """`again` is called, from another thread, when it is time to plan anew: a step failed, or was asked for too early."""

    def __init__(self, again: Callable[[], None]) -> None:
        self._again = again
        self._pool = ThreadPoolExecutor(HANDS, thread_name_prefix="step")
        self._lock = threading.Lock()
        self._busy: set[str] = set()
        self._asked: set[str] = set()

    def take(self, thing: str, step: Callable[[], bool]) -> bool:
        """Begin a step, which tells whether it went well; False while the last one of this thing still runs."""
        with self._lock:
            if thing in self._busy:
                self._asked.add(thing)
                return False
            self._busy.add(thing)
        self._pool.submit(self._run, thing, step)
        return True

    def _run(self, thing: str, step: Callable[[], bool]) -> None:
        began = time.monotonic()
        went_well = False
        try:
            went_well = step()
        except Exception:  # nobody waits for what a pool's thread raises: unsaid it would be gone
            traceback.print_exc()
        finally:
            if (seconds := time.monotonic() - began) > LONG_SECONDS:
                print(f"{thing}: a step took {seconds:.1f} s", file=sys.stderr, flush=True)
            if went_well:
                self._release(thing, again=False)
            else:
                threading.Timer(RETRY_SECONDS, self._release, (thing,), {"again": True}).start()

    def _release(self, thing: str, *, again: bool) -> None:
        with self._lock:
            self._busy.discard(thing)
            again = again or thing in self._asked
            self._asked.discard(thing)
        if again:
            self._again()
