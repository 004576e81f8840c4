import { topics } from '../../contracts/topics.ts';
import type { RoleChild } from '../../services/role-child.ts';
import { type Deployment, kill, signal } from './deployment.ts';
import { metricOf } from './metrics.ts';
import { TransactionWatch } from './open-transactions.ts';
import type { FaultContext } from './scenario.ts';

const lookEveryMs = 5;
/** From when it answers until it has joined its group, has read its state back and commits. */
const restoringMs = 1_500;

interface Target {
  readonly telemetry: RoleChild;
  readonly deployment: Deployment;
  readonly context: FaultContext;
  /** From then on no moment is waited for. */
  readonly over: AbortSignal;
}

/** `kill -9` of telemetry at moments of its life, each of which is seen before the kill. Gives the moments of its kills. */
export class TelemetryKills {
  readonly #target: Target;
  readonly #transaction: TransactionWatch;

  private constructor(target: Target, transaction: TransactionWatch) {
    this.#target = target;
    this.#transaction = transaction;
  }

  static async open(target: Target): Promise<TelemetryKills> {
    const { telemetry, deployment, context } = target;
    const { engines, prefix } = deployment;
    const id = `${prefix}telemetry-${telemetry.name}`;
    // A process commits under both in turn.
    const watch = await TransactionWatch.open(engines.OPENFRAME_KAFKA_BROKERS, [id, `${id}~2`]);
    return new TelemetryKills(target, context.stack.use(watch));
  }

  /**
   * Between the output of a transaction and its commit, with which the offsets become valid: the process stands still
   * while it is looked whether the transaction is open.
   */
  async inTransaction(): Promise<readonly string[]> {
    const { telemetry, context, over } = this.#target;
    while (!over.aborted) {
      const { pid } = telemetry;
      if (pid !== undefined && (await this.#hasOutput()) && signal(pid, 'SIGSTOP')) {
        if ((await this.#hasOutput()) && signal(pid, 'SIGKILL')) return ['telemetryInTransaction'];
        signal(pid, 'SIGCONT');
      }
      await context.clock.sleep(lookEveryMs);
    }
    return [];
  }

  /** At work, and then again once it answers and before it has committed anything; as often as that takes. */
  async restoring(): Promise<readonly string[]> {
    const { telemetry, context, over } = this.#target;
    const { clock, random } = context;
    const kills: string[] = [];
    while (!over.aborted) {
      const { pid } = telemetry;
      if (kill(telemetry)) kills.push(telemetry.name);
      while (!over.aborted && (telemetry.pid === pid || (await this.#records()) === undefined)) {
        await clock.sleep(lookEveryMs);
      }
      await clock.sleep(random.below(restoringMs));
      if ((await this.#records()) === 0 && kill(telemetry)) return [...kills, 'telemetryRestoring'];
    }
    return kills;
  }

  #hasOutput(): Promise<boolean> {
    return this.#transaction.hasWritten(`${this.#target.deployment.prefix}${topics.enriched}`);
  }

  /** What this life of the process has read and committed; undefined where it does not answer yet. */
  async #records(): Promise<number | undefined> {
    const series = 'openframe_pipeline_records_in{pipeline="telemetry"}';
    try {
      return (await metricOf(await this.#target.telemetry.listening, series)) ?? 0;
    } catch {
      return undefined;
    }
  }
}
