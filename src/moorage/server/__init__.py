"""The console's server: a versioned API, an event stream and the pages. It acts as the person who is signed in."""
