"""Pictures of every screen at four sizes, dark and light: what a change did to a screen is seen beside the one before.

    python -m tests.pictures OUTDIR [--only NAME ...] [--size 80x24 ...] [--theme light]

A picture is an SVG of the real app without a terminal; with `rsvg-convert` at hand a PNG stands beside it. `SCENES`
says how each is reached, `WORLDS` what the app finds: both with fixed seeds and dates, in a folder that is thrown away.
"""
