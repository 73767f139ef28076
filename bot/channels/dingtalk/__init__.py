"""DingTalk (钉钉): what is particular to it, outbound."""
