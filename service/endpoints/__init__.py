"""One module a subject: requests in, what the library or the store says out."""
