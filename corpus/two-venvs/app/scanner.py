def main():
    print("scanner")
