from rewriter import finder

finder.install()
