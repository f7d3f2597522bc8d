"""The cluster's certificate authority, its certificates and the kubeconfigs that hold them."""

import base64
import json
import tempfile
from dataclasses import dataclass
from pathlib import Path

from devcluster.config import API_SERVER, HOST_ADDRESS, KUBECONFIG, NODES, PKI
from devcluster.shell import run

DAYS = "3650"
API_NAMES = (
    f"IP:{HOST_ADDRESS},IP:127.0.0.1,IP:10.96.0.1,DNS:localhost,DNS:kubernetes,DNS:kubernetes.default,"
    "DNS:kubernetes.default.svc,DNS:kubernetes.default.svc.cluster.local"
)


@dataclass(frozen=True)
class Identity:
    """Whom a certificate names; with `kubeconfig`, somebody who signs in with it."""

    name: str
    subject: str
    addresses: str = ""
    kubeconfig: bool = True


IDENTITIES = (
    Identity("apiserver", "/CN=kube-apiserver", API_NAMES, kubeconfig=False),
    Identity("admin", "/O=system:masters/CN=admin"),
    Identity("controller-manager", "/CN=system:kube-controller-manager"),
    Identity("scheduler", "/CN=system:kube-scheduler"),
    Identity("proxy", "/CN=system:kube-proxy"),
    *(Identity(n.name, f"/O=system:nodes/CN=system:node:{n.name}", f"IP:{n.address},DNS:{n.name}") for n in NODES),
)


def ensure() -> bool:
    """Make everything on the first run, and later what a further node needs; whether anything was made.

    An authority without its last file is begun anew."""
    is_first = not KUBECONFIG.exists()
    if is_first:
        _found()
    wanted = [i for i in IDENTITIES if is_first or not _last_file(i).exists()]
    for identity in wanted:
        _certify(identity)
        if identity.kubeconfig:
            text = kubeconfig(identity.name, *(_base64(PKI / f) for f in _files(identity.name)))
            _last_file(identity).write_text(text)
    if is_first:
        KUBECONFIG.write_text((PKI / "admin.conf").read_text())
        KUBECONFIG.chmod(0o600)
    return bool(wanted)


def _found() -> None:
    PKI.mkdir(parents=True, exist_ok=True)
    PKI.chmod(0o700)
    subject = ("-subj", "/CN=moorage-development")
    _new_key(PKI / "ca.key")
    run("openssl", "req", "-x509", "-new", "-key", PKI / "ca.key", "-out", PKI / "ca.crt", "-days", DAYS, *subject)
    _new_key(PKI / "service-accounts.key")
    public = PKI / "service-accounts.pub"
    run("openssl", "pkey", "-in", PKI / "service-accounts.key", "-pubout", "-out", public)


def _last_file(identity: Identity) -> Path:
    return PKI / f"{identity.name}.{'conf' if identity.kubeconfig else 'crt'}"


def ensure_server(name: str, addresses: str) -> tuple[Path, Path]:
    """The certificate and key of a server that is none of Kubernetes' own, made when it is first asked for."""
    key, certificate = PKI / f"{name}.key", PKI / f"{name}.crt"
    if not certificate.exists():
        _certify(Identity(name, f"/CN={name}", addresses, kubeconfig=False))
    return certificate, key


def kubeconfig(user: str, authority: str, certificate: str, key: str) -> str:
    """A kubeconfig; JSON is YAML too."""
    return json.dumps(
        {
            "apiVersion": "v1",
            "kind": "Config",
            "clusters": [{"name": "moorage", "cluster": {"server": API_SERVER, "certificate-authority-data": authority}}],
            "users": [{"name": user, "user": {"client-certificate-data": certificate, "client-key-data": key}}],
            "contexts": [{"name": "moorage", "context": {"cluster": "moorage", "user": user}}],
            "current-context": "moorage",
        },
        indent=1,
    )


def _files(name: str) -> tuple[str, str, str]:
    return "ca.crt", f"{name}.crt", f"{name}.key"


def _base64(path: Path) -> str:
    return base64.b64encode(path.read_bytes()).decode()


def _new_key(path: Path) -> None:
    run("openssl", "genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256", "-out", path)


def _certify(identity: Identity) -> None:
    key, certificate = PKI / f"{identity.name}.key", PKI / f"{identity.name}.crt"
    _new_key(key)
    request = run("openssl", "req", "-new", "-key", key, "-subj", identity.subject)
    extensions = "extendedKeyUsage=clientAuth,serverAuth\n"
    if identity.addresses:
        extensions += f"subjectAltName={identity.addresses}\n"
    authority = ("-CA", PKI / "ca.crt", "-CAkey", PKI / "ca.key", "-CAcreateserial")
    with tempfile.NamedTemporaryFile("w", suffix=".ext") as file:
        file.write(extensions)
        file.flush()
        signed = run("openssl", "x509", "-req", *authority, "-days", DAYS, "-extfile", file.name, stdin=request)
    certificate.write_text(signed)
