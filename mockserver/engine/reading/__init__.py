"""Descriptions read: from anywhere, in any version, made self-contained and valid."""
