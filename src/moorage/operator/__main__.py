"""`python -m moorage.operator`."""

from moorage.operator.main import main

main()
