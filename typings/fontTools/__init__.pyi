"""What Laurel uses of fontTools, typed; the package is not."""
