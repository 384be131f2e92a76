"""What may leave and what may enter. Pure: every decision is a value that names its policy."""
