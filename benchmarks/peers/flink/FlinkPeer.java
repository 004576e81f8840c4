import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import org.apache.flink.api.common.eventtime.WatermarkStrategy;
import org.apache.flink.api.common.functions.OpenContext;
import org.apache.flink.api.common.state.StateTtlConfig;
import org.apache.flink.api.common.state.ValueState;
import org.apache.flink.api.common.state.ValueStateDescriptor;
import org.apache.flink.api.common.typeinfo.PrimitiveArrayTypeInfo;
import org.apache.flink.api.common.typeinfo.TypeInformation;
import org.apache.flink.api.common.typeinfo.Types;
import org.apache.flink.api.java.tuple.Tuple3;
import org.apache.flink.configuration.CheckpointingOptions;
import org.apache.flink.configuration.Configuration;
import org.apache.flink.configuration.CoreOptions;
import org.apache.flink.configuration.PipelineOptions;
import org.apache.flink.configuration.StateBackendOptions;
import org.apache.flink.connector.base.DeliveryGuarantee;
import org.apache.flink.connector.kafka.sink.KafkaRecordSerializationSchema;
import org.apache.flink.connector.kafka.sink.KafkaSink;
import org.apache.flink.connector.kafka.source.KafkaSource;
import org.apache.flink.connector.kafka.source.enumerator.initializer.OffsetsInitializer;
import org.apache.flink.connector.kafka.source.reader.deserializer.KafkaRecordDeserializationSchema;
import org.apache.flink.streaming.api.environment.StreamExecutionEnvironment;
import org.apache.flink.streaming.api.functions.KeyedProcessFunction;
import org.apache.flink.util.Collector;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.KafkaConsumer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.serialization.ByteArrayDeserializer;

/**
 * The job on Flink's local mini cluster: state on the heap, keyed by the event's id, forgotten ten minutes of the wall's
 * clock after it was written. A record is (key, id, value). Arguments: brokers, prefix, guarantee of the sink, folder of
 * checkpoints.
 */
public class FlinkPeer {
    public static class ReadId implements KafkaRecordDeserializationSchema<Tuple3<byte[], String, byte[]>> {
        private transient ObjectMapper json;

        /** The stream is keyed by the id, which is found without a tree. */
        public void deserialize(ConsumerRecord<byte[], byte[]> record, Collector<Tuple3<byte[], String, byte[]>> out)
            throws IOException {
            if (json == null) json = new ObjectMapper();
            try (JsonParser parser = json.getFactory().createParser(record.value())) {
                while (parser.nextToken() != null) {
                    if (parser.currentToken() != JsonToken.FIELD_NAME || !"eventId".equals(parser.currentName())) continue;
                    parser.nextToken();
                    out.collect(Tuple3.of(record.key(), parser.getText(), record.value()));
                    return;
                }
            }
        }

        public TypeInformation<Tuple3<byte[], String, byte[]>> getProducedType() {
            TypeInformation<byte[]> bytes = PrimitiveArrayTypeInfo.BYTE_PRIMITIVE_ARRAY_TYPE_INFO;
            return Types.TUPLE(bytes, Types.STRING, bytes);
        }
    }

    public static class DedupeAndEnrich
        extends KeyedProcessFunction<String, Tuple3<byte[], String, byte[]>, Tuple3<byte[], String, byte[]>> {
        private final String brokers;
        private final String topic;
        private transient ValueState<Boolean> seen;
        private transient ObjectMapper json;
        private transient Map<String, JsonNode> devices;

        DedupeAndEnrich(String brokers, String topic) {
            this.brokers = brokers;
            this.topic = topic;
        }

        public void open(OpenContext context) throws IOException {
            json = new ObjectMapper();
            ValueStateDescriptor<Boolean> state = new ValueStateDescriptor<>("seen", Types.BOOLEAN);
            state.enableTimeToLive(StateTtlConfig.newBuilder(Duration.ofMinutes(10)).build());
            seen = getRuntimeContext().getState(state);
            devices = readDevices(brokers, topic);
        }

        public void processElement(
            Tuple3<byte[], String, byte[]> event, Context context, Collector<Tuple3<byte[], String, byte[]>> out)
            throws Exception {
            if (seen.value() != null) return;
            seen.update(Boolean.TRUE);
            ObjectNode value = (ObjectNode) json.readTree(event.f2);
            String device = value.get("tenantId").textValue() + ":" + value.get("deviceId").textValue();
            value.setAll((ObjectNode) devices.get(device));
            event.f2 = json.writeValueAsBytes(value);
            out.collect(event);
        }
    }

