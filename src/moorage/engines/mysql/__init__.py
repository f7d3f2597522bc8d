"""MySQL with Group Replication: one primary, the group's own vote."""
