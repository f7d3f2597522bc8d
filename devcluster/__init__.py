"""A real three-node Kubernetes on one Debian machine: `python3 -m devcluster up`.

Only the standard library is used here: this package runs before any environment exists, it builds the ground for one.
"""

import sys

if sys.version_info < (3, 11):  # noqa: UP036 - on another system this is what a person sees first
    sys.exit(
        f"The development cluster needs Debian 12 with its Python 3.11, and this is Python {sys.version.split()[0]}.\n"
        "On any Kubernetes 1.30 or newer (kind, k3s, a cloud) Moorage is installed with:\n\n"
        "    helm install moorage charts/moorage --namespace moorage-system --create-namespace"
    )
