// com.mysql:mysql-connector-j
import java.sql.DriverManager;

public class Ask {
    public static void main(String[] args) throws Exception {
        try (var connection = DriverManager.getConnection("$jdbc-uri");
             var rows = connection.createStatement().executeQuery("SELECT CURRENT_USER()")) {
            rows.next();
            System.out.println(rows.getString(1));
        }
    }
}
