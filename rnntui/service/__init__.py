"""What the program can do: joins the language model and the store. Threads and processes live here.

Modules here import `rnntui.lm` inside functions only, so that a screen can open before torch is loaded.
"""
