"""Who used my data 谁用过我的信息 (S118): each resident's view of audit log and scans."""
