"""The one thing that pages need of a kubelet: it gives the API server what a container wrote."""

import ssl
import threading
from collections.abc import Sequence
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path


class Kubelet:
    """Of every host at once. `lines` are what each container wrote so far; who follows a log hears what `write` adds."""

    def __init__(self, folder: Path, lines: Sequence[str]) -> None:
        """`folder`: with the API server's certificate and key, which is good for 127.0.0.1."""
        self._lines = list(lines)
        self._more = threading.Condition()
        self._is_over = False
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(folder / "server.crt", folder / "server.key")
        self._server.socket = context.wrap_socket(self._server.socket, server_side=True)
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    @property
    def port(self) -> int:
        return self._server.server_port

    def write(self, line: str) -> None:
        with self._more:
            self._lines.append(line)
            self._more.notify_all()

    def stop(self) -> None:
        with self._more:
            self._is_over = True
            self._more.notify_all()
        self._server.shutdown()
        self._server.server_close()

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        kubelet = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                is_log = self.path.startswith("/containerLogs/")
                self.send_response(200 if is_log else 404)
                self.end_headers()
                if is_log:
                    kubelet._tell(self, follows="follow=true" in self.path)

            def log_message(self, *words: object) -> None:
                """Nobody reads it."""

        return Handler

    def _tell(self, asked: BaseHTTPRequestHandler, follows: bool) -> None:
        told = 0
        while fresh := self._after(told, follows):
            told += len(fresh)
            asked.wfile.write("".join(f"{line}\n" for line in fresh).encode())
            asked.wfile.flush()

    def _after(self, told: int, waits: bool) -> list[str]:
        """What was written after so many lines; nothing when that is all there will be."""
        with self._more:
            self._more.wait_for(lambda: self._is_over or not waits or told < len(self._lines))
            return self._lines[told:]
