"""What Laurel uses of Stone Soup, typed."""
