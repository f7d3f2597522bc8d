"""What people see of services, backups and stores: one object each, for the CLI and the console alike. Pure."""
