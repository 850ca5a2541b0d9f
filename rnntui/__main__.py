"""`python -m rnntui` is the same as `rnntui`."""

from rnntui.cli import main

if __name__ == "__main__":
    main()
