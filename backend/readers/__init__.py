"""Readers 读卡终端 at venues: their enrolment, what they download, and the scans they report."""
