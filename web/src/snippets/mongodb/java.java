// org.mongodb:mongodb-driver-sync
import com.mongodb.client.MongoClients;
import org.bson.Document;

public class Ping {
    public static void main(String[] args) {
        try (var client = MongoClients.create("$uri")) {
            System.out.println(client.getDatabase("admin").runCommand(new Document("ping", 1)).toJson());
        }
    }
}
