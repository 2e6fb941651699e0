"""Reports measured: how long 10,000 rows take."""
