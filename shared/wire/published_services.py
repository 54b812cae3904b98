"""What this app offers, by the codes under which city and app speak of it.

The app's map shows exactly these; the city keeps a guide 服务指南 of each of them (S102).
"""

PUBLISHED_SERVICES = (
    *("card_loss", "family", "devices", "corrections", "licences"),
    *("code", "venues", "bookings", "library", "exams", "challenge", "attendance"),
    *("wallet", "shop", "subsidies"),
    *("timeline", "data_use", "consents", "data_copy", "records", "safe_check", "rating"),
    *("recommendations", "closing", "look", "help", "guides"),
)
