"""Feishu and Lark (飞书): what is particular to them, outbound."""
