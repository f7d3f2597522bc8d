"""The console's pages as a person walks them: a real Chromium, the built pages, the real server, a private API server."""
