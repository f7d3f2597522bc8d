"""From what a person asks for, on a command line or a page, to the resource that is sent. Pure."""
