"""``python -m triage.learning.prechecking``: learn the models anew and write them beside the package's tables."""

from triage.learning.prechecking.learn import main

main()