    static Map<String, JsonNode> readDevices(String brokers, String topic) throws IOException {
        Map<String, JsonNode> devices = new HashMap<>();
        ObjectMapper json = new ObjectMapper();
        Properties settings = new Properties();
        settings.put("bootstrap.servers", brokers);
        ByteArrayDeserializer bytes = new ByteArrayDeserializer();
        try (KafkaConsumer<byte[], byte[]> consumer = new KafkaConsumer<>(settings, bytes, bytes)) {
            List<TopicPartition> partitions = new ArrayList<>();
            consumer.partitionsFor(topic).forEach(p -> partitions.add(new TopicPartition(p.topic(), p.partition())));
            consumer.assign(partitions);
            consumer.seekToBeginning(partitions);
            long count = consumer.endOffsets(partitions).values().stream().mapToLong(end -> end).sum();
            for (long read = 0; read < count;) {
                for (ConsumerRecord<byte[], byte[]> record : consumer.poll(Duration.ofMillis(200))) {
                    read++;
                    devices.put(new String(record.key(), StandardCharsets.UTF_8), json.readTree(record.value()));
                }
            }
        }
        return devices;
    }

    public static class Write implements KafkaRecordSerializationSchema<Tuple3<byte[], String, byte[]>> {
        private final String topic;

        Write(String topic) {
            this.topic = topic;
        }

        public ProducerRecord<byte[], byte[]> serialize(
            Tuple3<byte[], String, byte[]> event, KafkaSinkContext context, Long timestamp) {
            return new ProducerRecord<>(topic, event.f0, event.f2);
        }
    }

    public static void main(String[] args) throws Exception {
        String brokers = args[0];
        String prefix = args[1];
        boolean isExactlyOnce = args[2].equals("exactly_once");
        String run = prefix + "flink-" + Path.of(args[3]).getFileName();
        Configuration settings = new Configuration();
        settings.set(CoreOptions.DEFAULT_PARALLELISM, 2);
        settings.set(StateBackendOptions.STATE_BACKEND, "hashmap");
        settings.set(CheckpointingOptions.CHECKPOINT_STORAGE, "filesystem");
        settings.set(CheckpointingOptions.CHECKPOINTS_DIRECTORY, "file://" + args[3]);
        settings.set(PipelineOptions.OBJECT_REUSE, true);
        StreamExecutionEnvironment environment = StreamExecutionEnvironment.createLocalEnvironment(settings);
        environment.enableCheckpointing(isExactlyOnce ? 1000 : 10000);
        KafkaSource<Tuple3<byte[], String, byte[]>> source =
            KafkaSource.<Tuple3<byte[], String, byte[]>>builder()
                .setBootstrapServers(brokers)
                .setTopics(prefix + "peer.events")
                .setGroupId(run)
                .setStartingOffsets(OffsetsInitializer.earliest())
                .setDeserializer(new ReadId())
                .setProperty("max.partition.fetch.bytes", "4194304")
                .setProperty("fetch.min.bytes", "65536")
                .setProperty("fetch.max.wait.ms", "50")
                .setProperty("max.poll.records", "5000")
                .build();
        KafkaSink<Tuple3<byte[], String, byte[]>> sink =
            KafkaSink.<Tuple3<byte[], String, byte[]>>builder()
                .setBootstrapServers(brokers)
                .setRecordSerializer(new Write(prefix + "peer.out"))
                .setDeliveryGuarantee(isExactlyOnce ? DeliveryGuarantee.EXACTLY_ONCE : DeliveryGuarantee.AT_LEAST_ONCE)
                .setTransactionalIdPrefix(run)
                .setProperty("linger.ms", "20")
                .setProperty("batch.size", "262144")
                .setProperty("transaction.timeout.ms", "600000")
                .build();
        environment
            .fromSource(source, WatermarkStrategy.noWatermarks(), "events")
            .keyBy(event -> event.f1, Types.STRING)
            .process(new DedupeAndEnrich(brokers, prefix + "telemetry.devices.v1"))
            .returns(new ReadId().getProducedType())
            .sinkTo(sink);
        environment.execute("peer");
    }
}
