"""What is measured, drawn and warned of, as data: for Prometheus, its rules, dashboards and documents."""
