"""Card functions 卡功能: registry, who has which, readers' lists, merged cards 多卡合一."""
