// go get go.mongodb.org/mongo-driver/v2
package main

import (
	"context"
	"fmt"

	"go.mongodb.org/mongo-driver/v2/bson"
	"go.mongodb.org/mongo-driver/v2/mongo"
	"go.mongodb.org/mongo-driver/v2/mongo/options"
)

func main() {
	ctx := context.Background()
	client, err := mongo.Connect(options.Client().ApplyURI("$uri"))
	if err != nil {
		panic(err)
	}
	defer client.Disconnect(ctx)
	var answer bson.M
	if err := client.Database("admin").RunCommand(ctx, bson.M{"ping": 1}).Decode(&answer); err != nil {
		panic(err)
	}
	fmt.Println(answer)
}
