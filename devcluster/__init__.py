"""A real three-node Kubernetes on one Debian machine: `python3 -m devcluster up`.

Only the standard library is used here: this package runs before any environment exists, it builds the ground for one.
"""
