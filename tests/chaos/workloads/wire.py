"""What a client sent, and what the engine answered, seen below the driver's own retries."""

import threading
from typing import Any

from bson import ObjectId
from pymongo.monitoring import CommandFailedEvent, CommandListener, CommandStartedEvent, CommandSucceededEvent

from tests.chaos.workloads.outcome import Try


class Wire(CommandListener):
    """The tries of one thread's current operation. The driver tells of a command in the thread that gave it."""

    def __init__(self) -> None:
        self._of_thread = threading.local()

    def forget(self) -> None:
        self._of_thread.tries = []

    @property
    def tries(self) -> list[Try]:
        if not hasattr(self._of_thread, "tries"):
            self.forget()
        found: list[Try] = self._of_thread.tries
        return found

    @property
    def term(self) -> int | None:
        """Of the primary that answered the last try, which says by whose election it leads: a constant, then the term.

        None when only another member said so: a transaction that began on one primary may be committed by the next, and
        that answer does not tell.
        """
        for one in reversed(self.tries):
            if one.node != self.tries[-1].node:
                return None
            if isinstance(election := (one.answer or {}).get("electionId"), ObjectId):
                return int.from_bytes(election.binary[4:])
        return None

    def started(self, event: CommandStartedEvent) -> None:
        host, port = event.connection_id
        self.tries.append(Try(event.command_name, node=f"{host}:{port}"))

    def succeeded(self, event: CommandSucceededEvent) -> None:
        self._answered(event.command_name, event.reply)

    def failed(self, event: CommandFailedEvent) -> None:
        self._answered(event.command_name, event.failure)

    def _answered(self, command: str, answer: Any) -> None:
        if self.tries and self.tries[-1].command == command:
            self.tries[-1].answer = answer
