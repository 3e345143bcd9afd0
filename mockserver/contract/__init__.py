"""Whether a server keeps its contract: a live server compared with the mock, call by call."""
