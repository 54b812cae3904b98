"""Money: whole fen 分, never a fraction of one."""


def format_yuan(fen: int) -> str:
    """Return an amount for display, such as ¥12.50, with its sign before it."""
    yuan, rest = divmod(abs(fen), 100)
    return f"{'-' if fen < 0 else ''}¥{yuan:,}.{rest:02}"
