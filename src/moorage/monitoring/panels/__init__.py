"""What the dashboards show, besides what each engine's experts look at first (`engines/*/panels.py`)."""
