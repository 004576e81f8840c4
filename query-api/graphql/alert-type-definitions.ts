/** The part of the schema that is about alerts. */
export const alertTypeDefinitions = `
extend type Query {
  "Alerts, the highest score first. A cursor belongs to the filter and sort that it was given for."
  alerts(filter: AlertFilter, first: Int = 50, after: String, sort: AlertSort = score): AlertConnection!
  "One alert; null where this tenant has none of that id."
  alert(alertId: ID!): Alert
  "How many alerts there are. Nothing but the filter narrows them."
  alertStats(filter: AlertFilter): AlertStats!
  "The rules that detection runs: the default ones, and those that the tenant has set."
  alertRules: [AlertRule!]!
}

"What people do with an alert; each answers it as it is then, and keeps the step with who did it."
type Mutation {
  "Say that somebody looks at it."
  acknowledgeAlert(alertId: ID!): Alert!
  "Keep it, and the next of the same trouble, out of sight for a time; survives a resolve."
  snoozeAlert(alertId: ID!, until: DateTime!): Alert!
  "Say that it is over; \`ALERT_STILL_FIRING\` while it is not, unless \`whenClear\`."
  resolveAlert(alertId: ID!, whenClear: Boolean = false): Alert!
  "Take back a resolve."
  reopenAlert(alertId: ID!): Alert!
  "Give it to somebody, or to nobody with null."
  assignAlert(alertId: ID!, assignee: String): Alert!
  "Write something to it."
  commentAlert(alertId: ID!, text: String!): Alert!
  "Say whether it was useful."
  feedbackAlert(alertId: ID!, verdict: AlertVerdict!): Alert!
  "Take back the last step but for comments."
  undoAlert(alertId: ID!): Alert!
}

extend type Subscription {
  """
  Alerts that came or changed, by reports or by people, looked for once a second among the 1000 newest that match. One
  that stopped matching is told once more.
  """
  alertChanged(filter: AlertFilter): Alert!
}

"All given conditions hold together; the members of a list are alternatives."
input AlertFilter {
  statuses: [AlertStatus!]
  states: [AlertState!]
  severities: [Severity!]
  deviceId: ID
  organizationId: String
  "Alerts whose last report is then or later."
  from: DateTime
  "Alerts whose first report is before then."
  to: DateTime
  "0 to 100."
  minScore: Int
  "Part of the title, in any case."
  search: String
  visibility: AlertVisibility = shown
  incidentId: ID
}

"Shown; kept out of sight; hidden at some time and chosen to be judged; or all."
enum AlertVisibility { shown hidden review all }

"The highest score first, or the last report first."
enum AlertSort { score newest }
"Whether it goes on; while its device is late or gives no data nobody can tell."
enum AlertState { FIRING LATE NO_DATA OK }
"What people made of it."
enum AlertStatus { OPEN ACKNOWLEDGED SNOOZED RESOLVED }
enum AlertVerdict { useful noise }

type AlertConnection {
  edges: [AlertEdge!]!
  nodes: [Alert!]!
  pageInfo: PageInfo!
  "All matching alerts, of every page."
  totalCount: Int!
}

type AlertEdge {
  cursor: String!
  node: Alert!
}

type Alert {
  alertId: ID!
  tenantId: ID!
  state: AlertState!
  status: AlertStatus!
  severity: Severity!
  title: String!
  "0 to 100: the sum of the terms' points."
  score: Float!
  terms: [ScoreTerm!]!
  scorer: Scorer!
  "In what circumstances it opened, as far as feedback is learned by them."
  circumstance: String
  "What makes it the same trouble as another alert."
  fingerprint: JSON!
  "The incident that it is part of."
  incident: AlertIncident
  "It is kept out of sight; and every time that it was, oldest first."
  hidden: Boolean!
  suppressions: [Suppression!]!
  "One of a random hundredth of what was hidden: somebody judges whether that was right."
  review: Boolean!
  "How often what lasts was over within half an hour, where that is flapping; else 0."
  flaps: Int!
  "The rule that found it, in which version, and what it saw; null where the events' own severity says so."
  rule: AlertFinding
  "Of the device that reported first."
  deviceId: ID
  organizationId: String
  "Reports folded into it, and the hosts they came from."
  count: Int!
  hosts: Int!
  firstEventTime: DateTime!
  lastEventTime: DateTime!
  assignee: String
  snoozedUntil: DateTime
  "It is resolved as soon as it no longer fires."
  resolveWhenClear: Boolean!
  verdict: AlertVerdict
  "What people did with it, oldest first: the audit."
  steps: [AlertStep!]!
  "The device as it is now."
  device: Device
}

type AlertFinding {
  ruleId: ID!
  version: Int!
  kind: String!
  summary: String!
}

"A rule of detection; REST says what \`detect\` holds."
type AlertRule {
  ruleId: ID!
  version: Int!
  "default or tenant."
  origin: String!
  title: String!
  severity: Severity!
  enabled: Boolean!
  organizationIds: [String!]
  deviceIds: [ID!]
  detect: JSON!
  changedAt: DateTime
  changedBy: String
}

type ScoreTerm {
  name: String!
  value: Float!
  weight: Float!
  points: Float!
  reason: String!
}

type Scorer {
  name: String!
  version: Int!
  "How many outcomes of alerts the tenant's model had learned from when the alert opened."
  model: Int!
}

type AlertStep {
  at: DateTime!
  "The token's id."
  by: String!
  "acknowledge, snooze, resolve, resolve-when-clear, reopen, assign, comment, feedback or undo."
  action: String!
  "The comment, the assignee, the verdict, or until when."
  detail: String
  before: AlertStatus!
  after: AlertStatus!
}

type AlertStats {
  total: Int!
  "Reports folded into those alerts."
  reports: Float!
  byStatus: [AlertStatusCount!]!
  byState: [AlertStateCount!]!
  bySeverity: [SeverityCount!]!
}

type AlertStatusCount {
  value: AlertStatus!
  count: Int!
}

type AlertStateCount {
  value: AlertState!
  count: Int!
}

type SeverityCount {
  value: Severity!
  count: Int!
}
`;
