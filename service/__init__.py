"""The HTTP service: requests in, the library's own records out. It decides nothing that the library does not."""
