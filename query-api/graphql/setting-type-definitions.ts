/** The part of the schema that changes rules and maintenance windows. */
export const settingTypeDefinitions = `
extend type Mutation {
  "Put a rule in the place of the one with its id; in force within 5 s."
  setAlertRule(rule: AlertRuleInput!): AlertRule!
  "Take the tenant's rule away; a default one is back in its place. The rules that are left."
  removeAlertRule(ruleId: ID!): [AlertRule!]!
  "What a rule would have done on the stored stream; nothing is changed."
  testAlertRule(rule: AlertRuleInput!, hours: Int = 24): RuleTrial!
  "Plan a window, in the place of the one with its id."
  setMaintenanceWindow(window: MaintenanceWindowInput!): MaintenanceWindow!
  "End the time that goes on; later ones stay planned."
  endMaintenanceWindow(windowId: ID!): MaintenanceWindow!
  "Take a window away. The windows that are left."
  removeMaintenanceWindow(windowId: ID!): [MaintenanceWindow!]!
  "Say which devices depend on one, in the place of those before."
  setDeviceParent(parent: DeviceParentInput!): DeviceParent!
  "Let nothing depend on a device. The parents that are left."
  removeDeviceParent(parentId: ID!): [DeviceParent!]!
}

"\`detect\` is as REST has it."
input AlertRuleInput {
  ruleId: ID!
  title: String!
  severity: Severity!
  enabled: Boolean = true
  organizationIds: [String!]
  deviceIds: [ID!]
  detect: JSON!
}

input DeviceParentInput {
  parentId: ID!
  deviceIds: [ID!]!
}

input MaintenanceWindowInput {
  windowId: ID!
  title: String!
  "By the clocks of timeZone, without a zone: 2026-02-05T22:00:00."
  start: String!
  timeZone: String = "UTC"
  durationMs: Float!
  "An RRULE of days, weeks, months or years; without it the window is once."
  recurrence: String
  deviceIds: [ID!]
  organizationIds: [String!]
  ruleIds: [ID!]
}

type WindowTime {
  start: DateTime!
  end: DateTime!
}

"The same events with the rules in force and with the rule in its place."
type RuleTrial {
  ruleId: ID!
  events: Float!
  fromMs: Float
  toMs: Float
  alertsBefore: Int!
  alertsAfter: Int!
  gained: [TriedAlert!]!
  lost: [TriedAlert!]!
  "Alerts that people called useful and that would not have come."
  missed: [MissedAlert!]!
}

type TriedAlert {
  title: String!
  severity: Severity!
  score: Float!
  count: Int!
  hosts: Int!
  firstEventTimeMs: Float!
  lastEventTimeMs: Float!
}

type MissedAlert {
  alertId: ID!
  title: String!
}
`;
