"""Social security cards 社会保障卡: the cards, the phones that show them, their certificates."""
