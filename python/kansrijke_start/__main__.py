"""`python -m kansrijke_start` is the command line."""

from kansrijke_start.cli import main

main()
