"""The relay's channels, as they are written down: entries of a Secret, or the files that it is mounted as."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path, PurePath

import yaml

from moorage.monitoring.telling.channel import Channel
from moorage.monitoring.telling.given import UnusableChannelError, channel
from moorage.monitoring.telling.wished import written

ENDINGS = (".yaml", ".yml")


@dataclass(frozen=True)
class Channels:
    """By name; `unusable` says of the other entries why."""

    usable: dict[str, Channel] = field(default_factory=dict)
    unusable: dict[str, str] = field(default_factory=dict)


def channels(folder: Path) -> Channels:
    """One that cannot be used does not keep the others from working."""
    found = folder.glob("*") if folder.is_dir() else ()
    # Kubernetes' own folders of what it mounts begin with a dot
    return read({path.name: _bytes(path) for path in found if not path.name.startswith(".") and path.is_file()})


def read(entries: Mapping[str, bytes]) -> Channels:
    """By the entry's name, NAME.yaml."""
    found = Channels()
    for entry, content in sorted(entries.items()):
        try:
            found.usable[name_of(entry)] = _channel(entry, content)
        except UnusableChannelError as error:
            found.unusable[entry] = str(error)
    return found


def is_named(entry: str) -> bool:
    """As an entry of a channel is."""
    return PurePath(entry).suffix in ENDINGS


def name_of(entry: str) -> str:
    """Of the channel that it holds."""
    return PurePath(entry).stem


def entry_of(channel: Channel) -> tuple[str, str]:
    """Its name and its content."""
    return f"{channel.name}{ENDINGS[0]}", yaml.safe_dump(written(channel), sort_keys=False, allow_unicode=True)


def _channel(entry: str, content: bytes) -> Channel:
    if not is_named(entry):
        raise UnusableChannelError(f"{entry}: a channel's file is named NAME.yaml")
    try:
        given = yaml.safe_load(content.decode())
    except (yaml.YAMLError, ValueError):
        given = None  # why not is not said: it would show a piece of the file, and that may be a secret
    if not isinstance(given, dict):
        raise UnusableChannelError(f"{entry}: it is no YAML of names and values, such as kind: slack")
    return channel(name_of(entry), {str(name): value for name, value in given.items()})


def _bytes(path: Path) -> bytes:
    """Nothing of a file that cannot be read: then it is no channel."""
    try:
        return path.read_bytes()
    except OSError:
        return b""
