"""What moves in a scenario: one file for each family, with what a file says of it and where it truly is."""
