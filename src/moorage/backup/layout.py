"""What objects in a store are called. Pure."""

from dataclasses import dataclass

MANIFEST = "manifest.json"
VERDICT = "rehearsal.json"
ARCHIVE = "archive.zst"
AGE = ".age"
LOG = "log"
OWNER = "cluster"
PROBES = ".moorage/probe-"


def backup_folder(engine: str, namespace: str, service: str, backup_name: str) -> str:
    """Without a slash at its end: the `path` of a task."""
    return f"{service_prefix(engine, namespace, service)}{backup_name}"


def service_prefix(engine: str, namespace: str, service: str) -> str:
    return f"{engine}/{namespace}/{service}/"


def archive_name(*, encrypted: bool) -> str:
    return ARCHIVE + (AGE if encrypted else "")


def manifest_key(folder: str) -> str:
    return f"{folder}/{MANIFEST}"


def verdict_key(folder: str) -> str:
    """What a rehearsal of the backup found."""
    return f"{folder}/{VERDICT}"


def archive_key(folder: str, *, encrypted: bool) -> str:
    return f"{folder}/{archive_name(encrypted=encrypted)}"


def probe_key(task_id: str) -> str:
    return f"{PROBES}{task_id}"


def is_manifest(key: str) -> bool:
    """Whether it is the manifest of a backup."""
    return folder_of_backup(key) is not None and key.endswith(f"/{MANIFEST}")


def folder_of_backup(key: str) -> str | None:
    """The folder of the backup that an object belongs to; None when it belongs to none."""
    parts = key.split("/")
    if len(parts) != 5 or parts[3] == LOG or not all(parts):
        return None
    return "/".join(parts[:4])


def is_archive(key: str) -> bool:
    """Whether it is the archive of a backup."""
    name = key.rpartition("/")[2]
    return folder_of_backup(key) is not None and name in {ARCHIVE, ARCHIVE + AGE}


def is_verdict(key: str) -> bool:
    """Whether it is what a rehearsal of a backup found."""
    return folder_of_backup(key) is not None and key.endswith(f"/{VERDICT}")


def is_ours(key: str) -> bool:
    """Whether Moorage gave an object this name."""
    return key.startswith(PROBES) or is_archive(key) or is_manifest(key) or is_verdict(key) or parse_slice(key) is not None


@dataclass(frozen=True, order=True)
class Slice:
    """A piece of an engine's log. Positions are the engine's own, written so that they sort as text."""

    timeline: str
    start: str
    """It holds everything after this position …"""
    end: str
    """… up to and with this one."""
    form: str
    """What its entries are written in, as the end of a name: `bson`, `binlog`."""
    encrypted: bool = False


COMPRESSED = ".zst"


def log_prefix(engine: str, namespace: str, service: str, timeline: str = "") -> str:
    """Of all its slices, or of one timeline's."""
    return f"{service_prefix(engine, namespace, service)}{LOG}/" + (f"{timeline}/" if timeline else "")


def slice_key(engine: str, namespace: str, service: str, piece: Slice) -> str:
    name = f"{piece.start}-{piece.end}.{piece.form}{COMPRESSED}{AGE if piece.encrypted else ''}"
    return log_prefix(engine, namespace, service, piece.timeline) + name


def owner_key(engine: str, namespace: str, service: str, timeline: str) -> str:
    """Which cluster writes a timeline."""
    return f"{log_prefix(engine, namespace, service, timeline)}{OWNER}"


def parse_slice(key: str) -> Slice | None:
    """None when it is no slice of a log."""
    parts = key.split("/")
    if len(parts) != 6 or parts[3] != LOG or not all(parts):
        return None
    name = parts[5].removesuffix(AGE)
    positions, _, form = name.removesuffix(COMPRESSED).rpartition(".")
    start, _, end = positions.partition("-")
    if not name.endswith(COMPRESSED) or not form.isalpha() or not (start and end):
        return None
    return Slice(timeline=parts[4], start=start, end=end, form=form, encrypted=parts[5].endswith(AGE))
