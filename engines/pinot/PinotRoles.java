import java.io.File;
import java.io.IOException;
import java.io.Reader;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashMap;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.CountDownLatch;
import org.apache.pinot.broker.broker.helix.HelixBrokerStarter;
import org.apache.pinot.controller.ControllerStarter;
import org.apache.pinot.server.starter.helix.HelixServerStarter;
import org.apache.pinot.spi.env.PinotConfiguration;
import org.apache.pinot.spi.services.ServiceStartable;
import org.apache.zookeeper.server.NIOServerCnxnFactory;
import org.apache.zookeeper.server.ZooKeeperServer;

/**
 * Runs roles of Pinot in this process, started in the order of the arguments and stopped in reverse:
 * {@code zookeeper=PORT:FOLDER}, {@code controller=FILE}, {@code broker=FILE}, {@code server=FILE}.
 */
public final class PinotRoles {
  private static final int TICK_MS = 2_000;
  private static final int SHORTEST_SESSION_MS = 4_000;
  private static final int LONGEST_SESSION_MS = 60_000;
  private static final int CONNECTIONS = 200;

  private PinotRoles() {}

  public static void main(String[] roles) throws Exception {
    Deque<Runnable> stops = new ArrayDeque<>();
    Runtime.getRuntime().addShutdownHook(new Thread(() -> stopAll(stops)));
    for (String role : roles) {
      String[] parts = role.split("=", 2);
      Runnable stop = start(parts[0], parts[1]);
      synchronized (stops) {
        stops.push(stop);
      }
      System.out.println("started " + parts[0]);
    }
    new CountDownLatch(1).await();
  }

  private static Runnable start(String role, String argument) throws Exception {
    if (role.equals("zookeeper")) {
      String[] place = argument.split(":", 2);
      return startZooKeeper(Integer.parseInt(place[0]), new File(place[1]));
    }
    ServiceStartable service = create(role);
    service.init(new PinotConfiguration(read(Path.of(argument))));
    service.start();
    return service::stop;
  }

  private static ServiceStartable create(String role) {
    switch (role) {
      case "controller":
        return new ControllerStarter();
      case "broker":
        return new HelixBrokerStarter();
      case "server":
        return new HelixServerStarter();
      default:
        throw new IllegalArgumentException("no such role: " + role);
    }
  }

  private static Runnable startZooKeeper(int port, File folder) throws Exception {
    ZooKeeperServer server = new ZooKeeperServer(folder, folder, TICK_MS);
    server.setMinSessionTimeout(SHORTEST_SESSION_MS);
    server.setMaxSessionTimeout(LONGEST_SESSION_MS);
    NIOServerCnxnFactory connections = new NIOServerCnxnFactory();
    connections.configure(new InetSocketAddress(InetAddress.getByName("127.0.0.1"), port), CONNECTIONS);
    connections.startup(server);
    return connections::shutdown;
  }

  private static Map<String, Object> read(Path file) throws IOException {
    Properties properties = new Properties();
    try (Reader reader = Files.newBufferedReader(file)) {
      properties.load(reader);
    }
    Map<String, Object> settings = new HashMap<>();
    for (String name : properties.stringPropertyNames()) {
      settings.put(name, properties.getProperty(name));
    }
    return settings;
  }

  /** One role that cannot stop must not keep the others from it. */
  private static void stopAll(Deque<Runnable> stops) {
    synchronized (stops) {
      for (Runnable stop : stops) {
        try {
          stop.run();
        } catch (RuntimeException fault) {
          fault.printStackTrace();
        }
      }
    }
  }
}
