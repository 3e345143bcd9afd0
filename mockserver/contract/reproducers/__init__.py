"""Findings for others to see: a shell script with curl lines, and a pytest file."""
