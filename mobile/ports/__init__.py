"""The phone's own parts: each a small interface, one for a desktop and one for Android.

What stands in a file `android.py` was written from Android's documentation and has not run on a
phone yet.
"""
