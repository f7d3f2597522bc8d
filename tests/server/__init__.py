"""The console's server as a process of its own, against a private API server on this machine's loopback."""
