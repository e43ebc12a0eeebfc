s/@title@/The site/
