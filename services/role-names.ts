/** The roles of the distributed profile, in the order of the data's way. */
export const roleNames = ['gateway', 'connectors', 'relay', 'telemetry', 'sink', 'alerts', 'query'] as const;
export type RoleName = (typeof roleNames)[number];

/** What a process of the role `sink` writes: all, or those of `--only`. */
export const sinkNames = ['event-log', 'analytics', 'devices', 'alert-store'] as const;
export type SinkName = (typeof sinkNames)[number];
