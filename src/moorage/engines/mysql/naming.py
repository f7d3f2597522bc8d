"""Where the members of one service answer: their names follow from their Pods'. Pure."""

from dataclasses import dataclass

from moorage.engines.mysql.constants import FIRST_PORT_PLACE, HOST_PLACE, PORT

MEMBERS_MAX = 9
"""Of one group, by MySQL's own limit."""
SERVER_IDS_A_GENERATION = 16


def server_id(pod: str) -> int:
    """From 1 on; never the same for two members of one service, also of two generations."""
    group, _, ordinal = pod.rpartition("-")
    generation = int(group.rpartition("-g")[2])
    return (generation - 1) * SERVER_IDS_A_GENERATION + int(ordinal) + 1


@dataclass(frozen=True)
class Address:
    """Where a member answers."""

    host: str
    port: int

    def __str__(self) -> str:
        return f"{self.host}:{self.port}"


@dataclass(frozen=True)
class Naming:
    """How a member's address is made of its Pod's name."""

    pod: str
    """The member's own."""
    host: str
    """With `{pod}` in place of the Pod's name."""
    first_port: int | None = None
    """Of member 0, where all share one machine; None: all answer at MySQL's own port."""

    @property
    def own(self) -> Address:
        return self.of(self.pod)

    def of(self, pod: str) -> Address:
        ordinal = int(pod.rpartition("-")[2])
        port = PORT if self.first_port is None else self.first_port + ordinal
        return Address(self.host.replace("{pod}", pod), port)

    def siblings(self) -> tuple[str, ...]:
        """Pod names of all other members that there could be."""
        group = self.pod.rpartition("-")[0]
        return tuple(pod for i in range(MEMBERS_MAX) if (pod := f"{group}-{i}") != self.pod)

    def pod_at(self, address: Address) -> str:
        """Whose address it is; empty when it is nobody's."""
        return next((pod for pod in (self.pod, *self.siblings()) if self.of(pod) == address), "")


def split(pod: str, arguments: tuple[str, ...]) -> tuple[Naming, tuple[str, ...]]:
    """How members are named, and mysqld's own arguments."""
    ours = {place: a.removeprefix(place) for a in arguments for place in (HOST_PLACE, FIRST_PORT_PLACE) if a.startswith(place)}
    port = ours.get(FIRST_PORT_PLACE)
    naming = Naming(pod, ours.get(HOST_PLACE, "{pod}"), int(port) if port is not None else None)
    return naming, tuple(a for a in arguments if not a.startswith((HOST_PLACE, FIRST_PORT_PLACE)))
