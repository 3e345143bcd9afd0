"""What of a description its traffic touches: the points there are, and those that were met."""
