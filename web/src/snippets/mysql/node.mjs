// npm install mysql2
import mysql from "mysql2/promise";

const connection = await mysql.createConnection("$node-uri");
const [rows] = await connection.query("SELECT CURRENT_USER() AS user");
console.log(rows[0].user);
await connection.end();
