import de.bwaldvogel.mongo.MongoServer;
import de.bwaldvogel.mongo.backend.h2.H2Backend;
import de.bwaldvogel.mongo.bson.Document;
import de.bwaldvogel.mongo.wire.message.MongoMessage;
import io.netty.channel.Channel;
import java.util.concurrent.CountDownLatch;
import org.h2.mvstore.MVStore;

/** A server of MongoDB's protocol over one file. Arguments: port, file. */
public final class DurableMongoServer {
  /** Overwritten pages are kept this long; the default of 45 s lets the file grow far beyond its content. */
  private static final int RETENTION_MS = 5_000;

  private DurableMongoServer() {}

  public static void main(String[] arguments) throws Exception {
    MVStore store = new MVStore.Builder().fileName(arguments[1]).open();
    store.setRetentionTime(RETENTION_MS);
    MongoServer server = new MongoServer(new CommittingBackend(store));
    server.bind("127.0.0.1", Integer.parseInt(arguments[0]));
    Runtime.getRuntime().addShutdownHook(new Thread(server::shutdown));
    System.out.println("started");
    new CountDownLatch(1).await();
  }

  /**
   * One command at a time. What it changed is handed to the operating system before it is answered, so that a killed
   * server keeps it; the answer is a copy, because the store's own documents change with the next command.
   */
  private static final class CommittingBackend extends H2Backend {
    CommittingBackend(MVStore store) {
      super(store);
    }

    @Override
    public synchronized Document handleMessage(MongoMessage message) {
      try {
        return super.handleMessage(message).cloneDeeply();
      } finally {
        commitChanges();
      }
    }

    @Override
    public synchronized Document handleCommand(Channel channel, String database, String command, Document query) {
      try {
        return super.handleCommand(channel, database, command, query).cloneDeeply();
      } finally {
        commitChanges();
      }
    }

    private void commitChanges() {
      if (getMvStore().hasUnsavedChanges()) {
        commit();
      }
    }
  }
}
