// go get github.com/go-sql-driver/mysql
package main

import (
	"database/sql"
	"fmt"

	_ "github.com/go-sql-driver/mysql"
)

func main() {
	db, err := sql.Open("mysql", "$go-uri")
	if err != nil {
		panic(err)
	}
	defer db.Close()
	var user string
	if err := db.QueryRow("SELECT CURRENT_USER()").Scan(&user); err != nil {
		panic(err)
	}
	fmt.Println(user)
}
