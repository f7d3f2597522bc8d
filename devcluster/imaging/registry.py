"""Pushing images to the registry on the machine, by its plain HTTP interface."""

import hashlib
import http.client
import json
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import urlsplit

from devcluster.config import REGISTRY
from devcluster.imaging.layers import Layer

MANIFEST = "application/vnd.oci.image.manifest.v1+json"
CONFIG = "application/vnd.oci.image.config.v1+json"
LAYER = "application/vnd.oci.image.layer.v1.tar"
Settings = dict[str, object]


def split(image: str) -> tuple[str, str]:
    """`ghcr.io/moorage/moorage:dev` → (`moorage/moorage`, `dev`): the host's name is the mirror's business."""
    name, _, tag = image.rpartition(":")
    return name.split("/", 1)[1], tag


def manifest(layers: Sequence[Layer], settings: Settings) -> tuple[bytes, bytes]:
    """The image's manifest and its configuration."""
    filesystem = {"type": "layers", "diff_ids": [layer.digest for layer in layers]}
    config = json.dumps(
        {"architecture": "amd64", "os": "linux", "config": settings, "rootfs": filesystem}, sort_keys=True
    ).encode()
    body = {
        "schemaVersion": 2,
        "mediaType": MANIFEST,
        "config": {"mediaType": CONFIG, "digest": digest(config), "size": len(config)},
        "layers": [{"mediaType": LAYER, "digest": layer.digest, "size": layer.size} for layer in layers],
    }
    return json.dumps(body, sort_keys=True).encode(), config


def digest(blob: bytes) -> str:
    return f"sha256:{hashlib.sha256(blob).hexdigest()}"


def has(image: str) -> bool:
    repository, tag = split(image)
    return _call("HEAD", f"/v2/{repository}/manifests/{tag}", headers={"Accept": MANIFEST})[0] == 200


def name_too(there: str, image: str) -> None:
    """Give an image that is there a further name in its own repository; what bore the name before loses it."""
    repository, tag = split(there)
    accept = {"Accept": MANIFEST}
    status, _, body = _call("GET", f"/v2/{repository}/manifests/{tag}", headers=accept)
    if status != 200:
        raise OSError(f"the registry answered {status} when it was asked for {there}")
    target = f"/v2/{repository}/manifests/{split(image)[1]}"
    if _call("GET", target, headers=accept)[2] != body:
        _store("PUT", target, body, {"Content-Type": MANIFEST})


def push(image: str, layers: Sequence[Layer], settings: Settings, *tags: str) -> None:
    """Store what is missing of the image under its own tag and any further ones."""
    repository, tag = split(image)
    body, config = manifest(layers, settings)
    for layer in layers:
        _push_blob(repository, layer.digest, layer.path)
    _push_blob(repository, digest(config), config)
    for name in (tag, *tags):
        _store("PUT", f"/v2/{repository}/manifests/{name}", body, {"Content-Type": MANIFEST})


def _push_blob(repository: str, name: str, content: Path | bytes) -> None:
    if _call("HEAD", f"/v2/{repository}/blobs/{name}")[0] == 200:
        return
    location = _store("POST", f"/v2/{repository}/blobs/uploads/", b"", {})
    target = urlsplit(location)
    query = f"{target.query}&digest={name}" if target.query else f"digest={name}"
    _store("PUT", f"{target.path}?{query}", content, {"Content-Type": "application/octet-stream"})


def _store(method: str, path: str, content: Path | bytes, headers: dict[str, str]) -> str:
    """Send content; where the registry says it is to be found."""
    if isinstance(content, Path):
        headers = {**headers, "Content-Length": str(content.stat().st_size)}
    status, location, _ = _call(method, path, content, headers)
    if status >= 300:
        raise OSError(f"the registry answered {status} to {method} {path}")
    return location


def _call(
    method: str, path: str, content: Path | bytes | None = None, headers: dict[str, str] | None = None
) -> tuple[int, str, bytes]:
    """The answer's status, the place that it names, and its body."""
    connection = http.client.HTTPConnection(REGISTRY, timeout=120)
    try:
        if isinstance(content, Path):
            with content.open("rb") as file:
                connection.request(method, path, body=file, headers=headers or {})
        else:
            connection.request(method, path, body=content, headers=headers or {})
        answer = connection.getresponse()
        body = answer.read()
        return answer.status, answer.getheader("Location", ""), body
    finally:
        connection.close()
