"""What the benchmarks of raids share: scenes, their scores, and Stone Soup set up for them."""
