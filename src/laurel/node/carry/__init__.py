"""What carries: the node's NATS server, and the courier between it and the peers' servers."""
