"""Invented suggestions of two years with what became of them, to try the service with."""

from service.demo.key import ready_key
from service.demo.seeding import seed

__all__ = ["ready_key", "seed"]
