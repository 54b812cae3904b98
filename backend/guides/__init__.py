"""Guides 服务指南: of each published item, who may, what it takes, how and where; kept fresh."""
