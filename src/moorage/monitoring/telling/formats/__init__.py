"""What each service wants to be sent, and what its answers mean; a module each with `request` and `verdict`."""
