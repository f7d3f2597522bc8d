"""The one background process of the development cluster's own: volumes, load-balancer addresses and the routes to them."""

import sys
import threading
from collections.abc import Callable

from devcluster.controller import addresses, disks, volumes
from devcluster.controller.hands import RETRY_SECONDS, Hands
from devcluster.controller.quantity import size_in_bytes
from devcluster.controller.reflector import Reflector
from devcluster.controller.routes import Router
from devcluster.kube import ApiError, Client
from devcluster.shell import CommandError


def main() -> None:
    Router().start()
    news = threading.Event()
    claims = Reflector("/api/v1/persistentvolumeclaims", news.set)
    stock = Reflector("/api/v1/persistentvolumes", news.set)
    services = Reflector("/api/v1/services", news.set)
    for reflector in (claims, stock, services):
        reflector.start()
    for reflector in (claims, stock, services):
        reflector.synced.wait()
    client = Client()
    hands = Hands(news.set)
    again = False
    while True:
        news.wait(RETRY_SECONDS if again else None)
        news.clear()
        for step in volumes.plan(claims.objects(), stock.objects()):
            hands.take(volumes.volume_of(step), lambda step=step: _done(lambda: _act(client, step)))  # type: ignore[misc]
        announced = [_done(lambda step=step: _announce(client, step)) for step in addresses.plan(services.objects())]  # type: ignore[misc]
        again = not all(announced)


def _done(step: Callable[[], None]) -> bool:
    """Do one step; one that fails is tried again, since the plan will hold it again."""
    try:
        step()
    except (OSError, CommandError, ValueError) as error:
        if isinstance(error, ApiError) and error.status in {404, 409}:  # our copy is a little old: the news is on its way
            return True
        print(error, file=sys.stderr, flush=True)
        return False
    return True


def _act(client: Client, step: volumes.Step) -> None:
    match step:
        case volumes.Create(claim):
            name, limited = volumes.volume_name(claim), claim["spec"]["storageClassName"] == volumes.LIMITED
            if limited:
                disks.make_limited(name, size_in_bytes(claim["spec"]["resources"]["requests"]["storage"]))
            else:
                disks.make_folder(name)
            client.request("POST", "/api/v1/persistentvolumes", volumes.volume(claim))
            print(f"made {name} for {claim['metadata']['namespace']}/{claim['metadata']['name']}", file=sys.stderr, flush=True)
        case volumes.Grow(claim, volume):
            size = {"storage": claim["spec"]["resources"]["requests"]["storage"]}
            meta, name = claim["metadata"], volume["metadata"]["name"]
            if volume["spec"]["storageClassName"] == volumes.LIMITED:
                disks.grow_limited(name, size_in_bytes(size["storage"]))
            client.patch(f"/api/v1/persistentvolumes/{name}", {"spec": {"capacity": size}})
            path = f"/api/v1/namespaces/{meta['namespace']}/persistentvolumeclaims/{meta['name']}/status"
            client.patch(path, {"status": {"capacity": size, "conditions": None}})
        case volumes.Delete(volume):
            client.request("DELETE", f"/api/v1/persistentvolumes/{volume['metadata']['name']}")
            disks.remove(volume["metadata"]["name"])


def _announce(client: Client, step: addresses.Announce) -> None:
    client.patch(f"/api/v1/namespaces/{step.namespace}/services/{step.name}/status", step.status)


if __name__ == "__main__":
    main()
