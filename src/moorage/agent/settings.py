"""What the Pod template tells the agent, through the environment."""

import json
import os
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Settings:
    """One member's identity and its engine's arguments. Secrets are files, never here."""

    pod_name: str
    pod_uid: str
    pod_ip: str
    node_name: str
    namespace: str
    service: str
    engine: str
    engine_arguments: tuple[str, ...]
    generation: int = 1
    internal_dir: Path = Path("/run/moorage/internal")
    tls_dir: Path = Path("/run/moorage/tls")
    data_dir: Path = Path("/data/db")
    live_settings: str = ""
    """What the Pod said of settings that a running engine is told, when the container started."""
    port: int = 8090


def from_environment() -> Settings:
    env = os.environ
    return Settings(
        pod_name=env["POD_NAME"],
        pod_uid=env["POD_UID"],
        pod_ip=env["POD_IP"],
        node_name=env["NODE_NAME"],
        namespace=env["POD_NAMESPACE"],
        service=env["MOORAGE_SERVICE"],
        engine=env["MOORAGE_ENGINE"],
        generation=int(env.get("MOORAGE_GENERATION", "1")),
        live_settings=env.get("MOORAGE_LIVE_SETTINGS", ""),
        engine_arguments=tuple(json.loads(env["MOORAGE_ENGINE_ARGUMENTS"])),
    )
