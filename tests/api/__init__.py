"""Proof against a real API server. Needs `make up`; what can be is asked as a dry run, so nothing is deployed."""
