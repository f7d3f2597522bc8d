"""Moorage: a highly reliable database service on Kubernetes."""

__version__ = "0.1.0"
