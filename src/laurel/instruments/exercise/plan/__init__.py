"""What an exercise is for, who takes part, what is injected when, and what is expected to follow."""
