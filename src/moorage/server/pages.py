"""The console's pages: files with hashes in their names are kept for ever, the page that names them never."""

import mimetypes
import secrets
from pathlib import Path

from fastapi import APIRouter, Request
from fastapi.responses import FileResponse, HTMLResponse, Response

from moorage.server.headers import policy
from moorage.server.problem import Code, ProblemError

FOR_EVER = "public, max-age=31536000, immutable"
COMPRESSED = (("br", "br"), ("gzip", "gz"))
"""Encoding and ending of what the build put beside a file, the smallest first."""
BASE, NONCE = "%BASE%", "%NONCE%"
"""What the built index.html has in `<base href="%BASE%">` and `<meta name="csp-nonce" content="%NONCE%">`."""


def router(folder: Path, prefix: str) -> APIRouter:
    """`prefix`: the path that people see before ours; a proxy may cut it off or leave it."""
    routes = APIRouter(include_in_schema=False)
    index = (folder / "index.html").read_text()
    root = folder.resolve()

    def page() -> HTMLResponse:
        nonce = secrets.token_urlsafe(16)
        text = index.replace(BASE, f"{prefix}/").replace(NONCE, nonce)
        return HTMLResponse(text, headers={"Cache-Control": "no-cache", "Content-Security-Policy": policy(nonce)})

    @routes.get("/{path:path}")
    async def file_or_page(path: str, request: Request) -> Response:
        """A file when there is one; else the page, which knows what to show at this path."""
        if path.startswith("api/"):
            raise ProblemError(404, Code.NOT_FOUND, "the API has no such path; /api/v1/openapi.json lists what it has")
        wanted = (root / path).resolve()
        if not wanted.is_relative_to(root) or not wanted.is_file() or wanted.name == "index.html":
            if "." in path.rpartition("/")[2] and not path.endswith(".html"):
                raise ProblemError(404, Code.NOT_FOUND, "there is no such file")
            return page()
        kept = FOR_EVER if path.startswith("assets/") else "no-cache"
        return _sent(wanted, request.headers.get("accept-encoding", ""), kept)

    return routes


def _sent(file: Path, accepted: str, kept: str) -> FileResponse:
    """As small as the browser takes it. Caches in between keep one for each encoding."""
    headers = {"Cache-Control": kept, "Vary": "Accept-Encoding"}
    for encoding, ending in COMPRESSED:
        small = file.with_name(f"{file.name}.{ending}")
        if takes(accepted, encoding) and small.is_file():
            media_type = mimetypes.guess_type(file.name)[0]
            return FileResponse(small, headers={**headers, "Content-Encoding": encoding}, media_type=media_type)
    return FileResponse(file, headers=headers)


def takes(accepted: str, encoding: str) -> bool:
    """Whether a header Accept-Encoding allows it. `*` counts for nothing: browsers name what they take."""
    for part in accepted.lower().split(","):
        name, _, weight = part.partition(";")
        if name.strip() == encoding:
            return weight.replace(" ", "") not in ("q=0", "q=0.0", "q=0.00", "q=0.000")
    return False
