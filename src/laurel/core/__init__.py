"""What everything is made of: records, labels, members, instruments. Pure."""
