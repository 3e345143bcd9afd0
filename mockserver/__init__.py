"""A mock and contract-test server driven by an OpenAPI description."""

__version__ = "0.1.0"

__all__ = ["__version__"]
