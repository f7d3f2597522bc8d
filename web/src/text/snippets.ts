/** How to connect from each language. Pure: what is shown is what a test runs against the real engine. */

export type SnippetLanguage = "shell" | "python" | "java" | "go" | "node";
export const LANGUAGES: { key: SnippetLanguage; label: string }[] = [
  { key: "shell", label: "Shell" },
  { key: "python", label: "Python" },
  { key: "java", label: "Java" },
  { key: "go", label: "Go" },
  { key: "node", label: "Node.js" },
];

type Write = (uri: string) => string;
const text = (value: string) => JSON.stringify(value);
/** For a POSIX shell, whatever the password holds. */
export const quoted = (value: string) => `'${value.replaceAll("'", "'\\''")}'`;

const MONGODB: Record<SnippetLanguage, Write> = {
  shell: (uri) => `mongosh ${quoted(uri)} --eval 'db.runCommand({ping: 1})'`,
  python: (uri) => `# pip install pymongo
from pymongo import MongoClient

with MongoClient(${text(uri)}) as client:
    print(client.admin.command("ping"))`,
  java: (uri) => `// org.mongodb:mongodb-driver-sync
import com.mongodb.client.MongoClients;
import org.bson.Document;

public class Ping {
    public static void main(String[] args) {
        try (var client = MongoClients.create(${text(uri)})) {
            System.out.println(client.getDatabase("admin").runCommand(new Document("ping", 1)));
        }
    }
}`,
  go: (uri) => `// go get go.mongodb.org/mongo-driver/v2
package main

import (
	"context"
	"fmt"

	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"
)

func main() {
	client, err := mongo.Connect(options.Client().ApplyURI(${text(uri)}))
	if err != nil {
		panic(err)
	}
	defer client.Disconnect(context.Background())
	fmt.Println(client.Ping(context.Background(), nil))
}`,
  node: (uri) => `// npm install mongodb
import { MongoClient } from "mongodb";

const client = new MongoClient(${text(uri)});
console.log(await client.db("admin").command({ ping: 1 }));
await client.close();`,
};

const BY_TYPE: Record<string, Record<SnippetLanguage, Write>> = { mongodb: MONGODB };

/** `type`: as in the service's Secret; null when this type has no snippet in this language. */
export function snippet(type: string, language: SnippetLanguage, uri: string): string | null {
  return BY_TYPE[type]?.[language](uri) ?? null;
}

export const MASK = "••••••••";

/** The address with its password covered, to be shown; what is copied is the real one. */
export function masked(uri: string, password: string): string {
  return password ? uri.replaceAll(encodeURIComponent(password), MASK).replaceAll(password, MASK) : uri;
}
