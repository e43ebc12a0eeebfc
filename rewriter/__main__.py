"""`python -m rewriter` is `dfopt`."""
from rewriter.cli.main import main

main()
