"""Records that other authorities hold of a person 档案查询: looked up for them, never kept here."""
