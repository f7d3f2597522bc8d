# pip install pymongo
from pymongo import MongoClient

with MongoClient("$uri") as client:
    print(client.admin.command("ping"))
