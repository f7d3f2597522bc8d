"""MongoDB as a replica set. Imports nothing: the agent must not pay for what only the operator needs."""
