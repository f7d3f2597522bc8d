"""What breaks one member on purpose: `kill -9` of its engine, and a volume without room."""

import os
import signal
from pathlib import Path

from devcluster import sweep
from devcluster.config import NODES
from devcluster.controller.volumes import LIMITED, folder_of
from devcluster.full import empty_folder, fill_folder
from devcluster.kube import Client
from devcluster.shell import CommandError

AGENT = "/opt/moorage/"  # where a member's agent is; what the agent started itself is the engine


def split(reference: str) -> tuple[str, str]:
    """`shop/orders` → (`shop`, `orders`); without a namespace it is `default`."""
    namespace, _, name = reference.rpartition("/")
    return namespace or "default", name


def kill_engine(reference: str, member: str | None = None) -> str:
    """`kill -9` of the engine of a service's primary, or of the Pod with that name; the Pod whose engine was killed."""
    namespace, service = split(reference)
    pod = member or _primary(namespace, service)
    marks = {f"POD_NAME={pod}", f"POD_NAMESPACE={namespace}"}
    inside = {pid for node in NODES for pid in sweep.containers(node.folder)}
    agents = {pid for pid in inside if is_agent(_read(pid, "cmdline")) and marks <= set(_read(pid, "environ").split("\0"))}
    engines = [pid for pid in inside - agents if _parent(pid) in agents]
    if not engines:
        raise CommandError(f"no engine runs in Pod {namespace}/{pod}")
    for pid in engines:
        os.kill(pid, signal.SIGKILL)
    return pod


def is_agent(command_line: str) -> bool:
    """Whether a command line (words ended by NUL) is an agent's."""
    return command_line.startswith(AGENT)


def fill(reference: str) -> int:
    """Take all the room that is left in a claim's volume, which must have a limit; how many bytes that was."""
    return fill_folder(_volume(reference))


def empty(reference: str) -> None:
    """Give the room back."""
    empty_folder(_volume(reference))


def _volume(reference: str) -> Path:
    namespace, name = split(reference)
    spec = Client().get(f"/api/v1/namespaces/{namespace}/persistentvolumeclaims/{name}")["spec"]
    if spec.get("storageClassName") != LIMITED:
        raise CommandError(
            f"only a volume of StorageClass {LIMITED!r} has an end: the claim {namespace}/{name} is of class "
            f"{spec.get('storageClassName')!r}, and filling it would fill this machine"
        )
    if "volumeName" not in spec:
        raise CommandError(f"the claim {namespace}/{name} has no volume yet")
    return folder_of(spec["volumeName"])


def _primary(namespace: str, service: str) -> str:
    chosen = f"app.kubernetes.io%2Finstance%3D{service},moorage.dev%2Frole%3Dprimary"
    pods = Client().get(f"/api/v1/namespaces/{namespace}/pods?labelSelector={chosen}")["items"]
    if not pods:
        raise CommandError(f"the service {namespace}/{service} has no primary, or there is no such service")
    return str(pods[0]["metadata"]["name"])


def _read(pid: int, what: str) -> str:
    try:
        return Path(f"/proc/{pid}/{what}").read_text(errors="replace")
    except OSError:
        return ""  # it ended while we looked


def _parent(pid: int) -> int:
    fields = _read(pid, "stat").rpartition(")")[2].split()
    return int(fields[1]) if fields else 0
