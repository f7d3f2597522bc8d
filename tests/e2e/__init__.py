"""Proof on the three real nodes. Needs `make up`."""
