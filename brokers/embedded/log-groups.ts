import type { DatabaseSync } from 'node:sqlite';

import { OpenFrameError } from '../../contracts/errors.ts';
import type { ConsumedPosition } from '../../streams/source.ts';
import { AckLedger } from './ack-ledger.ts';

export const groupsSchema = `
  CREATE TABLE claims (
    group_name TEXT NOT NULL, topic TEXT NOT NULL, epoch INTEGER NOT NULL,
    PRIMARY KEY (group_name, topic)) WITHOUT ROWID;
  CREATE TABLE offsets (
    group_name TEXT NOT NULL, topic TEXT NOT NULL, partition INTEGER NOT NULL, committed_offset INTEGER NOT NULL,
    PRIMARY KEY (group_name, topic, partition)) WITHOUT ROWID;`;

/** A partition in the hands of one member. */
export interface Assignment {
  readonly group: string;
  readonly topic: string;
  readonly partition: number;
  readonly revoked: AbortSignal;
  /** Grows with each assignment and each nack: what was read under an older one is void. */
  generation: number;
  /** What was handed out under this generation. */
  ledger: AckLedger;
  /** The offset to read next. */
  position: number;
}

/** One open source of a group; it only needs to be told apart. */
export interface Member {
  readonly group: string;
  readonly topics: readonly string[];
}

interface Owned {
  readonly assignment: Assignment;
  readonly controller: AbortController;
  readonly member: Member;
}

/** All members' partitions of one topic in one group. */
interface Claim {
  readonly group: string;
  readonly topic: string;
  readonly members: Member[];
  readonly owned: (Owned | undefined)[];
  epoch: number;
  /** The next assignment's. */
  generation: number;
  /** Another log object has taken the group over: nothing of this claim may commit. */
  fenced: boolean;
}

/** Room for a log object's own generations between two epochs, so that no two objects use the same. */
const generationsPerEpoch = 2 ** 22;

/**
 * Who reads what. Within one log object the members of a group share a topic's partitions, each keeping what
 * it has where it can. Between log objects on one file the newest to open a source takes the topic over:
 * each claim raises the stored epoch, and a commit under an older one is refused.
 */
export class LogGroups {
  readonly #db: DatabaseSync;
  readonly #partitionCount: (topic: string) => number;
  readonly #claims = new Map<string, Claim>();

  constructor(db: DatabaseSync, partitionCount: (topic: string) => number) {
    this.#db = db;
    this.#partitionCount = partitionCount;
  }

  join(member: Member): void {
    for (const topic of member.topics) {
      const claim = this.#claim(member.group, topic);
      const raised = this.#raiseEpoch(claim);
      if (claim.fenced) for (let p = 0; p < claim.owned.length; p++) this.#release(claim, p);
      claim.epoch = raised;
      claim.generation = Math.max(claim.generation, raised * generationsPerEpoch);
      claim.fenced = false;
      claim.members.push(member);
      this.#share(claim);
    }
  }

  leave(member: Member): void {
    for (const topic of member.topics) {
      const claim = this.#claim(member.group, topic);
      const at = claim.members.indexOf(member);
      if (at < 0) continue;
      claim.members.splice(at, 1);
      if (!claim.fenced) this.#share(claim);
    }
  }

  /** The partitions that are this member's now. */
  assignments(member: Member): Assignment[] {
    return member.topics.flatMap((topic) => {
      const owned = this.#claims.get(claimKey(member.group, topic))?.owned ?? [];
      return owned
        .filter((o) => o?.member === member)
        .flatMap((o) => (o === undefined ? [] : [o.assignment]));
    });
  }

  /** The assignment that a position was read under; undefined once that has ended. */
  current(position: ConsumedPosition): Assignment | undefined {
    const claim = this.#claims.get(claimKey(position.group, position.topic));
    const assignment = claim?.owned[position.partition]?.assignment;
    return assignment?.generation === position.generation && claim?.fenced === false ? assignment : undefined;
  }

