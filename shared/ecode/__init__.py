"""The e-card code 电子社保卡动态码: shown by a phone, verified by a reader, both offline.

The issuer certifies a device key for some hours; the device signs the moment. `layout` has the
bytes, `digits` their carrier, `verify` the order of checks, `reasons` the words of each refusal.
"""
