"""The library network 图书馆: borrowing by the card, holds, fines, and machines over SIP2."""
