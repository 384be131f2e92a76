"""The shells: disk, network, time. Everything that decides lies below."""
