"""Listens at the engine's port and passes each connection on to where it belongs. Bytes go through as they are, TLS included."""

import asyncio
from collections.abc import Callable
from typing import cast

from moorage.agent.forwarding import Place
from moorage.engines.background import in_background

CONNECT_SECONDS_MAX = 2.0


class _End(asyncio.Protocol):
    """One of the two ends of a connection: what it receives the other one sends. What cannot be sent yet is not read either."""

    def __init__(self) -> None:
        self.transport: asyncio.Transport | None = None
        self.other: _End | None = None
        self._early = bytearray()
        """What was received before there was another end."""
        self.has_ended = self.is_lost = False
        """Its far side sends nothing more; it is gone."""

    def join(self, other: "_End") -> None:
        self.other, other.other = other, self
        if self.transport is None or other.transport is None:
            return
        other.transport.write(bytes(self._early))
        self._early.clear()
        if self.has_ended:
            other.transport.write_eof()
        self.transport.resume_reading()

    def abort(self) -> None:
        if self.transport is not None:
            self.transport.abort()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        if (across := self._across()) is not None:
            across.write(data)
        elif self.transport is not None and not self.is_lost:
            self._early += data
            self.transport.pause_reading()

    def eof_received(self) -> bool:
        """A half-closed connection stays so: the answer to the last request may still come."""
        self.has_ended = True
        if self.other is not None and self.other.has_ended:
            return False
        if (across := self._across()) is not None:
            across.write_eof()
        return True

    def pause_writing(self) -> None:
        if (across := self._across()) is not None:
            across.pause_reading()

    def resume_writing(self) -> None:
        if (across := self._across()) is not None:
            across.resume_reading()

    def connection_lost(self, exc: Exception | None) -> None:
        across, self.is_lost = self._across(), True
        if across is not None and exc is not None:
            across.abort()
        elif across is not None:
            across.close()  # what is on its way is still sent

    def _across(self) -> asyncio.Transport | None:
        return None if self.other is None or self.other.is_lost else self.other.transport


class _Caller(_End):
    """The end of whoever connected."""

    def __init__(self, forwarder: "Forwarder") -> None:
        super().__init__()
        self._forwarder = forwarder
        self.source = Place("", 0)
        self.place: Place | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(transport)
        self.source = Place(*(transport.get_extra_info("peername") or ("", 0))[:2])
        self._forwarder.called(self)

    def connection_lost(self, exc: Exception | None) -> None:
        super().connection_lost(exc)
        self._forwarder.left(self)


class Forwarder:
    """`route`: where somebody connects from → where that connection leads; None: nowhere, and it is closed at once. It is asked
    once for every connection."""

    def __init__(self, route: Callable[[Place], Place | None]) -> None:
        self._route = route
        self._server: asyncio.Server | None = None
        self._callers = set[_Caller]()
        self._connecting = set[asyncio.Task[None]]()

    @property
    def is_open(self) -> bool:
        return self._server is not None

    @property
    def callers(self) -> int:
        return len(self._callers)

    async def open(self, host: str, port: int) -> None:
        """Raises OSError when the port is taken."""
        self._server = await asyncio.get_running_loop().create_server(lambda: _Caller(self), host, port)

    def close(self) -> None:
        """The port is free at once, and every connection is cut."""
        if self._server is not None:
            self._server.close()
        self._server = None
        for task in self._connecting:
            task.cancel()
        for caller in list(self._callers):
            caller.abort()

    def cut(self, is_due: Callable[[Place, Place | None], bool]) -> int:
        """Connections for which this holds (where they come from, where they lead) are cut. How many these were."""
        due = [caller for caller in self._callers if is_due(caller.source, caller.place)]
        for caller in due:
            caller.abort()
        return len(due)

    def called(self, caller: _Caller) -> None:
        self._callers.add(caller)
        caller.place = self._route(caller.source)
        if caller.place is None or caller.transport is None:
            caller.abort()
            return
        task = in_background(self._connect(caller, caller.place), "pass-on")
        self._connecting.add(task)
        task.add_done_callback(self._connecting.discard)

    def left(self, caller: _Caller) -> None:
        self._callers.discard(caller)

    @staticmethod
    async def _connect(caller: _Caller, place: Place) -> None:
        end = _End()
        try:
            async with asyncio.timeout(CONNECT_SECONDS_MAX):
                await asyncio.get_running_loop().create_connection(lambda: end, place.host, place.port)
        except OSError:
            caller.abort()  # as if it had called there itself
            return
        except Exception:
            caller.abort()  # nobody else would
            raise
        if caller.is_lost:
            end.abort()
        else:
            caller.join(end)
