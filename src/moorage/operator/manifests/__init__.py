"""Every object of a service as a pure function of the service; one file per kind. No f-string YAML."""

from moorage.operator.manifests.build import Objects, build, key
from moorage.operator.manifests.context import Context, Manifest
from moorage.operator.manifests.secrets import INTERNAL

__all__ = ["INTERNAL", "Context", "Manifest", "Objects", "build", "key"]
