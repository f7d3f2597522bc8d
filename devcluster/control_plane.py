"""etcd, the API server, the controller manager and the scheduler: processes on the machine itself."""

from devcluster import process
from devcluster.config import BIN, ETCD_PEER_PORT, ETCD_PORT, HOST_ADDRESS, PKI, SERVICE_RANGE, STATE
from devcluster.kube import ApiError, Client
from devcluster.process import Service
from devcluster.wait import until

NAMES = ("scheduler", "controller-manager", "apiserver", "etcd")  # in the order they are stopped
READY_SECONDS = 90
PROGRESS_SECONDS = 5
"""As Kubernetes wants it: its watch caches learn so that a kind of which nothing changes is not behind."""


def etcd() -> Service:
    client, peer = f"http://127.0.0.1:{ETCD_PORT}", f"http://127.0.0.1:{ETCD_PEER_PORT}"
    listen = ("--listen-client-urls", client, "--advertise-client-urls", client, "--listen-peer-urls", peer)
    first = ("--initial-advertise-peer-urls", peer, "--initial-cluster", f"default={peer}")
    # Without fsync a power cut of the whole machine may cost the cluster's objects; the nodes' faults never do.
    how = ("--unsafe-no-fsync", f"--experimental-watch-progress-notify-interval={PROGRESS_SECONDS}s")
    return Service("etcd", (BIN / "etcd", "--data-dir", STATE / "etcd", *listen, *first, *how))


def apiserver() -> Service:
    return Service(
        "apiserver",
        (
            BIN / "kube-apiserver",
            f"--etcd-servers=http://127.0.0.1:{ETCD_PORT}",
            f"--bind-address={HOST_ADDRESS}",
            f"--advertise-address={HOST_ADDRESS}",
            "--secure-port=6443",
            f"--tls-cert-file={PKI / 'apiserver.crt'}",
            f"--tls-private-key-file={PKI / 'apiserver.key'}",
            f"--client-ca-file={PKI / 'ca.crt'}",
            f"--kubelet-client-certificate={PKI / 'admin.crt'}",
            f"--kubelet-client-key={PKI / 'admin.key'}",
            "--kubelet-preferred-address-types=InternalIP",
            f"--service-account-key-file={PKI / 'service-accounts.pub'}",
            f"--service-account-signing-key-file={PKI / 'service-accounts.key'}",
            "--service-account-issuer=https://kubernetes.default.svc",
            f"--service-cluster-ip-range={SERVICE_RANGE}",
            "--service-node-port-range=30000-32767",
            "--authorization-mode=Node,RBAC",
            "--enable-admission-plugins=NodeRestriction",
            "--allow-privileged",
        ),
        reads=(PKI / "apiserver.crt",),
    )


def _with_kubeconfig(name: str, *flags: str) -> Service:
    conf = PKI / f"{name}.conf"
    access = (f"--kubeconfig={conf}", f"--authentication-kubeconfig={conf}", f"--authorization-kubeconfig={conf}")
    return Service(
        name, (BIN / f"kube-{name}", *access, "--leader-elect=false", "--bind-address=127.0.0.1", *flags), reads=(conf,)
    )


def controller_manager() -> Service:
    return _with_kubeconfig(
        "controller-manager",
        f"--service-account-private-key-file={PKI / 'service-accounts.key'}",
        f"--root-ca-file={PKI / 'ca.crt'}",
        "--use-service-account-credentials",
        "--node-monitor-grace-period=16s",  # 40 s by default: tests of a lost node wait for this
        "--node-monitor-period=2s",
    )


def scheduler() -> Service:
    return _with_kubeconfig("scheduler")


def start_apiserver() -> None:
    """Start the API server and wait until it answers and has its own roles: without them the others exit at once."""
    process.ensure(apiserver())
    client = Client()

    def ready() -> bool:
        process.require("apiserver")
        return client.healthy()

    until("the API server to be ready", ready, READY_SECONDS)
    until("the API server's own roles", lambda: _exists(client, "clusterroles/system:kube-controller-manager"), READY_SECONDS)


def start() -> None:
    """Start what is not running, in order."""
    process.ensure(etcd())
    start_apiserver()
    process.ensure(controller_manager())
    process.ensure(scheduler())


def _exists(client: Client, role: str) -> bool:
    try:
        return bool(client.get(f"/apis/rbac.authorization.k8s.io/v1/{role}"))
    except ApiError as error:
        if error.status == 404:
            return False
        raise
