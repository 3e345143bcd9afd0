"""Handlers made from what was inferred: lists, records, actions, and refusals that tell true."""
