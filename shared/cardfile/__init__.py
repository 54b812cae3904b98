"""The physical social security card 社会保障卡 as bytes: its commands and its records.

After LD/T 32-2015 as far as public; nothing here knows a reader or does input and output.
"""
