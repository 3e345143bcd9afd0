"""The Pieces Assets API as a service team would write it: Flask, SQLite, nothing of the mock."""
