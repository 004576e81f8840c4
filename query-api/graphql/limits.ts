import { alertDeeds } from '../questions/alert-actions.ts';

/** What one operation may be. The token limit and the size of the body cut before anything is built. */
export const graphLimits = {
  /** Of the request's body, bytes. */
  bodyBytes: 64 * 1024,
  /** Of the document: names, punctuation and values. */
  tokens: 4_000,
  /** Of nesting; a field of the operation has depth 1. The usual introspection needs 15. */
  depth: 16,
  aliases: 30,
  /** Questions of one operation. */
  rootFields: 20,
  directives: 50,
  /** Fields, with each fragment counted wherever it is spread. */
  fields: 2_000,
  /** See `questionCosts`. */
  cost: 10_000,
} as const;

/**
 * What a question costs, for the work of the store. The session alone costs nothing: it is in the token. A list's rows
 * multiply what stands below it.
 */
export const questionCosts: Readonly<Record<string, number>> = {
  event: 5,
  events: 20,
  eventFacets: 200,
  eventStats: 200,
  device: 1,
  devices: 10,
  deviceFacets: 20,
  metricSeries: 200,
  pipelines: 10,
  completeness: 10,
  alert: 5,
  alerts: 20,
  alertStats: 20,
  alertRules: 20,
  /** Each of these goes over all alerts of the tenant. */
  incident: 20,
  incidents: 20,
  incidentStats: 20,
  suppressionStats: 20,
  noiseStats: 20,
  eventAdded: 10,
  pipelineStats: 10,
  alertChanged: 20,
  setAlertRule: 20,
  removeAlertRule: 20,
  /** It reads the log. */
  testAlertRule: 2_000,
  /** They read events of a few devices; the change asks a model. */
  incidentTriage: 200,
  triageIncident: 2_000,
  maintenanceWindows: 20,
  setMaintenanceWindow: 20,
  endMaintenanceWindow: 20,
  removeMaintenanceWindow: 20,
  deviceParents: 20,
  setDeviceParent: 20,
  removeDeviceParent: 20,
  notificationTargets: 20,
  setNotificationTarget: 20,
  removeNotificationTarget: 20,
  testNotificationTarget: 20,
  notifications: 200,
  ...Object.fromEntries(alertDeeds.map(({ name }) => [`${name}Alert`, 20])),
};

/** What a field below a question costs, 0 where it is not named: a row's lookup counts for one read. */
export const fieldCosts: Readonly<Record<string, number>> = {
  totalCount: 100,
  device: 1,
  terms: 1,
  steps: 5,
  data: 5,
  edges: 1,
  nodes: 1,
  node: 1,
  children: 1,
};

/** The lists whose size an argument says, with the size where it is not given, and an incident, which has so many alerts at most. */
export const pageFields: Readonly<Record<string, number>> = {
  events: 50,
  devices: 50,
  alerts: 50,
  incident: 200,
};
/** The lists whose rows stand below `edges`, `nodes` and `children`. */
export const rowFields: ReadonlySet<string> = new Set(['edges', 'nodes', 'children']);
