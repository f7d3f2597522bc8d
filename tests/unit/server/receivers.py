"""Receivers, on the loopback unless told otherwise, that take and refuse messages as each chat service documents it."""

import base64
import hashlib
import hmac
import json
import threading
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

from moorage.monitoring.telling.channel import Channel, Kind

TOKEN, SECRET, KEYWORD, CHAT = "token-0123456789", "SEC-of-the-robot", "Moorage", "-100200300"
PER_MINUTE = 20
Said = tuple[int, Any]
"""Status and body."""


class Receiver:
    """One service. `trouble`: answers that come first, whatever is sent, as when the service is in trouble."""

    def __init__(self, kind: Kind, host: str = "127.0.0.1") -> None:
        self.kind = kind
        self.taken: list[dict[str, Any]] = []
        self.asked = 0
        self.trouble: list[Said] = []
        self.moments: list[float] = []
        self._lock = threading.Lock()
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                status, said = receiver.answer(self.path, dict(self.headers), body)
                sent = (said if isinstance(said, str) else json.dumps(said)).encode()
                self.send_response(status)
                self.send_header("Content-Length", str(len(sent)))
                self.end_headers()
                self.wfile.write(sent)

            def log_message(self, *arguments: Any) -> None:
                """Nothing."""

        self._server = ThreadingHTTPServer((host, 0), Handler)
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        self._thread.start()

    @property
    def base(self) -> str:
        return "http://{}:{}".format(*self._server.server_address[:2])

    def stop(self) -> None:
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def channel(self, **more: Any) -> Channel:
        """As somebody sets it up who does everything right."""
        urls = {
            Kind.SLACK: f"/services/T000/B000/{TOKEN}",
            Kind.DINGTALK: f"/robot/send?access_token={TOKEN}",
            Kind.WECOM: f"/cgi-bin/webhook/send?key={TOKEN}",
            Kind.FEISHU: f"/open-apis/bot/v2/hook/{TOKEN}",
            Kind.TELEGRAM: "",
            Kind.WEBHOOK: f"/hooks/{TOKEN}",
        }
        signed = {Kind.DINGTALK: SECRET, Kind.FEISHU: SECRET, Kind.WEBHOOK: SECRET, Kind.TELEGRAM: TOKEN}
        to = {Kind.TELEGRAM: (CHAT,)}
        given = {"url": self.base + urls[self.kind], "secret": signed.get(self.kind, ""), "to": to.get(self.kind, ())}
        return Channel(str(self.kind), self.kind, **{**given, **more})

    def answer(self, path: str, headers: dict[str, str], body: bytes) -> Said:
        with self._lock:
            self.asked += 1
            if self.trouble:
                return self.trouble.pop(0)
            said = SERVICES[self.kind](self, path, headers, body)
            if said == _YES[self.kind]:
                self.taken.append(json.loads(body))
                self.moments.append(time.monotonic())
            return said

    def is_too_fast(self) -> bool:
        return len([moment for moment in self.moments if time.monotonic() - moment < 60]) >= PER_MINUTE


def _slack(receiver: Receiver, path: str, headers: dict[str, str], body: bytes) -> Said:
    if not path.endswith(TOKEN):
        return 404, "no_service"
    return _YES[Kind.SLACK] if json.loads(body).get("text") else (400, "no_text")


def _dingtalk(receiver: Receiver, path: str, headers: dict[str, str], body: bytes) -> Said:
    query, content = parse_qs(urlsplit(path).query), json.loads(body)
    if query.get("access_token") != [TOKEN]:
        return 200, {"errcode": 300001, "errmsg": "token is not exist"}
    stamp = query.get("timestamp", [""])[0]
    sign = base64.b64encode(hmac.digest(SECRET.encode(), f"{stamp}\n{SECRET}".encode(), "sha256")).decode()
    if query.get("sign") != [sign] or abs(int(stamp) / 1000 - time.time()) > 3600:
        return 200, {"errcode": 310000, "errmsg": "sign not match, more: [https://ding-doc.dingtalk.com/doc]"}
    if KEYWORD not in content["markdown"]["text"]:
        return 200, {"errcode": 310000, "errmsg": "keywords not in content"}
    if receiver.is_too_fast():
        return 200, {"errcode": 130101, "errmsg": "send too fast, exceed 20 times per minute"}
    return _YES[Kind.DINGTALK]


def _wecom(receiver: Receiver, path: str, headers: dict[str, str], body: bytes) -> Said:
    if parse_qs(urlsplit(path).query).get("key") != [TOKEN]:
        return 200, {"errcode": 93000, "errmsg": "invalid webhook url, hint: [1]"}
    if len(json.loads(body)["markdown"]["content"].encode()) > 4096:
        return 200, {"errcode": 40058, "errmsg": "markdown.content exceed max length 4096"}
    if receiver.is_too_fast():
        return 200, {"errcode": 45009, "errmsg": "api freq out of limit"}
    return _YES[Kind.WECOM]


def _feishu(receiver: Receiver, path: str, headers: dict[str, str], body: bytes) -> Said:
    content = json.loads(body)
    if not path.endswith(TOKEN):
        return 200, {"code": 19001, "msg": "param invalid: incoming webhook access token invalid", "data": {}}
    stamp = str(content.get("timestamp", "0"))
    sign = base64.b64encode(hmac.digest(f"{stamp}\n{SECRET}".encode(), b"", "sha256")).decode()
    if content.get("sign") != sign or abs(int(stamp) - time.time()) > 3600:
        return 200, {"code": 19021, "msg": "sign match fail or timestamp is not within one hour from current time", "data": {}}
    if KEYWORD not in json.dumps(content["card"]):
        return 200, {"code": 19024, "msg": "Key Words Not Found", "data": {}}
    return _YES[Kind.FEISHU]


def _telegram(receiver: Receiver, path: str, headers: dict[str, str], body: bytes) -> Said:
    content = json.loads(body)
    if path != f"/bot{TOKEN}/sendMessage":
        return 404, {"ok": False, "error_code": 404, "description": "Not Found"}
    if content["chat_id"] != CHAT:
        return 400, {"ok": False, "error_code": 400, "description": "Bad Request: chat not found"}
    return _YES[Kind.TELEGRAM]


def _webhook(receiver: Receiver, path: str, headers: dict[str, str], body: bytes) -> Said:
    wanted = "sha256=" + hmac.new(SECRET.encode(), body, hashlib.sha256).hexdigest()
    return _YES[Kind.WEBHOOK] if headers.get("X-Moorage-Signature") == wanted else (401, "signature")


_YES: dict[Kind, Said] = {
    Kind.SLACK: (200, "ok"),
    Kind.DINGTALK: (200, {"errcode": 0, "errmsg": "ok"}),
    Kind.WECOM: (200, {"errcode": 0, "errmsg": "ok"}),
    Kind.FEISHU: (200, {"code": 0, "msg": "success", "data": {}}),
    Kind.TELEGRAM: (200, {"ok": True, "result": {"message_id": 1}}),
    Kind.WEBHOOK: (200, "thank you"),
}
SERVICES: dict[Kind, Callable[[Receiver, str, dict[str, str], bytes], Said]] = {
    Kind.SLACK: _slack,
    Kind.DINGTALK: _dingtalk,
    Kind.WECOM: _wecom,
    Kind.FEISHU: _feishu,
    Kind.TELEGRAM: _telegram,
    Kind.WEBHOOK: _webhook,
}
