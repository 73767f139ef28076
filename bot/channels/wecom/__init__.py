"""WeCom (企业微信): what is particular to it, outbound."""
