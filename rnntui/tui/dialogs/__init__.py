"""Screens that lie over another one: lists, settings, help, reports."""
