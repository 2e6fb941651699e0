"""Invented suggestions of two years with what became of them, to try the service with."""

from service.demo.seeding import seed

__all__ = ["seed"]
