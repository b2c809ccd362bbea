"""`python -m devsys` is the command line."""

from devsys.cli import main

if __name__ == "__main__":
    main()
