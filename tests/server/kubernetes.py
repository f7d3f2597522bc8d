"""An etcd and an API server on the loopback, with Moorage's own definitions in it: no node, no operator."""

import base64
import json
import ssl
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import httpx2
import yaml

from devcluster.config import BIN
from devcluster.install import CHART
from devcluster.shell import run
from moorage.api.schema import API_VERSION
from tests.ports import free_ports
from tests.server.processes import Program

Object = dict[str, Any]
CONSOLE_NAMESPACE = "moorage-system"
CONSOLE_USER = "moorage-console"
"""Its ServiceAccount, whose rights are the chart's; so are those of the next two."""
RELAY_USER = "moorage-relay"
MONITORING_USER = "moorage-monitoring"
USERS = (CONSOLE_USER, RELAY_USER, MONITORING_USER)
VALUES = (
    "--set=relay.enabled=true",
    "--set=monitoring.bring.enabled=true",
    "--set=console.groups={dba}",
    "--set=console.oidc.groups={dba}",
    "--set=console.service.type=LoadBalancer",
)
CONTROLLERS = "clusterrole-aggregation-controller,namespace-controller,resourcequota-controller"
"""Without the first, the roles view, edit and admin are empty."""
_INSTALLED = (
    "CustomResourceDefinition",
    "ClusterRole",
    "ClusterRoleBinding",
    "Role",
    "RoleBinding",
    "Service",
    "ValidatingAdmissionPolicy",
    "ValidatingAdmissionPolicyBinding",
)
_GROUPS = {
    "Namespace": "/api/v1/namespaces",
    "Node": "/api/v1/nodes",
    "Service": "/api/v1/namespaces/{}/services",
    "Secret": "/api/v1/namespaces/{}/secrets",
    "ConfigMap": "/api/v1/namespaces/{}/configmaps",
    "Pod": "/api/v1/namespaces/{}/pods",
    "Event": "/api/v1/namespaces/{}/events",
    "CustomResourceDefinition": "/apis/apiextensions.k8s.io/v1/customresourcedefinitions",
    "ClusterRole": "/apis/rbac.authorization.k8s.io/v1/clusterroles",
    "ClusterRoleBinding": "/apis/rbac.authorization.k8s.io/v1/clusterrolebindings",
    "RoleBinding": "/apis/rbac.authorization.k8s.io/v1/namespaces/{}/rolebindings",
    "Role": "/apis/rbac.authorization.k8s.io/v1/namespaces/{}/roles",
    "ValidatingAdmissionPolicy": "/apis/admissionregistration.k8s.io/v1/validatingadmissionpolicies",
    "ValidatingAdmissionPolicyBinding": "/apis/admissionregistration.k8s.io/v1/validatingadmissionpolicybindings",
    "DataService": f"/apis/{API_VERSION}/namespaces/{{}}/dataservices",
    "PersistentVolumeClaim": "/api/v1/namespaces/{}/persistentvolumeclaims",
    "BackupStore": f"/apis/{API_VERSION}/namespaces/{{}}/backupstores",
    "DataRestore": f"/apis/{API_VERSION}/namespaces/{{}}/datarestores",
    "AlertRule": f"/apis/{API_VERSION}/namespaces/{{}}/alertrules",
    "DataBackup": f"/apis/{API_VERSION}/namespaces/{{}}/databackups",
}


