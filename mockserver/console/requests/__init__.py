"""What the control API tells of the requests that were made: shown, found, counted, followed."""
