"""What a world keeps: its log and views on the disk, and what stands beside them."""
