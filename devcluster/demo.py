"""The service `demo`: deployed by the first `up`, waited for by every one, and what a person can do with it."""

import os
from collections.abc import Sequence

from devcluster.config import CHECKOUT, KUBECONFIG
from devcluster.kube import ApiError, Client, Json
from devcluster.shell import CommandError, run
from devcluster.wait import until

NAME, NAMESPACE = "demo", "default"
GREEN_SECONDS = 300
SMALL = ("--size", "1Gi", "--cpu", "300m", "--memory", "1Gi")
"""A node of 2000m also holds a member of each service that three processes of tests have at once: 500m (chaos), 300m (MySQL),
250m (backups) and 200m (`orders`), and 250m more for what is restored beside one."""
CLI = CHECKOUT / ".venv/bin/moorage"
PYTHON = CHECKOUT / ".venv/bin/python"
RESOURCE = f"/apis/moorage.dev/v1/namespaces/{NAMESPACE}/dataservices/{NAME}"
PODS = (
    f"/api/v1/namespaces/{NAMESPACE}/pods"
    f"?labelSelector=app.kubernetes.io%2Finstance%3D{NAME},app.kubernetes.io%2Fcomponent%3Dmember"
)
# What the engine itself says, asked through the address: the API server's word may be older than a crash.
ASK = """
import sys
from pymongo import MongoClient
with MongoClient(sys.argv[1], serverSelectionTimeoutMS=2000, socketTimeoutMS=2000) as client:
    members = client.admin.command("replSetGetStatus")["members"]
print(sum(member["stateStr"] in ("PRIMARY", "SECONDARY", "ARBITER") for member in members))
"""


def deploy() -> bool:
    """The service, unless it is there; whether it was deployed. It is not waited for."""
    try:
        Client().get(RESOURCE)
    except ApiError as error:
        if error.status != 404:
            raise
        _cli("deploy", "mongodb", NAME, *SMALL, "--namespace", NAMESPACE)
        return True
    return False


def wait_green(image: str) -> None:
    """Until every member runs this image's agent and the engine confirms through the address that all are well."""
    client = Client()

    def green() -> bool:
        service = client.get(RESOURCE)
        reason = why_not_green(service, client.get(PODS)["items"], image) or _why_not_serving(service)
        if reason:
            raise CommandError(reason)
        return True

    until(f"the service {NAME} to be green", green, GREEN_SECONDS)


def why_not_green(service: Json, pods: Sequence[Json], image: str) -> str | None:
    """Why the service is not green with this image's agents yet, in Moorage's own words where there are any; or None."""
    status = service.get("status") or {}
    if status.get("observedGeneration") != service["metadata"]["generation"]:
        return "Moorage's operator has not seen it yet"
    if status.get("healthCluster") != "green":
        return str(status.get("healthMsg"))
    for pod in pods:
        name = pod["metadata"]["name"]
        if "deletionTimestamp" in pod["metadata"] or not _is_ready(pod):
            return f"{name} is being replaced or started"
        if image not in [container["image"] for container in pod["spec"].get("initContainers", [])]:
            return f"{name} still runs the agent of another image than {image}"
    if len(pods) < int(status["expectedNodes"]):
        return f"{len(pods)} of {status['expectedNodes']} members have a Pod"
    return None


def summary(seconds: float, backup: str | None, console: tuple[str, str]) -> str:
    """What a person reads last: where the service is and what to try."""
    status = Client().get(RESOURCE)["status"]
    address = f"{status['endpoints']['host']}:{status['endpoints']['port']}"
    return f"""
Three nodes, Moorage and a database run here ({seconds:.0f} s).

  {"console":<10}{console[0]}
  {"sign in":<10}{console[1]}

  {NAME:<10}{status["healthCluster"]}: {status["healthMsg"]}; MongoDB {status["version"]}, primary {status["primary"]}
  address   {address}, which follows the primary
  {"backup":<10}{backup or "none is verified yet"}
  password  .venv/bin/moorage credentials {NAME}

Try next:

  export KUBECONFIG=$(make -s kubeconfig)
  .venv/bin/moorage status {NAME}          how it is, member by member
  .venv/bin/moorage connect {NAME}         a shell at the primary
  python3 -m devcluster kill {NAME}        kill -9 of the primary: `moorage events {NAME}` tells what came of it

`make test` proves the promises, `make down` stops everything, docs/devcluster.md tells how to break it."""


def _is_ready(pod: Json) -> bool:
    conditions = pod.get("status", {}).get("conditions", [])
    return any(c["type"] == "Ready" and c["status"] == "True" for c in conditions)


def _why_not_serving(service: Json) -> str | None:
    """Asks the engine, when the service has an address that can be reached from here."""
    status = service["status"]
    if not str(status["endpoints"].get("host", ""))[:1].isdigit():
        return None
    uri = _cli("credentials", NAME, "--uri", "--admin", "--namespace", NAMESPACE).strip()
    well = int(run(PYTHON, "-c", ASK, uri))
    return None if well == status["expectedNodes"] else f"{well} of {status['expectedNodes']} members are well, says the engine"


def _cli(*arguments: str) -> str:
    return run(CLI, *arguments, env={**os.environ, "KUBECONFIG": str(KUBECONFIG)})
