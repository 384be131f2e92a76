"""A node's folder: its keys, certificates, compact and the terms of its worlds."""
