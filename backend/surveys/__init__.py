"""Surveys 满意度评价: one tap after a visit, counted so that nobody's answer can be told."""