class Kubernetes:
    """Started by `start`, ended by `stop`; `admin` asks it with all rights."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        etcd, peer, api, manager = free_ports(4)
        self.url = f"https://127.0.0.1:{api}"
        self._ports = {"etcd": etcd, "peer": peer, "api": api, "manager": manager}
        self._programs: list[Program] = []
        self.admin: httpx2.Client

    def start(self) -> None:
        self._make_certificates()
        self.admin = self._client("admin")
        self._programs.append(self._etcd())
        api = self._api = self._api_server()
        self._programs.append(api)
        api.until("answer of the API server", self._is_ready)
        self._programs.append(self._controllers())
        self._install()
        api.until("rights of the role edit", lambda: "dataservices" in self.admin.get(f"{_GROUPS['ClusterRole']}/edit").text)

    def stop(self) -> None:
        for program in reversed(self._programs):
            program.stop()

    def create(self, obj: Object) -> Object:
        answer = self.admin.post(path_of(obj["kind"], obj["metadata"].get("namespace")), json=obj)
        assert answer.status_code in (201, 409), answer.text
        made: Object = answer.json()
        return made

    def get(self, kind: str, name: str, namespace: str | None = None) -> Object | None:
        answer = self.admin.get(f"{path_of(kind, namespace)}/{name}")
        if answer.status_code == 404:
            return None
        found: Object = answer.raise_for_status().json()
        return found

    def values(self, secret: str, namespace: str) -> dict[str, str]:
        """Of a Secret that there is."""
        found = self.get("Secret", secret, namespace)
        assert found is not None
        return {key: base64.b64decode(text).decode() for key, text in found["data"].items()}

    def list(self, kind: str, namespace: str | None = None) -> list[Object]:
        found: list[Object] = self.admin.get(path_of(kind, namespace)).raise_for_status().json()["items"]
        return found

    def merge(self, kind: str, name: str, namespace: str, patch: Object, subresource: str = "") -> Object:
        path = f"{path_of(kind, namespace)}/{name}{subresource}"
        answer = self.admin.patch(path, json=patch, headers={"Content-Type": "application/merge-patch+json"})
        found: Object = answer.raise_for_status().json()
        return found

    def delete(self, kind: str, name: str, namespace: str | None = None) -> None:
        self.admin.delete(f"{path_of(kind, namespace)}/{name}")

    def space(self, name: str) -> None:
        self.create({"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}})

    def let(self, subject: str, role: str, space: str, kind: str = "User") -> None:
        """A RoleBinding to a ClusterRole, which counts when this returns."""
        self.create(
            {
                "apiVersion": "rbac.authorization.k8s.io/v1",
                "kind": "RoleBinding",
                "metadata": {"name": f"{subject.replace(':', '-').replace('@', '-at-')}-{role}", "namespace": space},
                "roleRef": {"apiGroup": "rbac.authorization.k8s.io", "kind": "ClusterRole", "name": role},
                "subjects": [{"apiGroup": "rbac.authorization.k8s.io", "kind": kind, "name": subject}],
            }
        )
        whom = {"user": subject} if kind == "User" else {"user": "somebody", "groups": [subject]}
        rules = (self.get("ClusterRole", role) or {}).get("rules") or []
        self._until_granted(whom, rules, {"namespace": space})

    def _until_granted(self, whom: Object, rules: Sequence[Object], where: Object) -> None:
        """The API server's list of who may what learns of a binding a moment after it was made."""
        rule = next((one for one in rules if one.get("resources") and not one.get("resourceNames")), None)
        if rule is None:
            return
        resource, _, part = str(rule["resources"][0]).partition("/")
        wanted = {"group": rule["apiGroups"][0], "resource": resource, "subresource": part, "verb": rule["verbs"][0], **where}
        review = {"apiVersion": "authorization.k8s.io/v1", "kind": "SubjectAccessReview"}
        body = {**review, "spec": {**whom, "resourceAttributes": wanted}}

        def is_granted() -> bool:
            answer = self.admin.post("/apis/authorization.k8s.io/v1/subjectaccessreviews", json=body).raise_for_status()
            return bool(answer.json()["status"]["allowed"])

        self._api.until(f"right of {whom}", is_granted, seconds=30)

    def let_everywhere(self, user: str, resource: str, *verbs: str) -> None:
        """A role for one resource of Moorage's alone."""
        name = f"{resource}-{user.replace(':', '-')}"
        rules = [{"apiGroups": ["moorage.dev"], "resources": [resource], "verbs": list(verbs)}]
        rbac = "rbac.authorization.k8s.io"
        self.create({"apiVersion": f"{rbac}/v1", "kind": "ClusterRole", "metadata": {"name": name}, "rules": rules})
        self.create(
            {
                "apiVersion": f"{rbac}/v1",
                "kind": "ClusterRoleBinding",
                "metadata": {"name": name},
                "roleRef": {"apiGroup": rbac, "kind": "ClusterRole", "name": name},
                "subjects": [{"apiGroup": rbac, "kind": "User", "name": user}],
            }
        )
        self._until_granted({"user": user}, rules, {})

    def kubeconfig(self, user: str) -> Path:
        """JSON is YAML too."""
        path = self.folder / f"{user}.conf"
        cluster = {"server": self.url, "certificate-authority": str(self.folder / "ca.crt")}
        files = {"client-certificate": str(self.folder / f"{user}.crt"), "client-key": str(self.folder / f"{user}.key")}
        config = {
            "apiVersion": "v1",
            "kind": "Config",
            "clusters": [{"name": "private", "cluster": cluster}],
            "users": [{"name": user, "user": files}],
            "contexts": [{"name": "private", "context": {"cluster": "private", "user": user}}],
            "current-context": "private",
        }
        path.write_text(json.dumps(config))
        return path

    def _is_ready(self) -> bool:
        try:
            ready = self.admin.get("/readyz").status_code == 200
            return ready and self.admin.get(f"{_GROUPS['ClusterRole']}/system:controller:namespace-controller").status_code == 200
        except httpx2.HTTPError:
            return False

    def _install(self) -> None:
        self.space(CONSOLE_NAMESPACE)
        where = ("--namespace", CONSOLE_NAMESPACE, "--kube-version=1.30.0", "--skip-tests")
        for obj in yaml.safe_load_all(run(BIN / "helm", "template", "moorage", CHART, *where, *VALUES)):
            if obj and obj["kind"] in _INSTALLED:
                self.create(obj)

    def _client(self, user: str) -> httpx2.Client:
        tls = ssl.create_default_context(cafile=str(self.folder / "ca.crt"))
        tls.load_cert_chain(self.folder / f"{user}.crt", self.folder / f"{user}.key")
        return httpx2.Client(base_url=self.url, verify=tls, timeout=20)

    def _etcd(self) -> Program:
        client, peer = (f"http://127.0.0.1:{self._ports[name]}" for name in ("etcd", "peer"))
        urls = ("--listen-client-urls", client, "--advertise-client-urls", client, "--listen-peer-urls", peer)
        first = ("--initial-advertise-peer-urls", peer, "--initial-cluster", f"default={peer}")
        words = (BIN / "etcd", "--data-dir", self.folder / "etcd", *urls, *first, "--unsafe-no-fsync")
        return Program(words, self.folder / "etcd.log")

    def _api_server(self) -> Program:
        words = (
            BIN / "kube-apiserver",
            f"--etcd-servers=http://127.0.0.1:{self._ports['etcd']}",
            "--bind-address=127.0.0.1",
            "--advertise-address=127.0.0.1",
            "--endpoint-reconciler-type=none",
            f"--secure-port={self._ports['api']}",
            f"--tls-cert-file={self.folder / 'server.crt'}",
            f"--tls-private-key-file={self.folder / 'server.key'}",
            f"--client-ca-file={self.folder / 'ca.crt'}",
            f"--service-account-key-file={self.folder / 'server.pub'}",
            f"--service-account-signing-key-file={self.folder / 'server.key'}",
            "--service-account-issuer=https://kubernetes.default.svc",
            "--service-cluster-ip-range=10.0.0.0/24",
            "--authorization-mode=RBAC",
            "--disable-admission-plugins=ServiceAccount",  # Pods are made here that no kubelet runs
        )
        return Program(words, self.folder / "kube-apiserver.log")

    def _controllers(self) -> Program:
        words = (
            BIN / "kube-controller-manager",
            f"--kubeconfig={self.kubeconfig('admin')}",
            "--leader-elect=false",
            "--bind-address=127.0.0.1",
            f"--secure-port={self._ports['manager']}",
            f"--controllers={CONTROLLERS}",
            # a quota that was made before its controller knew the kind it counts is looked at again only with all others
            "--resource-quota-sync-period=5s",
        )
        return Program(words, self.folder / "kube-controller-manager.log")

    def _make_certificates(self) -> None:
        names = {
            "server": "/CN=server",
            "admin": "/O=system:masters/CN=admin",
            **{user: f"/CN=system:serviceaccount:{CONSOLE_NAMESPACE}:{user}" for user in USERS},
        }
        self._openssl("req", "-x509", *_NEW_KEY, "-keyout", "ca.key", "-out", "ca.crt", "-days", "2", "-subj", "/CN=private")
        (self.folder / "extensions").write_text("subjectAltName=IP:127.0.0.1\nextendedKeyUsage=clientAuth,serverAuth\n")
        for name, subject in names.items():
            self._openssl("req", *_NEW_KEY, "-keyout", f"{name}.key", "-out", f"{name}.csr", "-subj", subject)
            signing = ("-CA", "ca.crt", "-CAkey", "ca.key", "-CAcreateserial", "-days", "2", "-extfile", "extensions")
            self._openssl("x509", "-req", "-in", f"{name}.csr", *signing, "-out", f"{name}.crt")
        self._openssl("pkey", "-in", "server.key", "-pubout", "-out", "server.pub")

    def _openssl(self, *words: str) -> None:
        subprocess.run(["openssl", *words], cwd=self.folder, check=True, capture_output=True)


_NEW_KEY = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes")


def path_of(kind: str, namespace: str | None) -> str:
    return _GROUPS[kind].format(namespace)
