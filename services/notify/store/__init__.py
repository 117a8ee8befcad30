"""Every read and write of notify's database: small functions, each change one atomic update."""
