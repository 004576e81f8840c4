/** The part of the schema that is about incidents, windows and what is hidden. */
export const incidentTypeDefinitions = `
extend type Query {
  "Incidents with an alert that is shown, the highest score first."
  incidents(statuses: [AlertStatus!], states: [AlertState!], first: Int = 50): [Incident!]!
  "How many of these there are."
  incidentStats(statuses: [AlertStatus!], states: [AlertState!]): IncidentStats!
  "One incident with its alerts; null where this tenant has none of that id."
  incident(incidentId: ID!): Incident
  "What was kept out of sight, and how often people found that it was wrong."
  suppressionStats: SuppressionStats!
  "How well alerts are folded and ranked, by what people said of them."
  noiseStats: NoiseStats!
  "The maintenance windows of the tenant."
  maintenanceWindows: [MaintenanceWindow!]!
  "Which devices depend on which, by parent."
  deviceParents: [DeviceParent!]!
}

"The devices that depend on one: while it is silent, they are under it."
type DeviceParent {
  parentId: ID!
  deviceIds: [ID!]!
  version: Int!
  changedAt: DateTime
  changedBy: String
}

"Related alerts as one matter: as the worst of them is, and open as long as one is."
type Incident {
  incidentId: ID!
  title: String!
  severity: Severity!
  "The highest score of a shown alert."
  score: Float!
  state: AlertState!
  status: AlertStatus!
  "Alerts that are shown, and those that are kept out of sight."
  alerts: Int!
  hidden: Int!
  hosts: Int!
  deviceIds: [ID!]!
  organizationIds: [String!]!
  firstEventTime: DateTime!
  lastEventTime: DateTime!
  "Its alerts in the order they opened, the first 200; null in a list of incidents."
  children: [Alert!]
}

type IncidentStats {
  total: Int!
  byStatus: [AlertStatusCount!]!
  byState: [AlertStateCount!]!
  bySeverity: [SeverityCount!]!
}

"What puts an alert into an incident."
type AlertIncident {
  incidentId: ID!
  "What relates it to another alert of the incident; null for the first."
  edge: IncidentEdge
}

type IncidentEdge {
  "same-device, same-trouble-in-organization, or parent."
  kind: String!
  alertId: ID!
  gapMs: Float!
}

"The receipt of an alert that was kept out of sight."
type Suppression {
  "window, parent or habit."
  by: String!
  policyVersion: Int!
  windowId: ID
  windowVersion: Int
  parentAlertId: ID
  "Milliseconds since the epoch; toMs is null while it goes on."
  fromMs: Float!
  toMs: Float
  "Why it ended: over, goes-on or reported."
  ended: String
  "Until when the silence of a device is usual for it, where that is the reason."
  usualUntilMs: Float
  score: Float!
}

type SuppressionStats {
  hidden: Int!
  byWindow: Int!
  byParent: Int!
  byHabit: Int!
  total: Int!
  sampled: Int!
  reviewed: Int!
  wrong: Int!
  "With Wilson's interval of 95 %; null before the first verdict."
  falseRate: FalseRate
}

type FalseRate {
  rate: Float!
  low: Float!
  high: Float!
}

type NoiseStats {
  reports: Int!
  "Those with a shown alert, and the share of reports that need no look of their own."
  incidents: Int!
  reduction: Float
  "So many incidents of a day, those with the highest scores, are its top."
  topOfDay: Int!
  "Of judged incidents at the top of their day, those that were useful."
  precisionAtTop: JudgedShare!
  "Of useful incidents, those that were not at the top of their day."
  missed: JudgedShare!
  "Of incidents with two judged alerts or more, those with both verdicts."
  overMerged: JudgedShare!
  "Of useful incidents, those with another one within an hour on the same device."
  fragmented: JudgedShare!
}

"Of what people judged, how much was found to be so; the rate is null where nothing was judged."
type JudgedShare {
  found: Int!
  of: Int!
  rate: FalseRate
}

type MaintenanceWindow {
  windowId: ID!
  version: Int!
  title: String!
  start: String!
  timeZone: String!
  durationMs: Float!
  recurrence: String
  deviceIds: [ID!]
  organizationIds: [String!]
  ruleIds: [ID!]
  "When the time that went on then was ended."
  endedAt: DateTime
  "The time that goes on, if one does, and the next ones: three at most."
  times: [WindowTime!]!
  changedAt: DateTime
  changedBy: String
}
`;
