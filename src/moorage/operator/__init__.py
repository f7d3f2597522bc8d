"""The operator: observe, diagnose, plan, act. The only code that writes Kubernetes objects for a DataService."""
