"""What Laurel uses of nats-py, typed; the package leaves much of it unknown."""
