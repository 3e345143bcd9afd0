"""What of the descriptions the traffic of a sandbox touched, as JSON and as a page."""
