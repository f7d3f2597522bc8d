// npm install mongodb
import { MongoClient } from "mongodb";

const client = new MongoClient("$uri");
console.log(await client.db("admin").command({ ping: 1 }));
await client.close();
