import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Properties;
import org.apache.kafka.common.serialization.Deserializer;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.serialization.Serdes;
import org.apache.kafka.common.serialization.Serializer;
import org.apache.kafka.streams.KafkaStreams;
import org.apache.kafka.streams.KeyValue;
import org.apache.kafka.streams.StreamsBuilder;
import org.apache.kafka.streams.StreamsConfig;
import org.apache.kafka.streams.kstream.Consumed;
import org.apache.kafka.streams.kstream.GlobalKTable;
import org.apache.kafka.streams.kstream.Materialized;
import org.apache.kafka.streams.kstream.Produced;
import org.apache.kafka.streams.processor.PunctuationType;
import org.apache.kafka.streams.processor.api.FixedKeyProcessor;
import org.apache.kafka.streams.processor.api.FixedKeyProcessorContext;
import org.apache.kafka.streams.processor.api.FixedKeyRecord;
import org.apache.kafka.streams.state.KeyValueIterator;
import org.apache.kafka.streams.state.KeyValueStore;
import org.apache.kafka.streams.state.Stores;

/**
 * The job on Kafka Streams: a key-value store of ids in memory with its changelog, cleaned by stream time, and a global
 * table of devices. The usual window store costs more CPU than this. Arguments: brokers, prefix, processing guarantee,
 * state folder, and `steady` to be tuned for little delay instead of speed.
 */
public class KafkaStreamsPeer {
    static final ObjectMapper JSON = new ObjectMapper();
    static final long WINDOW_MS = Duration.ofMinutes(10).toMillis();

    static class JsonSerde implements Serde<JsonNode> {
        public Serializer<JsonNode> serializer() {
            return (topic, value) -> {
                try {
                    return value == null ? null : JSON.writeValueAsBytes(value);
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            };
        }

        public Deserializer<JsonNode> deserializer() {
            return (topic, bytes) -> {
                try {
                    return bytes == null ? null : JSON.readTree(bytes);
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            };
        }
    }

    static class Dedupe implements FixedKeyProcessor<String, JsonNode, JsonNode> {
        private FixedKeyProcessorContext<String, JsonNode> context;
        private KeyValueStore<String, Long> seen;

        public void init(FixedKeyProcessorContext<String, JsonNode> given) {
            context = given;
            seen = given.getStateStore("seen");
            given.schedule(Duration.ofMinutes(1), PunctuationType.STREAM_TIME, this::forget);
        }

        public void process(FixedKeyRecord<String, JsonNode> record) {
            String id = record.value().get("eventId").textValue();
            Long before = seen.get(id);
            if (before != null && record.timestamp() - before < WINDOW_MS) return;
            seen.put(id, record.timestamp());
            context.forward(record);
        }

        private void forget(long now) {
            try (KeyValueIterator<String, Long> all = seen.all()) {
                while (all.hasNext()) {
                    KeyValue<String, Long> entry = all.next();
                    if (now - entry.value > WINDOW_MS) seen.delete(entry.key);
                }
            }
        }
    }

    static JsonNode enriched(JsonNode event, JsonNode device) {
        if (device != null) ((ObjectNode) event).setAll((ObjectNode) device);
        return event;
    }

    static Properties settings(String[] args) {
        boolean isExactlyOnce = args[2].equals("exactly_once_v2");
        Properties settings = new Properties();
        settings.put(StreamsConfig.APPLICATION_ID_CONFIG, args[1] + "kafka-streams-" + Path.of(args[3]).getFileName());
        settings.put(StreamsConfig.BOOTSTRAP_SERVERS_CONFIG, args[0]);
        settings.put(StreamsConfig.PROCESSING_GUARANTEE_CONFIG, args[2]);
        settings.put(StreamsConfig.NUM_STREAM_THREADS_CONFIG, 2);
        settings.put(StreamsConfig.COMMIT_INTERVAL_MS_CONFIG, isExactlyOnce ? 100 : 1000);
        settings.put(StreamsConfig.STATE_DIR_CONFIG, args[3]);
        settings.put(StreamsConfig.REPLICATION_FACTOR_CONFIG, 1);
        settings.put(StreamsConfig.consumerPrefix("auto.offset.reset"), "earliest");
        settings.put(StreamsConfig.consumerPrefix("max.poll.records"), 5000);
        settings.put(StreamsConfig.consumerPrefix("max.partition.fetch.bytes"), 4 << 20);
        settings.put(StreamsConfig.consumerPrefix("fetch.min.bytes"), 65536);
        settings.put(StreamsConfig.consumerPrefix("fetch.max.wait.ms"), 50);
        settings.put(StreamsConfig.producerPrefix("linger.ms"), 20);
        settings.put(StreamsConfig.producerPrefix("batch.size"), 262144);
        settings.put(StreamsConfig.producerPrefix("buffer.memory"), 64 << 20);
        if (args.length > 4) {
            settings.put(StreamsConfig.COMMIT_INTERVAL_MS_CONFIG, isExactlyOnce ? 20 : 1000);
            settings.put(StreamsConfig.consumerPrefix("fetch.min.bytes"), 1);
            settings.put(StreamsConfig.producerPrefix("linger.ms"), 5);
        }
        // The least that the brokers' defaults allow: a killed member is noticed after it.
        settings.put(StreamsConfig.consumerPrefix("session.timeout.ms"), 6000);
        settings.put(StreamsConfig.consumerPrefix("heartbeat.interval.ms"), 1500);
        return settings;
    }

    public static void main(String[] args) {
        String prefix = args[1];
        StreamsBuilder builder = new StreamsBuilder();
        builder.addStateStore(
            Stores.keyValueStoreBuilder(Stores.inMemoryKeyValueStore("seen"), Serdes.String(), Serdes.Long()));
        GlobalKTable<String, JsonNode> devices = builder.globalTable(
            prefix + "telemetry.devices.v1",
            Consumed.with(Serdes.String(), new JsonSerde()),
            Materialized.<String, JsonNode>as(Stores.inMemoryKeyValueStore("devices"))
                .withKeySerde(Serdes.String())
                .withValueSerde(new JsonSerde()));
        builder.stream(prefix + "peer.events", Consumed.with(Serdes.String(), (Serde<JsonNode>) new JsonSerde()))
            .processValues(Dedupe::new, "seen")
            .leftJoin(
                devices,
                (key, event) -> event.get("tenantId").textValue() + ":" + event.get("deviceId").textValue(),
                KafkaStreamsPeer::enriched)
            .to(prefix + "peer.out", Produced.with(Serdes.String(), new JsonSerde()));
        Properties settings = settings(args);
        KafkaStreams streams = new KafkaStreams(builder.build(settings), settings);
        Runtime.getRuntime().addShutdownHook(new Thread(() -> streams.close(Duration.ofSeconds(10))));
        streams.start();
    }
}
