"""Data sharing 数据共享 (S116): agreements, what is answered under them, and their assessments."""
