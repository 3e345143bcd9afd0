"""The console: the page of the control API."""
