"""Learning from an exercise: what its signed logs tell of it, as an after-action review. All of it is pure."""
