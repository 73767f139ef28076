"""All that is particular to a platform, one folder each; a notice goes in, the platform's own word on it comes out."""
