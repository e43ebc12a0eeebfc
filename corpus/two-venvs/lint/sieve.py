def main():
    print("sieve")
