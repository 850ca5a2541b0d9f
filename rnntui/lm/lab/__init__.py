"""The stations of the lab: each computes one mechanism of a recurrent network on the loaded model or on a toy.

Every module has `run(bench)`, an iterator of `Progress` that ends with one `Finding`. Results are frozen dataclasses of
numbers and text; no tensor leaves this folder. Texts and titles of the stations are the service's.
"""
