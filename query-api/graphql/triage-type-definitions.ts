/** The part of the schema that is about triage of incidents. */
export const triageTypeDefinitions = `
extend type Query {
  "What a model made of an incident before, else the deterministic triage; asks no model. Null where this tenant has no such incident."
  incidentTriage(incidentId: ID!): Triage
}

extend type Mutation {
  "Has the model asked about an incident, unless it was asked about the same evidence. Roles technician, operator, admin."
  triageIncident(incidentId: ID!): Triage!
}

"What is made of an incident's evidence. Every claim cites rows of it."
type Triage {
  incidentId: ID!
  "deterministic, or the model's name."
  madeBy: String!
  madeAt: DateTime!
  summary: [Claim!]!
  "The most likely first."
  hypotheses: [Hypothesis!]!
  nextCheck: Claim
  "Why the cause cannot be told from this evidence; null where it can."
  cannotBeTold: String
  "Claims that were taken out because they cite nothing, or what is not among the evidence."
  struck: Int!
  evidence: [EvidenceRow!]!
  "Rows that there was no room for."
  leftOut: Int!
  evidenceHash: String!
  "The evidence is as it was when the triage was made."
  current: Boolean!
  "It was made before, and is answered again."
  cached: Boolean!
  "Why a model that was asked did not make it."
  fallback: TriageFallback
  tokens: TriageTokens!
  "The model that can be asked; null where none can."
  model: TriageModel
}

"A statement, and the ids of the rows that it rests on. May hold text from a device."
type Claim {
  text: String!
  evidence: [ID!]!
}

type Hypothesis {
  cause: String!
  "likely, possible or unlikely."
  likelihood: String!
  because: [Claim!]!
}

type EvidenceRow {
  id: ID!
  "alert, edge, receipt, device or event."
  kind: String!
  text: String!
  alertId: ID
  deviceId: ID
  eventId: ID
  at: DateTime
}

type TriageFallback {
  "no-key, budget-gone, refused, overloaded, malformed, unfounded, timed-out, unreachable or not-allowed."
  reason: String!
  message: String!
}

type TriageTokens {
  input: Int!
  output: Int!
  "In US dollars, where the model's prices are set."
  costUsd: Float
}

type TriageModel {
  name: String!
  "Of the tenant's budget, for the rest of the day (UTC)."
  tokensLeft: Int!
}
`;
