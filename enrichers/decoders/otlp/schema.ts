import { parse, type Type } from 'protobufjs';

/**
 * The fields of OTLP 1.x that are read, with the numbers of
 * https://github.com/open-telemetry/opentelemetry-proto (common, resource, logs and metrics, all v1). Others
 * are skipped. Written as proto2, which has the same wire form, so that a zero that was sent is told from a
 * field that was not, and text that is not UTF-8 is read with replacement characters.
 */
const definitions = `
syntax = "proto2";

message AnyValue {
  optional string string_value = 1;
  optional bool bool_value = 2;
  optional int64 int_value = 3;
  optional double double_value = 4;
  optional ArrayValue array_value = 5;
  optional KeyValueList kvlist_value = 6;
  optional bytes bytes_value = 7;
}
message ArrayValue { repeated AnyValue values = 1; }
message KeyValueList { repeated KeyValue values = 1; }
message KeyValue {
  optional string key = 1;
  optional AnyValue value = 2;
}
message Resource { repeated KeyValue attributes = 1; }
message InstrumentationScope {
  optional string name = 1;
  optional string version = 2;
}

message ExportLogsServiceRequest { repeated ResourceLogs resource_logs = 1; }
message ResourceLogs {
  optional Resource resource = 1;
  repeated ScopeLogs scope_logs = 2;
}
message ScopeLogs {
  optional InstrumentationScope scope = 1;
  repeated LogRecord log_records = 2;
}
message LogRecord {
  optional fixed64 time_unix_nano = 1;
  optional uint32 severity_number = 2;
  optional string severity_text = 3;
  optional AnyValue body = 5;
  repeated KeyValue attributes = 6;
  optional bytes trace_id = 9;
  optional bytes span_id = 10;
  optional fixed64 observed_time_unix_nano = 11;
  optional string event_name = 12;
}

message ExportMetricsServiceRequest { repeated ResourceMetrics resource_metrics = 1; }
message ResourceMetrics {
  optional Resource resource = 1;
  repeated ScopeMetrics scope_metrics = 2;
}
message ScopeMetrics {
  optional InstrumentationScope scope = 1;
  repeated Metric metrics = 2;
}
message Metric {
  optional string name = 1;
  optional string unit = 3;
  optional Gauge gauge = 5;
  optional Sum sum = 7;
  optional Histogram histogram = 9;
  optional ExponentialHistogram exponential_histogram = 10;
  optional Summary summary = 11;
}
message Gauge { repeated NumberDataPoint data_points = 1; }
message Sum { repeated NumberDataPoint data_points = 1; }
message Histogram { repeated HistogramDataPoint data_points = 1; }
message ExponentialHistogram { repeated ExponentialHistogramDataPoint data_points = 1; }
message Summary { repeated SummaryDataPoint data_points = 1; }
message NumberDataPoint {
  optional fixed64 time_unix_nano = 3;
  optional double as_double = 4;
  optional sfixed64 as_int = 6;
  repeated KeyValue attributes = 7;
  optional uint32 flags = 8;
}
message HistogramDataPoint {
  optional fixed64 time_unix_nano = 3;
  optional fixed64 count = 4;
  optional double sum = 5;
  repeated KeyValue attributes = 9;
  optional uint32 flags = 10;
}
message ExponentialHistogramDataPoint {
  repeated KeyValue attributes = 1;
  optional fixed64 time_unix_nano = 3;
  optional fixed64 count = 4;
  optional double sum = 5;
  optional uint32 flags = 10;
}
message SummaryDataPoint {
  optional fixed64 time_unix_nano = 3;
  optional fixed64 count = 4;
  optional double sum = 5;
  repeated KeyValue attributes = 7;
  optional uint32 flags = 8;
}
`;

const { root } = parse(definitions);

/** The bodies that an exporter posts; their fields are named as in OTLP's JSON. */
export const exportLogsRequest: Type = root.lookupType('ExportLogsServiceRequest');
export const exportMetricsRequest: Type = root.lookupType('ExportMetricsServiceRequest');
