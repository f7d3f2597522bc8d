"""What fires, what is silenced and what was: from what Alertmanager and Prometheus answer to what people are shown. Pure."""
