from moorage.server.telling.main import main

if __name__ == "__main__":
    main()
