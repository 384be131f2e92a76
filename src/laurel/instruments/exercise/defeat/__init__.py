"""What stops missiles in an exercise, and nowhere else: every way in asks for a `Play`, which no live world gives."""
