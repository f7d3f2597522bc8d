"""How people are told of alerts in their chat: from what Alertmanager sends to what each service wants. Pure."""
