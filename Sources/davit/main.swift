print("davit")
