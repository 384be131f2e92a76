"""A replay: a log that was, told again from its beginning, in a world that has no keys and can say nothing.

`opened` reads a log as it lies, `telling` folds it up to a moment, `marks` are the moments one looks for, `player` is
the clock, `shelf` is what can be replayed at this node, `serve` is the process that shows it.
"""
