"""The files that a node's containerd, kubelet and kube-proxy read; pure text out of a node."""

import json

from devcluster.config import HOST_ADDRESS, MIRRORED, PAUSE_IMAGE, PKI, POD_RANGE, REGISTRY, Node


def files(node: Node) -> dict[str, str]:
    """Path below the node's folder → content."""
    mirrors = {f"mirrors/{host}/hosts.toml": mirror() for host in MIRRORED}
    return {
        "containerd.toml": containerd(node),
        "cni/10-moorage.conflist": pod_network(node),
        "kubelet.yaml": json.dumps(kubelet(node), indent=1),
        "proxy.yaml": json.dumps(kube_proxy(node), indent=1),
        "resolv.conf": f"nameserver {HOST_ADDRESS}\n",
        **mirrors,
    }


def containerd(node: Node) -> str:
    """Everything that containerd keeps stands below the node's folder, so that stopping a node can find all of it."""
    folder = node.folder
    return f"""version = 2
root = "{folder}/root"
state = "{folder}/state"
[grpc]
  address = "{node.containerd_socket}"
[plugins."io.containerd.internal.v1.opt"]
  path = "{folder}/opt"
[plugins."io.containerd.grpc.v1.cri"]
  sandbox_image = "{PAUSE_IMAGE}"
  restrict_oom_score_adj = true
  netns_mounts_under_state_dir = true
  [plugins."io.containerd.grpc.v1.cri".cni]
    bin_dir = "/usr/lib/cni"
    conf_dir = "{folder}/cni"
  [plugins."io.containerd.grpc.v1.cri".registry]
    config_path = "{folder}/mirrors"
  [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc]
    runtime_type = "io.containerd.runc.v2"
    [plugins."io.containerd.grpc.v1.cri".containerd.runtimes.runc.options]
      Root = "{folder}/runc"
"""


def mirror() -> str:
    """Where images of a public registry come from here: the machine's own, by plain HTTP, and from nowhere else."""
    return f"""server = "http://{REGISTRY}"
[host."http://{REGISTRY}"]
  capabilities = ["pull", "resolve"]
"""


def pod_network(node: Node) -> str:
    bridge = {
        "type": "bridge",
        "bridge": "cni0",
        "isGateway": True,
        "ipMasq": False,
        "hairpinMode": True,
        "ipam": {
            "type": "host-local",
            "dataDir": f"{node.folder}/ipam",
            "ranges": [[{"subnet": node.pod_range}]],
            "routes": [{"dst": "0.0.0.0/0"}],
        },
    }
    ports = {"type": "portmap", "capabilities": {"portMappings": True}}
    return json.dumps({"cniVersion": "1.0.0", "name": f"moorage-{node.name}", "plugins": [bridge, ports]}, indent=1)


def kubelet(node: Node) -> dict[str, object]:
    return {
        "apiVersion": "kubelet.config.k8s.io/v1beta1",
        "kind": "KubeletConfiguration",
        "address": node.address,
        "authentication": {
            "anonymous": {"enabled": False},
            "webhook": {"enabled": True},
            "x509": {"clientCAFile": str(PKI / "ca.crt")},
        },
        "authorization": {"mode": "Webhook"},
        "tlsCertFile": str(PKI / f"{node.name}.crt"),
        "tlsPrivateKeyFile": str(PKI / f"{node.name}.key"),
        "clusterDNS": [HOST_ADDRESS],
        "clusterDomain": "cluster.local",
        "resolvConf": f"{node.folder}/resolv.conf",
        "containerRuntimeEndpoint": f"unix://{node.containerd_socket}",
        "podLogsDir": f"{node.folder}/pod-logs",
        # A node that is not a machine of its own: no claim on the whole cgroup tree, on swap or on kernel settings.
        "featureGates": {"KubeletInUserNamespace": True},
        "cgroupDriver": "cgroupfs",
        "cgroupsPerQOS": False,
        "cgroupRoot": f"/moorage/{node.name}",
        "enforceNodeAllocatable": [],
        "failSwapOn": False,
        "maxPods": 200,
        "serializeImagePulls": False,
        "nodeStatusUpdateFrequency": "4s",
        "nodeStatusReportFrequency": "10s",
        "nodeLeaseDurationSeconds": 12,
        "evictionHard": {"memory.available": "50Mi", "nodefs.available": "1%", "imagefs.available": "1%"},
        "imageGCHighThresholdPercent": 100,
    }


def kube_proxy(node: Node) -> dict[str, object]:
    return {
        "apiVersion": "kubeproxy.config.k8s.io/v1alpha1",
        "kind": "KubeProxyConfiguration",
        "mode": "nftables",
        "clientConnection": {"kubeconfig": str(PKI / "proxy.conf")},
        "clusterCIDR": POD_RANGE,
        "hostnameOverride": node.name,
        "healthzBindAddress": f"{node.address}:10256",
        "conntrack": {"maxPerCore": 0, "min": 0},
        "nftables": {"minSyncPeriod": "100ms"},
    }
