"""What real services get wrong, as faults to put into a mock."""
