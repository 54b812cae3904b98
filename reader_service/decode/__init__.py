"""Texts of the QR codes in a frame: an ordered list of decoders on the region that looks like one.

Used inside a camera's worker process only.
"""
