/** The part of the schema that is about where incidents are told of, and what was told. */
export const notificationTypeDefinitions = `
extend type Query {
  "The webhooks and mailboxes of the tenant, without their secrets."
  notificationTargets: [NotificationTarget!]!
  "What was told, with every try: the newest 200, one for each incident and target."
  notifications: [Notification!]!
}

extend type Mutation {
  "Tell a webhook or a mailbox of incidents, in the place of the target with its id; a webhook gets a new secret."
  setNotificationTarget(target: NotificationTargetInput!): NewNotificationTarget!
  "Tell a target no more, of what was not told yet either. The targets that are left."
  removeNotificationTarget(targetId: ID!): [NotificationTarget!]!
  "Tell a target that this is a test. How it went stands among the notifications."
  testNotificationTarget(targetId: ID!): Notification!
}

"A webhook has a url, a mailbox an address."
input NotificationTargetInput {
  targetId: ID!
  "webhook or email."
  kind: String = "webhook"
  url: String
  address: String
  "WARNING, ERROR or CRITICAL: incidents with a shown alert of at least that."
  minSeverity: Severity = ERROR
  minScore: Float = 0
  enabled: Boolean = true
}

type NotificationTarget {
  targetId: ID!
  kind: String!
  url: String
  address: String
  minSeverity: Severity!
  minScore: Float!
  enabled: Boolean!
  version: Int!
  changedAt: DateTime
  changedBy: String
}

type NewNotificationTarget {
  target: NotificationTarget!
  "What requests are signed with: shown this once. Null of a mailbox."
  secret: String
}

"That one incident is told to one target."
type Notification {
  notificationId: ID!
  targetId: ID!
  kind: String!
  incidentId: ID!
  "The alert that it was told for, as it was then."
  alertId: ID!
  title: String!
  severity: Severity!
  score: Float!
  "pending, delivered or failed."
  state: String!
  createdAt: DateTime!
  "Oldest first."
  attempts: [NotificationAttempt!]!
}

type NotificationAttempt {
  at: DateTime!
  "Of HTTP, or the reply code of SMTP; null where there was no answer."
  status: Int
  error: String
}
`;
