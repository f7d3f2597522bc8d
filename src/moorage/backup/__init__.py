"""Where backups are kept and how their bytes get there and back. Knows no Kubernetes and no engine."""
