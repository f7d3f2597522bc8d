"""The only door to the Kubernetes API: client, reflector, watch, work queue, lease."""
