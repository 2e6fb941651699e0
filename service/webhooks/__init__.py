"""Messages that go out: where to, signed how, and tried until they arrive or are given up."""
