"""The running cluster's API server, as one person or one ServiceAccount sees it."""

import json
import os
import subprocess
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import yaml

from devcluster.config import BIN

Object = dict[str, Any]


@dataclass(frozen=True)
class Answer:
    """What the server said. `text` is the refusal when it was one."""

    accepted: bool
    text: str


@dataclass(frozen=True)
class Server:
    """kubectl with one kubeconfig, in one namespace."""

    kubeconfig: Path
    namespace: str

    def ask(self, *arguments: str, stdin: Object | None = None) -> Answer:
        environment = {**os.environ, "PATH": f"{BIN}:{os.environ['PATH']}"}
        command = ["kubectl", f"--kubeconfig={self.kubeconfig}", f"--namespace={self.namespace}", *arguments]
        body = None if stdin is None else json.dumps(stdin)
        done = subprocess.run(command, input=body, env=environment, capture_output=True, text=True, timeout=60, check=False)
        return Answer(done.returncode == 0, done.stdout if done.returncode == 0 else done.stderr.strip())

    def must(self, *arguments: str, stdin: Object | None = None) -> str:
        answer = self.ask(*arguments, stdin=stdin)
        assert answer.accepted, f"kubectl {' '.join(arguments)}: {answer.text}"
        return answer.text

    def create(self, manifest: Object) -> None:
        self.must("create", "-f", "-", stdin=manifest)

    def would_create(self, name: str, **spec: Any) -> Answer:
        """Whether a DataService of that name and spec would be taken."""
        return self.ask("create", "--dry-run=server", "-f", "-", stdin=dataservice(name, **spec))

    def would_change(self, name: str, **spec: Any) -> Answer:
        patch = json.dumps({"spec": spec})
        return self.ask("patch", "dataservice", name, "--dry-run=server", "--type=merge", f"--patch={patch}")

    def may(self, user: str, verb: str, resource: str, *, name: str = "", namespace: str | None = None) -> bool:
        """A SubjectAccessReview: `resource` is `group/resource[/subresource]`, the core group's is `/resource`."""
        group, _, rest = resource.partition("/")
        plural, _, subresource = rest.partition("/")
        attributes = {
            "namespace": self.namespace if namespace is None else namespace,
            "verb": verb,
            "group": group,
            "resource": plural,
            "subresource": subresource,
            "name": name,
        }
        groups = ["system:authenticated", "system:serviceaccounts"]
        review = {
            "apiVersion": "authorization.k8s.io/v1",
            "kind": "SubjectAccessReview",
            "spec": {"user": user, "groups": groups, "resourceAttributes": attributes},
        }
        answer = json.loads(self.must("create", "-o", "json", "-f", "-", stdin=review))
        return bool(answer["status"]["allowed"])

    def with_token(self, token: str, folder: Path) -> "Server":
        """The same server as the bearer of a token, without the certificate of this kubeconfig's person."""
        config = yaml.safe_load(self.kubeconfig.read_text())
        context = next(c for c in config["contexts"] if c["name"] == config["current-context"])
        user = context["context"]["user"]
        config["users"] = [{"name": user, "user": {"token": token}}]
        path = folder / "kubeconfig"
        path.write_text(yaml.safe_dump(config))
        return replace(self, kubeconfig=path)


def dataservice(name: str, **spec: Any) -> Object:
    return {
        "apiVersion": "moorage.dev/v1",
        "kind": "DataService",
        "metadata": {"name": name},
        "spec": {"engine": "mongodb", **spec},
    }
