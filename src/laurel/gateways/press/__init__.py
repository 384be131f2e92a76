"""What the press wrote, as an officer reads it: feeds and saved articles. Nothing here is filed: that is the officer's.

Whatever is wrong with a file is said in `findings`, and the rest is read all the same.
"""
