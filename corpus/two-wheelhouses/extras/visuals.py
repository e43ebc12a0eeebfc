print("visuals")
