"""`python -m laurel.cli`."""

from laurel.cli import main

main()
