"""Answers that go wrong on purpose: rules, which of them strikes, and what it does."""
