"""The mock's own control API."""
