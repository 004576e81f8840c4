import type { Clock } from '../../streams/clock.ts';
import type { ConsumedPosition, Source } from '../../streams/source.ts';
import { Assignment, revokedError } from './assignment.ts';
import type { KafkaClient, KafkaMember, Place } from './client.ts';
import { GroupSource } from './group-source.ts';

export interface LogGroupsDeps {
  readonly client: KafkaClient;
  readonly clock: Clock;
  readonly prefix: string;
  readonly instance: string;
  readonly nameOf: (topic: string) => string;
}

/** The partitions that the log's open sources hold, and what of them may still be committed. */
export class LogGroups {
  readonly #deps: LogGroupsDeps;
  readonly #assignments = new Map<string, Assignment>();
  readonly #open = new Set<Source>();
  #generation = 0;

  constructor(deps: LogGroupsDeps) {
    this.#deps = deps;
  }

  async join(group: string, topics: readonly string[]): Promise<Source> {
    const { client, clock, prefix, instance, nameOf } = this.#deps;
    const held: Assignment[] = [];
    const early: Place[] = [];
    const assign = (of: KafkaMember, places: readonly Place[]): void => {
      for (const { topic, partition } of places) {
        const name = topic.slice(prefix.length);
        const assignment = new Assignment(of, name, partition, this.#generation++);
        held.push(assignment);
        this.#assignments.set(keyOf(group, name, partition), assignment);
      }
    };
    const joined: { member?: KafkaMember } = {};
    const member = await client.join(
      { group: prefix + group, topics: topics.map(nameOf), instance },
      {
        assigned: (places) => {
          if (joined.member === undefined) early.push(...places);
          else assign(joined.member, places);
        },
        revoked: (places) => {
          remove(early, places);
          for (const assignment of heldBy(held, places, nameOf)) this.#release(group, held, assignment);
        },
      },
    );
    joined.member = member;
    assign(member, early);
    const source: Source = new GroupSource({
      clock,
      group,
      topics,
      member,
      assignments: () => held,
      nameOf,
      nextGeneration: () => this.#generation++,
      onClose: async () => {
        this.#open.delete(source);
        for (const assignment of [...held]) this.#release(group, held, assignment);
        await member[Symbol.asyncDispose]();
      },
    });
    this.#open.add(source);
    return source;
  }

  /** The assignment that a position was read under. Throws `BATCH_REVOKED` once that has ended. */
  current(position: ConsumedPosition): Assignment {
    const { group, topic, partition, generation } = position;
    const assignment = this.#assignments.get(keyOf(group, topic, partition));
    if (assignment?.generation === generation && !assignment.revoked.aborted) return assignment;
    throw revokedError(topic, partition);
  }

  async close(): Promise<void> {
    await Promise.all([...this.#open].map(async (source) => source[Symbol.asyncDispose]()));
  }

  #release(group: string, held: Assignment[], assignment: Assignment): void {
    held.splice(held.indexOf(assignment), 1);
    const key = keyOf(group, assignment.topic, assignment.partition);
    if (this.#assignments.get(key) === assignment) this.#assignments.delete(key);
    assignment.revoke();
  }
}

function heldBy(held: readonly Assignment[], places: readonly Place[], nameOf: (topic: string) => string) {
  return held.filter(({ topic, partition }) =>
    places.some((place) => place.topic === nameOf(topic) && place.partition === partition),
  );
}

function remove(from: Place[], places: readonly Place[]): void {
  const left = from.filter((a) => !places.some((b) => a.topic === b.topic && a.partition === b.partition));
  from.splice(0, from.length, ...left);
}

function keyOf(group: string, topic: string, partition: number): string {
  return `${partition} ${topic} ${group}`;
}
