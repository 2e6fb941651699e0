"""What crosses the wire: the shapes of requests and answers, and their examples."""
