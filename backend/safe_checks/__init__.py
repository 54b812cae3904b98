"""Daily safe checks 每日报平安: an elder says that they are well; who does not is looked after."""