  /** Another log object wrote: ends the assignments of every topic that it took over. */
  checkEpochs(): void {
    if (this.#claims.size === 0) return;
    for (const row of this.#db.prepare('SELECT * FROM claims').all()) {
      const claim = this.#claims.get(claimKey(String(row['group_name']), String(row['topic'])));
      if (claim === undefined || claim.fenced || claim.epoch === Number(row['epoch'])) continue;
      claim.fenced = true;
      for (let p = 0; p < claim.owned.length; p++) this.#release(claim, p);
    }
  }

  /** Hands the partition out again from its committed offset; all that was read before is void. */
  redeliver(assignment: Assignment): void {
    const { group, topic, partition } = assignment;
    const committed = this.#committed(group, topic, partition);
    assignment.generation = this.#claim(group, topic).generation++;
    assignment.position = committed;
    assignment.ledger = new AckLedger(committed);
  }

  #claim(group: string, topic: string): Claim {
    const key = claimKey(group, topic);
    const known = this.#claims.get(key);
    if (known !== undefined) return known;
    const owned = new Array<Owned | undefined>(this.#partitionCount(topic)).fill(undefined);
    const claim = { group, topic, members: [], owned, epoch: 0, generation: 0, fenced: false };
    this.#claims.set(key, claim);
    return claim;
  }

  #raiseEpoch(claim: Claim): number {
    const row = this.#db
      .prepare(
        `INSERT INTO claims VALUES (?, ?, 1) ON CONFLICT DO UPDATE SET epoch = epoch + 1 RETURNING epoch`,
      )
      .get(claim.group, claim.topic);
    const epoch = Number(row?.['epoch']);
    if (claim.epoch > 0 && epoch !== claim.epoch + 1) claim.fenced = true;
    return epoch;
  }

  /** Gives free partitions to whoever has fewest, then evens out; a member keeps what it can. */
  #share(claim: Claim): void {
    const { members, owned } = claim;
    owned.forEach((o, p) => {
      if (o !== undefined && !members.includes(o.member)) this.#release(claim, p);
    });
    if (members.length === 0) return;
    const partitionsOf = (member: Member): number[] =>
      owned.flatMap((o, p) => (o?.member === member ? [p] : []));
    const byLoad = (): Member[] =>
      [...members].sort((a, b) => partitionsOf(a).length - partitionsOf(b).length);
    owned.forEach((o, p) => {
      const least = byLoad()[0];
      if (o === undefined && least !== undefined) this.#assign(claim, p, least);
    });
    for (;;) {
      const ordered = byLoad();
      const least = ordered[0];
      const most = ordered.at(-1);
      const surplus = most === undefined ? [] : partitionsOf(most);
      const moved = surplus.at(-1);
      if (least === undefined || moved === undefined || surplus.length - partitionsOf(least).length <= 1)
        return;
      this.#release(claim, moved);
      this.#assign(claim, moved, least);
    }
  }

  #assign(claim: Claim, partition: number, member: Member): void {
    const { group, topic } = claim;
    const position = this.#committed(group, topic, partition);
    const controller = new AbortController();
    const assignment: Assignment = {
      group,
      topic,
      partition,
      position,
      generation: claim.generation++,
      ledger: new AckLedger(position),
      revoked: controller.signal,
    };
    claim.owned[partition] = { assignment, controller, member };
  }

  #committed(group: string, topic: string, partition: number): number {
    const row = this.#db
      .prepare('SELECT committed_offset FROM offsets WHERE group_name = ? AND topic = ? AND partition = ?')
      .get(group, topic, partition);
    return Number(row?.['committed_offset'] ?? 0);
  }

  #release(claim: Claim, partition: number): void {
    claim.owned[partition]?.controller.abort(revokedError(claim.topic, partition));
    claim.owned[partition] = undefined;
  }
}

export function revokedError(topic: string, partition: number): OpenFrameError {
  const what = `Partition ${partition} of ${topic} was assigned anew or delivered again since this was read`;
  return new OpenFrameError('BATCH_REVOKED', `${what}: discard what was made of it.`);
}

function claimKey(group: string, topic: string): string {
  return JSON.stringify([group, topic]);
}
