/** The schema, as callers read it. Names and vocabularies are those of REST. */
export const typeDefinitions = `
"A moment in RFC 3339 with a zone, such as 2026-01-31T08:00:00Z."
scalar DateTime
"A length of time: a whole number followed by s, m, h or d, such as 30s, 5m, 1h or 1d."
scalar Duration
"Any JSON value."
scalar JSON

type Query {
  "Who asks."
  session: Session!
  "Events by event time. A cursor belongs to the filter and sort that it was given for."
  events(filter: EventFilter, first: Int = 50, after: String, sort: SortDirection = desc): EventConnection!
  "One event, whole; null where this tenant has none of that id."
  event(eventId: ID!): Event
  "For each facet its values, most frequent first. \`others\`: each counts what the other conditions leave."
  eventFacets(filter: EventFilter, limit: Int = 20, others: Boolean = false): EventFacets!
  "Counts over time. Buckets without events are left out."
  eventStats(filter: EventFilter, bucket: Duration, groupBy: EventFacet, top: Int = 10): EventStats!
  "Devices in ascending order of their ids."
  devices(filter: DeviceFilter, first: Int = 50, after: String): DeviceConnection!
  "One device; null where this tenant has none of that id."
  device(deviceId: ID!): Device
  deviceFacets: DeviceFacets!
  "A measurement over time: one series for each device and set of labels, at most 200, which named devices share evenly. The last hour where no time is given."
  metricSeries(
    name: String!
    deviceId: ID
    "These devices, instead of deviceId."
    deviceIds: [ID!]
    from: DateTime
    to: DateTime
    bucket: Duration
    agg: Aggregate = avg
  ): [MetricSeries!]!
  "What runs, how fast and how far behind."
  pipelines: [Pipeline!]!
  "How complete this answer is at least; every query's \`extensions\` say it too."
  completeness: Completeness!
}

type Subscription {
  "Matching events as they are committed. A reader that does not keep up gets \`extensions.dropped\` beside the next event."
  eventAdded(filter: EventFilter): Event!
  "The pipelines, again every so often (1s to 1h)."
  pipelineStats(every: Duration = "2s"): [Pipeline!]!
}

"All given conditions hold together; the members of a list are alternatives."
input EventFilter {
  "Events at or after this moment (event time)."
  from: DateTime
  "Events before this moment (event time)."
  to: DateTime
  eventTypes: [String!]
  toolTypes: [String!]
  severities: [Severity!]
  organizationIds: [String!]
  deviceId: ID
  "Words, each of which must start a word of the summary, the host name, the organization or the message; case does not matter."
  search: String
}

input DeviceFilter {
  status: DeviceStatus
  organizationId: String
  "Part of the id, host name or organization, in any case."
  search: String
}

enum SortDirection { asc desc }
enum Severity { DEBUG INFO WARNING ERROR CRITICAL }
enum DeviceStatus { ONLINE OFFLINE }
enum EventFacet { eventType toolType severity organizationId deviceId }
enum Aggregate { avg min max p50 p95 p99 sum count }
enum PipelineState { starting running stopped }

type Session {
  tenantId: ID!
  role: String!
}

type PageInfo {
  hasNextPage: Boolean!
  hasPreviousPage: Boolean!
  startCursor: String
  endCursor: String
}

type EventConnection {
  edges: [EventEdge!]!
  nodes: [Event!]!
  pageInfo: PageInfo!
  "All matching events, of every page."
  totalCount: Int!
}

type EventEdge {
  cursor: String!
  node: Event!
}

type Event {
  eventId: ID!
  tenantId: ID!
  source: String!
  sourceId: String!
  toolType: String!
  sourceType: String!
  eventType: String!
  severity: Severity!
  deviceId: ID
  hostname: String
  organizationId: String
  organizationName: String
  userId: String
  summary: String!
  eventTime: DateTime!
  ingestTime: DateTime!
  "The event's own data. Read from the event log, which makes a long list slow: ask for it on few events."
  data: JSON
  "Whether it has its device: complete, back-filled, device-missing, device-unlinked. Read as data is."
  deviceCompleteness: String!
  "The device as it is now."
  device: Device
}

type FacetValue {
  value: String!
  label: String!
  count: Int!
}

type EventFacets {
  eventType: [FacetValue!]!
  toolType: [FacetValue!]!
  severity: [FacetValue!]!
  organizationId: [FacetValue!]!
  deviceId: [FacetValue!]!
}

type EventStats {
  total: Int!
  "The width of a bucket, milliseconds."
  bucketMs: Float!
  buckets: [EventBucket!]!
}

type EventBucket {
  start: DateTime!
  count: Int!
  groups: [EventGroup!]!
}

type EventGroup {
  key: String!
  count: Int!
}

type DeviceConnection {
  edges: [DeviceEdge!]!
  nodes: [Device!]!
  pageInfo: PageInfo!
}

type DeviceEdge {
  cursor: String!
  node: Device!
}

type Device {
  deviceId: ID!
  tenantId: ID!
  hostname: String
  organizationId: String
  organizationName: String
  status: DeviceStatus!
  firstSeen: DateTime!
  lastSeen: DateTime!
  "What the device says of itself, as it came."
  inventory: JSON
}

"A value that is null: it is not known."
type DeviceFacetValue {
  value: String
  count: Int!
}

type DeviceFacets {
  status: [DeviceFacetValue!]!
  organizationId: [DeviceFacetValue!]!
  platform: [DeviceFacetValue!]!
}

type MetricSeries {
  deviceId: ID!
  labels: JSON!
  "[milliseconds since the epoch at which the bucket starts, value], ascending."
  points: [[Float!]!]!
  device: Device
}

type Completeness {
  "Every event that was accepted before this moment is in the answer; null where a pipeline has stopped."
  completeTo: DateTime
  late: Late!
}

type Late {
  "Devices that have not reported lately."
  devices: Int!
  ofDevices: Int!
  "The first of them, by id."
  deviceIds: [ID!]!
  "Pipelines that have stopped or are behind."
  pipelines: [LatePipeline!]!
}

type LatePipeline {
  name: String!
  state: PipelineState!
  "Records that wait before it."
  lag: Float!
  "Where they wait: topic/partition, most first."
  partitions: [String!]!
}

type Pipeline {
  name: String!
  state: PipelineState!
  reason: String
  from: [String!]!
  to: String!
  recordsIn: Float!
  recordsOut: Float!
  deadLetters: Float!
  ratePerSecond: Float!
  lag: Float!
  latencyMs: Latency!
  stages: [Stage!]!
}

"From acceptance to commit over the last minute, milliseconds."
type Latency {
  p50: Float!
  p99: Float!
  max: Float!
}

type Stage {
  name: String!
  recordsIn: Float!
  emitted: Float!
  dropped: [DropCount!]!
  deadLetters: Float!
  ratePerSecond: Float!
  microsPerRecord: Float!
}

type DropCount {
  reason: String!
  count: Float!
}
`;
