import type { Alert } from '../contracts/alert.ts';
import { incidentsOf, type WholeIncident } from './incidents.ts';

/**
 * A tenant's alerts as they are answered, and what they come to as incidents: made once for all who ask until an alert
 * changes, or a snooze ends. Nobody may change what it gives.
 */
export class FoldedAlerts {
  readonly alerts: readonly Alert[];
  readonly #fromMs: number;
  readonly #untilMs: number;
  #incidents: readonly WholeIncident[] | undefined;

  /** The alerts as they are at `nowMs`. */
  constructor(alerts: readonly Alert[], nowMs: number) {
    this.alerts = alerts;
    this.#fromMs = nowMs;
    this.#untilMs = alerts.reduce(
      (first, { snoozedUntilMs }) => Math.min(first, snoozedUntilMs ?? Infinity),
      Infinity,
    );
  }

  /** In the order of their first alerts. */
  get incidents(): readonly WholeIncident[] {
    this.#incidents ??= incidentsOf(this.alerts);
    return this.#incidents;
  }

  /** Whether the alerts, unchanged themselves, are still the same at this moment. */
  holdsAt(nowMs: number): boolean {
    return nowMs >= this.#fromMs && nowMs < this.#untilMs;
  }
}
