def main():
    print("tally")
