"""The container's own /etc/hosts: where the others are while the cluster's DNS does not answer. Pure, but for `HostsFile`."""

from collections.abc import Mapping
from pathlib import Path

MARK = "# While the cluster's DNS does not answer, Moorage keeps the last known addresses of the other members here."


def without_peers(text: str) -> str:
    """What stood there before."""
    return text.partition(MARK)[0]


def with_peers(base: str, known: Mapping[str, str]) -> str:
    """`known`: host name → IP address. The names before the mark stay as they are."""
    if not known:
        return base
    lines = (f"{address}\t{host}" for host, address in sorted(known.items()))
    return "\n".join([base.removesuffix("\n"), MARK, *lines, ""])


def peers_in(text: str) -> dict[str, str]:
    """What `with_peers` added."""
    lines = (line.split() for line in text.partition(MARK)[2].splitlines())
    return {words[1]: words[0] for words in lines if len(words) == 2}


class HostsFile:
    """Rewritten in place: it is mounted by itself, so that no other file can take its name. Raises OSError."""

    def __init__(self, path: Path = Path("/etc/hosts")) -> None:
        self._path = path
        found = path.read_text()
        self._base = without_peers(found)
        self.kept = peers_in(found)
        """What an agent before this one knew."""

    def tell(self, known: Mapping[str, str]) -> None:
        """What comes before the mark is never away; of what comes after it, a reader may find a mixture of old and new."""
        if (text := with_peers(self._base, known)) != self._path.read_text():
            with self._path.open("r+") as file:
                file.write(text)
                file.truncate()
