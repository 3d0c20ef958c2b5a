"""Certificates (수료증): their terms, the register, the paper, and the public check."""
