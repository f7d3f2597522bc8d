MYSQL_PWD='$password' mysql --host='$host' --port='$port' --user='$username' --execute='SELECT CURRENT_USER()' '$database'
